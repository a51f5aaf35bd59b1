import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, reason_of, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import ago, confirm, consume, create_reservation, release


async def confirmed(
    warehouse: Warehouse, location: pb.Location, variant_id: str, quantity: int = 1
) -> pb.Reservation:
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: quantity})
    )
    return await warehouse.order.ConfirmReservation(confirm(reservation))


async def test_what_is_shipped_leaves_the_shelf(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await confirmed(warehouse, location, variant_id, 3)

    consumed = await warehouse.order.ConsumeReservation(consume(reservation))

    level = await warehouse.level(location, variant_id)
    assert consumed.state == pb.Reservation.STATE_CONSUMED
    assert (level.quantity, level.reserved, level.available) == (2, 0, 2)


async def test_what_is_shipped_is_logged(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await confirmed(warehouse, location, variant_id, 3)

    await warehouse.order.ConsumeReservation(consume(reservation))

    *_, movement = await warehouse.movements(variant_id)
    assert movement.action == pb.StockMovement.ACTION_FULFIL
    assert (movement.quantity_before, movement.quantity_after) == (5, 2)
    assert (movement.reserved_before, movement.reserved_after) == (3, 0)
    assert movement.reservation_id == reservation.id


async def test_shipping_again_changes_nothing(warehouse: Warehouse, location: pb.Location) -> None:
    reservation = await confirmed(warehouse, location, await warehouse.stock(location, 5))
    first = await warehouse.order.ConsumeReservation(consume(reservation))

    assert await warehouse.order.ConsumeReservation(consume(reservation)) == first


@pytest.mark.parametrize("state", ["active", "released", "expired"])
async def test_only_what_was_paid_is_shipped(
    warehouse: Warehouse, location: pb.Location, state: str
) -> None:
    variant_id = await warehouse.stock(location, 5)
    expire_time = ago(minutes=1 if state == "expired" else -60)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 1}, expire_time=expire_time)
    )
    if state == "released":
        await warehouse.order.ReleaseReservation(release(reservation))
    await warehouse.expire(ago())

    with refused("RESERVATION_NOT_CONFIRMED", state=state):
        await warehouse.order.ConsumeReservation(consume(reservation))


async def test_an_owner_without_one_is_not_found(warehouse: Warehouse) -> None:
    with refused("RESERVATION_NOT_FOUND"):
        await warehouse.order.ConsumeReservation(consume(pb.Reservation(owner_id=an_id())))


async def test_a_retry_ships_once(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    request = consume(await confirmed(warehouse, location, variant_id, 2))

    first, *retries = await asyncio.gather(
        *(warehouse.order.ConsumeReservation(request) for _ in range(8))
    )

    assert retries == [first] * 7
    assert (await warehouse.level(location, variant_id)).quantity == 3


async def test_of_shipping_and_release_that_race_one_wins(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await confirmed(warehouse, location, variant_id, 2)

    outcomes = await asyncio.gather(
        warehouse.order.ConsumeReservation(consume(reservation)),
        warehouse.order.ReleaseReservation(release(reservation)),
        return_exceptions=True,
    )

    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    level = await warehouse.level(location, variant_id)
    assert (reason_of(refusal), level.quantity, level.reserved) in (
        ("RESERVATION_NOT_RELEASABLE", 3, 0),
        ("RESERVATION_NOT_CONFIRMED", 5, 0),
    )
