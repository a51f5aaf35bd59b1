"""What happens to reservations when nobody asks."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import VirtualClock, an_id
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import ago, create_reservation


async def reserve(
    warehouse: Warehouse, location: pb.Location, variant_id: str, expire_time: datetime
) -> pb.Reservation:
    return await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 2}, expire_time=expire_time)
    )


async def state_of(warehouse: Warehouse, reservation: pb.Reservation) -> int:
    found = await warehouse.admin.GetReservation(
        pb.GetReservationRequest(reservation_id=reservation.id)
    )
    return found.state


async def test_stock_comes_back_when_time_runs_out_and_not_before(
    warehouse: Warehouse, location: pb.Location
) -> None:
    clock = VirtualClock(datetime.now(UTC))
    variant_id = await warehouse.stock(location, 5)
    await reserve(warehouse, location, variant_id, clock.now + timedelta(hours=1))

    clock.move(timedelta(minutes=59))
    await warehouse.expire(clock.now)
    early = await warehouse.level(location, variant_id)
    clock.move(timedelta(minutes=1))
    await warehouse.expire(clock.now)

    assert (early.reserved, (await warehouse.level(location, variant_id)).reserved) == (2, 0)


async def test_an_expiry_is_signed_by_the_job(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await reserve(warehouse, location, variant_id, ago(minutes=1))

    await warehouse.expire(ago())

    *_, movement = await warehouse.movements(variant_id)
    assert movement.action == pb.StockMovement.ACTION_EXPIRE
    assert (movement.reserved_before, movement.reserved_after) == (2, 0)
    assert movement.actor == "job:expire_reservations"
    assert movement.reservation_id == reservation.id


async def test_all_that_is_due_expires_at_once(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 40)
    for _ in range(20):
        await reserve(warehouse, location, variant_id, ago(minutes=1))

    await warehouse.expire(ago())

    assert (await warehouse.level(location, variant_id)).reserved == 0


async def test_the_running_service_sweeps(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 5)
    reservation = await reserve(warehouse, location, variant_id, ago(minutes=1))

    for sweep in warehouse.app.jobs.sweeps:
        await sweep()

    assert await state_of(warehouse, reservation) == pb.Reservation.STATE_EXPIRED


async def test_one_that_cannot_expire_keeps_no_other_from_it(
    warehouse: Warehouse, location: pb.Location
) -> None:
    broken, sound = await warehouse.stock(location, 5), await warehouse.stock(location, 5)
    first = await reserve(warehouse, location, broken, ago(minutes=2))
    second = await reserve(warehouse, location, sound, ago(minutes=1))
    forget = text("UPDATE stock_levels SET reserved = :reserved WHERE variant_id = :variant")

    await warehouse.app.db.execute(forget, {"reserved": 0, "variant": broken})
    await warehouse.expire(ago())
    states = [await state_of(warehouse, each) for each in (first, second)]
    await warehouse.app.db.execute(forget, {"reserved": 2, "variant": broken})
    await warehouse.expire(ago())

    assert states == [pb.Reservation.STATE_ACTIVE, pb.Reservation.STATE_EXPIRED]
    assert await state_of(warehouse, first) == pb.Reservation.STATE_EXPIRED


async def test_levels_are_locked_in_the_order_of_their_variants(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variants = sorted((an_id(), an_id()), reverse=True)
    for variant_id in variants:
        await warehouse.stock(location, 5, variant_id=variant_id)
    items = dict.fromkeys(variants, 1)
    await warehouse.order.CreateReservation(
        create_reservation(location, items, expire_time=ago(minutes=1))
    )

    assert await warehouse.locks_in_order(variants, lambda: warehouse.expire(ago()))
