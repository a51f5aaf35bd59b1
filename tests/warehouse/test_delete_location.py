import asyncio

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, reason_of, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import adjust_stock


def delete(location_id: str) -> pb.DeleteLocationRequest:
    return pb.DeleteLocationRequest(location_id=location_id, request_id=an_id())


async def test_a_location_that_never_held_stock_goes(
    warehouse: Warehouse, location: pb.Location
) -> None:
    await warehouse.admin.DeleteLocation(delete(location.id))

    with refused("LOCATION_NOT_FOUND"):
        await warehouse.admin.GetLocation(pb.GetLocationRequest(location_id=location.id))


async def test_a_location_that_once_held_stock_stays(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 1)
    await warehouse.stock(location, -1, variant_id=variant_id)

    with refused("LOCATION_IN_USE", location_id=location.id):
        await warehouse.admin.DeleteLocation(delete(location.id))


async def test_an_unknown_location_is_not_found(warehouse: Warehouse) -> None:
    with refused("LOCATION_NOT_FOUND"):
        await warehouse.admin.DeleteLocation(delete(an_id()))


async def test_a_retry_is_answered_alike(warehouse: Warehouse, location: pb.Location) -> None:
    request = delete(location.id)

    answers = await asyncio.gather(*(warehouse.admin.DeleteLocation(request) for _ in range(8)))

    assert answers == [pb.DeleteLocationResponse()] * 8


async def test_of_stock_and_removal_that_race_one_wins(
    warehouse: Warehouse, location: pb.Location
) -> None:
    outcomes = await asyncio.gather(
        warehouse.admin.DeleteLocation(delete(location.id)),
        *(warehouse.admin.AdjustStock(adjust_stock(location, an_id(), 1)) for _ in range(4)),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert list(map(reason_of, refusals)) in (["LOCATION_IN_USE"], ["LOCATION_NOT_FOUND"] * 4)
