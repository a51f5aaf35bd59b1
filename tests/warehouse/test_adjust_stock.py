import asyncio

import pytest

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, invalid, reason_of, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import adjust_stock, create_reservation

SELLER = pb.STOCK_OWNER_KIND_SELLER
FACTORY = pb.STOCK_OWNER_KIND_FACTORY


async def test_the_first_adjustment_begins_a_level(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id, seller_id = an_id(), an_id()

    level = await warehouse.admin.AdjustStock(
        adjust_stock(location, variant_id, 7, owner_kind=SELLER, owner_id=seller_id)
    )

    assert (level.variant_id, level.location_id) == (variant_id, location.id)
    assert (level.owner_kind, level.owner_id) == (SELLER, seller_id)
    assert (level.quantity, level.reserved, level.available) == (7, 0, 7)
    assert level == await warehouse.level(location, variant_id)


async def test_later_adjustments_add_and_take(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 10)

    await warehouse.stock(location, 5, variant_id=variant_id)
    level = await warehouse.admin.AdjustStock(adjust_stock(location, variant_id, -3))

    assert level.quantity == 12


async def test_an_adjustment_is_logged_with_who_and_why(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id, ops_id = await warehouse.stock(location, 10), an_id()
    token = warehouse.realm.token("ops", sub=ops_id)
    channel = warehouse.realm.channel(warehouse.app.port, "warehouse", token=token)
    reason = pb.AdjustStockRequest.REASON_DAMAGED
    async with channel:
        level = await type(warehouse.admin)(channel).AdjustStock(
            adjust_stock(location, variant_id, -4, reason=reason, notes="wet")
        )

    _, movement = await warehouse.movements(variant_id)
    assert movement.action == pb.StockMovement.ACTION_ADJUST
    assert movement.stock_level_id == level.id
    assert (movement.quantity_before, movement.quantity_after) == (10, 6)
    assert (movement.actor, movement.reason, movement.notes) == (f"ops:{ops_id}", "damaged", "wet")


async def test_what_is_set_aside_cannot_be_taken(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 8}))

    with refused("STOCK_RESERVED", available="2"):
        await warehouse.admin.AdjustStock(adjust_stock(location, variant_id, -3))

    await warehouse.admin.AdjustStock(adjust_stock(location, variant_id, -2))


async def test_nothing_can_be_taken_from_nothing(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = an_id()

    with refused("STOCK_RESERVED", available="0"):
        await warehouse.admin.AdjustStock(adjust_stock(location, variant_id, -1))

    with refused("STOCK_LEVEL_NOT_FOUND"):
        await warehouse.level(location, variant_id)


async def test_stock_of_somebody_else_is_not_touched(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)

    with refused("OWNER_MISMATCH", owner_kind="platform"):
        await warehouse.admin.AdjustStock(
            adjust_stock(location, variant_id, 1, owner_kind=SELLER, owner_id=an_id())
        )


@pytest.mark.parametrize(
    ("kind", "owner_id"),
    [(pb.STOCK_OWNER_KIND_PLATFORM, an_id()), (SELLER, ""), (FACTORY, "")],
    ids=["a platform with an id", "a seller without", "a factory without"],
)
async def test_sellers_and_factories_are_named_and_the_platform_is_not(
    warehouse: Warehouse, location: pb.Location, kind: pb.StockOwnerKind, owner_id: str
) -> None:
    with invalid("owner_id"):
        await warehouse.admin.AdjustStock(
            adjust_stock(location, an_id(), 1, owner_kind=kind, owner_id=owner_id)
        )


async def test_an_unknown_location_is_refused(warehouse: Warehouse) -> None:
    location = pb.Location(id=an_id())

    with refused("LOCATION_NOT_FOUND", location_id=location.id):
        await warehouse.admin.AdjustStock(adjust_stock(location, an_id(), 1))


async def test_a_retry_adjusts_once(warehouse: Warehouse, location: pb.Location) -> None:
    request = adjust_stock(location, an_id(), 5)

    first, *retries = await asyncio.gather(
        *(warehouse.admin.AdjustStock(request) for _ in range(8))
    )

    assert retries == [first] * 7
    assert (await warehouse.level(location, request.variant_id)).quantity == 5


async def test_adjustments_that_race_add_up(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = an_id()

    await asyncio.gather(
        *(
            warehouse.admin.AdjustStock(adjust_stock(location, variant_id, delta))
            for delta in range(1, 17)
        )
    )

    assert (await warehouse.level(location, variant_id)).quantity == 136


async def test_of_rivals_for_the_last_units_one_takes_them(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)

    outcomes = await asyncio.gather(
        *(warehouse.admin.AdjustStock(adjust_stock(location, variant_id, -3)) for _ in range(8)),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert list(map(reason_of, refusals)) == ["STOCK_RESERVED"] * 7
    assert (await warehouse.level(location, variant_id)).quantity == 2


async def test_an_adjustment_says_why(warehouse: Warehouse, location: pb.Location) -> None:
    with invalid("delta", "reason"):
        await warehouse.admin.AdjustStock(
            adjust_stock(location, an_id(), 0, reason=pb.AdjustStockRequest.REASON_UNSPECIFIED)
        )
