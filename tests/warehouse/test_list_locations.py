from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import refused
from tests.warehouse.conftest import Warehouse


async def test_locations_are_listed_newest_first_by_page(warehouse: Warehouse) -> None:
    oldest, *newer = [await warehouse.location() for _ in range(3)]

    page = await warehouse.admin.ListLocations(pb.ListLocationsRequest(page_size=2))
    rest = await warehouse.admin.ListLocations(
        pb.ListLocationsRequest(page_size=1, page_token=page.next_page_token)
    )

    assert list(page.locations) == newer[::-1]
    assert list(rest.locations) == [oldest]


async def test_a_token_that_no_list_gave_out_is_refused(warehouse: Warehouse) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await warehouse.admin.ListLocations(pb.ListLocationsRequest(page_token="bogus"))
