import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import ago, confirm, consume, create_reservation, release

RELEASED = pb.Reservation.STATE_RELEASED


@pytest.mark.parametrize("paid", [False, True], ids=["active", "confirmed"])
async def test_stock_that_is_given_back_can_be_sold_again(
    warehouse: Warehouse, location: pb.Location, *, paid: bool
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 5})
    )
    if paid:
        await warehouse.order.ConfirmReservation(confirm(reservation))

    released = await warehouse.order.ReleaseReservation(release(reservation))

    level = await warehouse.level(location, variant_id)
    assert released.state == RELEASED
    assert (level.quantity, level.reserved) == (5, 0)


async def test_what_was_given_back_is_logged(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 3})
    )

    await warehouse.order.ReleaseReservation(release(reservation))

    *_, movement = await warehouse.movements(variant_id)
    assert movement.action == pb.StockMovement.ACTION_RELEASE
    assert (movement.reserved_before, movement.reserved_after) == (3, 0)
    assert (movement.actor, movement.reservation_id) == ("service:order", reservation.id)


async def test_a_released_one_stays_as_it_is(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 1})
    )
    first = await warehouse.order.ReleaseReservation(release(reservation))

    assert await warehouse.order.ReleaseReservation(release(reservation)) == first


async def test_an_expired_one_stays_as_it_is(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 1}, expire_time=ago(minutes=1))
    )
    await warehouse.expire(ago())

    released = await warehouse.order.ReleaseReservation(release(reservation))

    assert released.state == pb.Reservation.STATE_EXPIRED
    assert (await warehouse.level(location, variant_id)).reserved == 0


async def test_what_was_shipped_is_not_given_back(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 1})
    )
    await warehouse.order.ConfirmReservation(confirm(reservation))
    await warehouse.order.ConsumeReservation(consume(reservation))

    with refused("RESERVATION_NOT_RELEASABLE", state="consumed"):
        await warehouse.order.ReleaseReservation(release(reservation))


async def test_an_owner_without_one_is_not_found(warehouse: Warehouse) -> None:
    with refused("RESERVATION_NOT_FOUND"):
        await warehouse.order.ReleaseReservation(release(pb.Reservation(owner_id=an_id())))


async def test_retries_and_rivals_release_once(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation, _ = [
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 2}))
        for _ in range(2)
    ]
    request = release(reservation)

    first, *others = await asyncio.gather(
        *(warehouse.order.ReleaseReservation(request) for _ in range(8)),
        *(warehouse.order.ReleaseReservation(release(reservation)) for _ in range(8)),
    )

    assert others == [first] * 15
    assert (await warehouse.level(location, variant_id)).reserved == 2


async def test_levels_are_locked_in_the_order_of_their_variants(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variants = sorted((an_id(), an_id()), reverse=True)
    for variant_id in variants:
        await warehouse.stock(location, 5, variant_id=variant_id)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, dict.fromkeys(variants, 1))
    )

    async def work() -> None:
        await warehouse.order.ReleaseReservation(release(reservation))

    assert await warehouse.locks_in_order(variants, work)
