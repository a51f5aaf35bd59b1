import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, reason_of, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import ago, confirm, consume, create_reservation, release

CONFIRMED = pb.Reservation.STATE_CONFIRMED


async def reserve(
    warehouse: Warehouse, location: pb.Location, variant_id: str, quantity: int = 1
) -> pb.Reservation:
    return await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: quantity})
    )


async def expired(
    warehouse: Warehouse, location: pb.Location, variant_id: str, quantity: int
) -> pb.Reservation:
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: quantity}, expire_time=ago(minutes=1))
    )
    await warehouse.expire(ago())
    return reservation


async def test_a_paid_reservation_is_kept_for_good(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 2}, expire_time=ago(seconds=-30))
    )

    confirmed = await warehouse.order.ConfirmReservation(confirm(reservation))
    await warehouse.expire(ago(minutes=-10))

    assert confirmed.state == CONFIRMED
    assert (await warehouse.level(location, variant_id)).reserved == 2


async def test_confirming_again_changes_nothing(
    warehouse: Warehouse, location: pb.Location
) -> None:
    reservation = await reserve(warehouse, location, await warehouse.stock(location, 5))

    first = await warehouse.order.ConfirmReservation(confirm(reservation))

    assert await warehouse.order.ConfirmReservation(confirm(reservation)) == first


async def test_an_expired_one_is_set_aside_anew(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await expired(warehouse, location, variant_id, 5)

    confirmed = await warehouse.order.ConfirmReservation(confirm(reservation))

    assert confirmed.state == CONFIRMED
    assert (await warehouse.level(location, variant_id)).reserved == 5
    assert (await warehouse.movements(variant_id))[-1].action == pb.StockMovement.ACTION_RESERVE


async def test_an_expired_one_whose_stock_went_to_others_is_refused(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await expired(warehouse, location, variant_id, 3)
    await reserve(warehouse, location, variant_id, 3)

    with refused("OUT_OF_STOCK", variant_id=variant_id, available="2"):
        await warehouse.order.ConfirmReservation(confirm(reservation))

    found = await warehouse.admin.GetReservation(
        pb.GetReservationRequest(reservation_id=reservation.id)
    )
    assert found.state == pb.Reservation.STATE_EXPIRED


async def test_of_expired_rivals_for_the_last_stock_one_is_confirmed(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 4)
    rivals = [await expired(warehouse, location, variant_id, 3) for _ in range(6)]

    outcomes = await asyncio.gather(
        *(warehouse.order.ConfirmReservation(confirm(rival)) for rival in rivals),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert list(map(reason_of, refusals)) == ["OUT_OF_STOCK"] * 5
    assert (await warehouse.level(location, variant_id)).reserved == 3


@pytest.mark.parametrize("state", ["released", "consumed"])
async def test_one_that_ended_is_not_confirmed(
    warehouse: Warehouse, location: pb.Location, state: str
) -> None:
    reservation = await reserve(warehouse, location, await warehouse.stock(location, 5))
    if state == "released":
        await warehouse.order.ReleaseReservation(release(reservation))
    else:
        await warehouse.order.ConfirmReservation(confirm(reservation))
        await warehouse.order.ConsumeReservation(consume(reservation))

    with refused("RESERVATION_NOT_CONFIRMABLE", state=state):
        await warehouse.order.ConfirmReservation(confirm(reservation))


async def test_an_owner_without_one_is_not_found(warehouse: Warehouse) -> None:
    owner_id = an_id()

    with refused("RESERVATION_NOT_FOUND", owner_id=owner_id):
        await warehouse.order.ConfirmReservation(confirm(pb.Reservation(owner_id=owner_id)))


async def test_a_retry_confirms_once(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 10)
    request = confirm(await expired(warehouse, location, variant_id, 3))

    first, *retries = await asyncio.gather(
        *(warehouse.order.ConfirmReservation(request) for _ in range(8))
    )

    assert retries == [first] * 7
    assert (await warehouse.level(location, variant_id)).reserved == 3


async def test_of_payment_and_expiry_that_race_the_payment_keeps_the_stock(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 1)
    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 1}, expire_time=ago(minutes=1))
    )

    await asyncio.gather(
        *(warehouse.expire(ago()) for _ in range(4)),
        warehouse.order.ConfirmReservation(confirm(reservation)),
    )

    assert (await warehouse.level(location, variant_id)).reserved == 1
