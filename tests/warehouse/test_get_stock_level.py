from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import create_reservation


async def test_a_level_tells_what_can_still_be_had(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 4}))

    level = await warehouse.level(location, variant_id)

    assert (level.quantity, level.reserved, level.available) == (10, 4, 6)


async def test_a_variant_that_was_never_there_is_not_found(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = an_id()

    with refused("STOCK_LEVEL_NOT_FOUND", variant_id=variant_id, location_id=location.id):
        await warehouse.level(location, variant_id)
