import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import adjust_stock

KINDS = {"seller": pb.STOCK_OWNER_KIND_SELLER, "factory": pb.STOCK_OWNER_KIND_FACTORY}


def listed(**filters: str) -> pb.ListStockLevelsRequest:
    return pb.ListStockLevelsRequest(**filters)  # type: ignore[arg-type]


async def test_staff_see_everybodys_stock_newest_first(
    warehouse: Warehouse, location: pb.Location
) -> None:
    platforms = await warehouse.stock(location, 1)
    sellers = await warehouse.admin.AdjustStock(
        adjust_stock(location, an_id(), 1, owner_kind=KINDS["seller"], owner_id=an_id())
    )

    found = await warehouse.admin.ListStockLevels(listed(location_id=location.id))

    assert [level.variant_id for level in found.stock_levels] == [sellers.variant_id, platforms]


@pytest.mark.parametrize("role", ["seller", "factory"])
async def test_an_organization_sees_its_own_stock_only(
    warehouse: Warehouse, location: pb.Location, role: str
) -> None:
    org_id = an_id()
    owner = {"owner_kind": KINDS[role], "owner_id": org_id}
    own = await warehouse.admin.AdjustStock(adjust_stock(location, an_id(), 1, **owner))
    await warehouse.stock(location, 1)
    await warehouse.admin.AdjustStock(
        adjust_stock(location, an_id(), 1, owner_kind=KINDS[role], owner_id=an_id())
    )
    user = await warehouse.user(role, org_id=org_id)

    found = await user.ListStockLevels(listed(location_id=location.id))

    assert list(found.stock_levels) == [own]


@pytest.mark.parametrize("role", ["seller", "factory"])
async def test_who_belongs_to_no_organization_sees_nothing(
    warehouse: Warehouse, location: pb.Location, role: str
) -> None:
    await warehouse.stock(location, 1)
    user = await warehouse.user(role)

    with refused("ORGANIZATION_REQUIRED"):
        await user.ListStockLevels(listed())


async def test_a_variant_is_found_at_all_its_locations(warehouse: Warehouse) -> None:
    first, second = await warehouse.location(), await warehouse.location()
    variant_id = await warehouse.stock(first, 1)
    await warehouse.stock(second, 2, variant_id=variant_id)
    await warehouse.stock(second, 3)

    found = await warehouse.admin.ListStockLevels(listed(variant_id=variant_id))

    assert [level.quantity for level in found.stock_levels] == [2, 1]


async def test_pages_follow_each_other(warehouse: Warehouse, location: pb.Location) -> None:
    variants = [await warehouse.stock(location, 1) for _ in range(5)]

    seen: list[str] = []
    token = ""
    while token or not seen:
        page = await warehouse.admin.ListStockLevels(
            pb.ListStockLevelsRequest(location_id=location.id, page_size=2, page_token=token)
        )
        seen += [level.variant_id for level in page.stock_levels]
        token = page.next_page_token

    assert seen == variants[::-1]


async def test_a_token_that_no_list_gave_out_is_refused(warehouse: Warehouse) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await warehouse.admin.ListStockLevels(listed(page_token="bogus"))
