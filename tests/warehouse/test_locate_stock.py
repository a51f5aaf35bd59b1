from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, invalid, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import create_reservation, locate_stock


async def pair(warehouse: Warehouse) -> tuple[pb.Location, pb.Location]:
    """Two locations, the second made first, so that codes and age disagree."""
    code = an_id()[:8].upper()
    second = await warehouse.location(code=f"{code}-2")
    return await warehouse.location(code=f"{code}-1"), second


async def test_the_first_location_by_code_that_has_everything_is_found(
    warehouse: Warehouse,
) -> None:
    first, second = await pair(warehouse)
    shirt, cap = await warehouse.stock(second, 5), await warehouse.stock(second, 5)
    await warehouse.stock(first, 5, variant_id=shirt)
    await warehouse.stock(first, 5, variant_id=cap)

    assert await warehouse.order.LocateStock(locate_stock({shirt: 5, cap: 1})) == first


async def test_a_location_without_one_of_the_items_is_passed_over(warehouse: Warehouse) -> None:
    first, second = await pair(warehouse)
    shirt, cap = await warehouse.stock(second, 5), await warehouse.stock(second, 5)
    await warehouse.stock(first, 5, variant_id=shirt)

    assert await warehouse.order.LocateStock(locate_stock({shirt: 5, cap: 1})) == second


async def test_stock_that_is_set_aside_is_not_there(warehouse: Warehouse) -> None:
    first, second = await pair(warehouse)
    variant_id = await warehouse.stock(first, 5)
    await warehouse.stock(second, 5, variant_id=variant_id)
    await warehouse.order.CreateReservation(create_reservation(first, {variant_id: 1}))

    assert await warehouse.order.LocateStock(locate_stock({variant_id: 5})) == second


async def test_inactive_locations_sell_nothing(warehouse: Warehouse) -> None:
    closed = await warehouse.location(active=False)
    variant_id = await warehouse.stock(closed, 5)

    with refused("OUT_OF_STOCK", variant_id=variant_id):
        await warehouse.order.LocateStock(locate_stock({variant_id: 1}))


async def test_the_variant_that_no_location_has_enough_of_is_named(warehouse: Warehouse) -> None:
    first, second = await pair(warehouse)
    scarce = await warehouse.stock(first, 4)
    await warehouse.stock(second, 4, variant_id=scarce)
    plenty = await warehouse.stock(second, 5)

    with refused("OUT_OF_STOCK", variant_id=scarce):
        await warehouse.order.LocateStock(locate_stock({plenty: 5, scarce: 5}))


async def test_where_items_lie_apart_the_one_missing_at_the_best_location_is_named(
    warehouse: Warehouse,
) -> None:
    first, second = await pair(warehouse)
    apart = await warehouse.stock(first, 5)
    together = [await warehouse.stock(second, 5) for _ in range(2)]

    with refused("OUT_OF_STOCK", variant_id=apart):
        await warehouse.order.LocateStock(locate_stock(dict.fromkeys((*together, apart), 1)))


async def test_each_variant_is_named_once(warehouse: Warehouse) -> None:
    request = locate_stock({an_id(): 1})
    request.items.append(request.items[0])

    with invalid("items"):
        await warehouse.order.LocateStock(request)
