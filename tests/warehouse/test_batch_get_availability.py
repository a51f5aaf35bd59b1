from gotong.warehouse.v1 import warehouse_pb2 as pb
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseServiceStub
from tests.support import an_id, invalid
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import create_reservation


async def availability(stub: WarehouseServiceStub, *variant_ids: str) -> list[tuple[str, int]]:
    answer = await stub.BatchGetAvailability(
        pb.BatchGetAvailabilityRequest(variant_ids=variant_ids)
    )
    return [(each.variant_id, each.available) for each in answer.availabilities]


async def test_availability_is_the_sum_over_active_locations(warehouse: Warehouse) -> None:
    here, there = await warehouse.location(), await warehouse.location()
    closed = await warehouse.location(active=False)
    variant_id = await warehouse.stock(here, 10)
    await warehouse.stock(there, 5, variant_id=variant_id)
    await warehouse.stock(closed, 100, variant_id=variant_id)
    await warehouse.order.CreateReservation(create_reservation(here, {variant_id: 4}))

    assert await availability(warehouse.admin, variant_id) == [(variant_id, 11)]


async def test_answers_come_in_the_order_of_the_question_with_zero_for_the_unknown(
    warehouse: Warehouse, location: pb.Location
) -> None:
    first, unknown, last = (
        await warehouse.stock(location, 1),
        an_id(),
        await warehouse.stock(location, 2),
    )

    found = await availability(warehouse.admin, last, unknown, first)

    assert found == [(last, 2), (unknown, 0), (first, 1)]


async def test_anybody_may_ask(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 1)
    async with warehouse.realm.channel(warehouse.app.port, "warehouse") as channel:
        assert await availability(WarehouseServiceStub(channel), variant_id) == [(variant_id, 1)]


async def test_a_question_names_each_variant_once(warehouse: Warehouse) -> None:
    variant_id = an_id()

    with invalid("variant_ids"):
        await availability(warehouse.admin, variant_id, variant_id)
