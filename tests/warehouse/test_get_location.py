from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, refused
from tests.warehouse.conftest import Warehouse


async def test_staff_read_a_location(warehouse: Warehouse, location: pb.Location) -> None:
    ops = await warehouse.user("ops")

    assert await ops.GetLocation(pb.GetLocationRequest(location_id=location.id)) == location


async def test_an_unknown_location_is_not_found(warehouse: Warehouse) -> None:
    location_id = an_id()

    with refused("LOCATION_NOT_FOUND", location_id=location_id):
        await warehouse.admin.GetLocation(pb.GetLocationRequest(location_id=location_id))
