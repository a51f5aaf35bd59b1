import pytest

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.support import invalid, refused


@pytest.fixture
async def nobody(addresses: Addresses) -> AddressServiceStub:
    """The areas are for everybody."""
    return await addresses.bearer("")


async def walk(nobody: AddressServiceStub, parent_code: str, page_size: int) -> list[pb.Area]:
    request = pb.ListAreasRequest(parent_code=parent_code, page_size=page_size)
    areas: list[pb.Area] = []
    while True:
        response = await nobody.ListAreas(request)
        areas += response.areas
        if not response.next_page_token:
            return areas
        request.page_token = response.next_page_token


async def test_without_a_parent_they_are_the_provinces(nobody: AddressServiceStub) -> None:
    provinces = await walk(nobody, "", 20)

    assert len(provinces) == 38
    assert {area.level for area in provinces} == {pb.Area.LEVEL_PROVINCE}
    assert [area.code for area in provinces] == sorted(area.code for area in provinces)


@pytest.mark.parametrize("page_size", [1, 3, 10, 11, 0])
async def test_every_village_is_on_one_page_whatever_its_size(
    nobody: AddressServiceStub, page_size: int
) -> None:
    villages = await walk(nobody, "31.74.07", page_size)

    assert [area.code for area in villages] == [f"31.74.07.{n}" for n in range(1001, 1011)]


@pytest.mark.parametrize(
    ("parent_code", "level", "name"),
    [
        ("35", pb.Area.LEVEL_REGENCY, "Kabupaten Tulungagung"),
        ("35.04", pb.Area.LEVEL_DISTRICT, "Tulungagung"),
        ("35.04.01", pb.Area.LEVEL_VILLAGE, "Kauman"),
    ],
)
async def test_each_level_lies_below_the_one_before(
    nobody: AddressServiceStub, parent_code: str, level: pb.Area.Level.ValueType, name: str
) -> None:
    first = (await walk(nobody, parent_code, 0))[0]

    assert (first.level, first.name) == (level, name)
    assert bool(first.postal_code) == (level == pb.Area.LEVEL_VILLAGE)


@pytest.mark.parametrize("parent_code", ["99", "31.99"])
async def test_below_an_unknown_area_there_is_nothing(
    nobody: AddressServiceStub, parent_code: str
) -> None:
    assert await walk(nobody, parent_code, 0) == []


async def test_below_a_village_nothing_can_lie(nobody: AddressServiceStub) -> None:
    with invalid("parent_code"):
        await nobody.ListAreas(pb.ListAreasRequest(parent_code="31.74.07.1001"))


async def test_a_token_that_no_list_gave_out_is_refused(nobody: AddressServiceStub) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await nobody.ListAreas(pb.ListAreasRequest(page_token="!!!!"))
