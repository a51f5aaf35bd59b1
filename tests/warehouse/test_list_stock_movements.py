import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import confirm, consume, create_reservation


async def test_movements_are_listed_newest_first(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    await warehouse.stock(location, -4, variant_id=variant_id)

    found = await warehouse.admin.ListStockMovements(
        pb.ListStockMovementsRequest(variant_id=variant_id)
    )

    assert [movement.quantity_after for movement in found.stock_movements] == [6, 10]


async def test_replaying_the_log_gives_the_stock(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 30)
    reservations = await asyncio.gather(
        *(
            warehouse.order.CreateReservation(create_reservation(location, {variant_id: n}))
            for n in range(1, 6)
        )
    )
    await asyncio.gather(*(warehouse.order.ConfirmReservation(confirm(r)) for r in reservations))
    await warehouse.order.ConsumeReservation(consume(reservations[0]))

    movements = await warehouse.movements(variant_id)

    level = await warehouse.level(location, variant_id)
    quantity = sum(m.quantity_after - m.quantity_before for m in movements)
    reserved = sum(m.reserved_after - m.reserved_before for m in movements)
    assert (quantity, reserved) == (level.quantity, level.reserved) == (29, 14)


async def test_movements_of_a_reservation_are_found(
    warehouse: Warehouse, location: pb.Location
) -> None:
    items = {await warehouse.stock(location, 10): 1, await warehouse.stock(location, 10): 2}
    reservation = await warehouse.order.CreateReservation(create_reservation(location, items))

    found = await warehouse.admin.ListStockMovements(
        pb.ListStockMovementsRequest(reservation_id=reservation.id)
    )

    assert {m.variant_id: m.reserved_after for m in found.stock_movements} == items


async def test_movements_of_a_location_are_found_by_page(
    warehouse: Warehouse, location: pb.Location
) -> None:
    first, second, third = [await warehouse.stock(location, 1) for _ in range(3)]

    page = await warehouse.admin.ListStockMovements(
        pb.ListStockMovementsRequest(location_id=location.id, page_size=2)
    )
    rest = await warehouse.admin.ListStockMovements(
        pb.ListStockMovementsRequest(location_id=location.id, page_token=page.next_page_token)
    )

    assert [m.variant_id for m in page.stock_movements] == [third, second]
    assert [m.variant_id for m in rest.stock_movements] == [first]
    assert not rest.next_page_token


async def test_a_token_that_no_list_gave_out_is_refused(warehouse: Warehouse) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await warehouse.admin.ListStockMovements(pb.ListStockMovementsRequest(page_token="bogus"))


@pytest.mark.parametrize("role", ["buyer", "seller", "factory"])
async def test_the_log_is_for_staff(warehouse: Warehouse, role: str) -> None:
    user = await warehouse.user(role)

    with refused("ROLE_REQUIRED"):
        await user.ListStockMovements(pb.ListStockMovementsRequest())
