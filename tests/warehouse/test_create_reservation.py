import asyncio
from collections import Counter

import grpc

from gotong.warehouse.v1 import warehouse_pb2 as pb
from services.warehouse.domain.reservations import State, Step
from services.warehouse.domain.stock import Action
from services.warehouse.mapping import holder_from_proto
from services.warehouse.store import reservations
from tests.support import an_id, denied, eventually, invalid, reason_of, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import ORDER, ago, confirm, create_reservation, release, some


async def test_items_are_set_aside_and_stay_on_the_shelf(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)

    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 3})
    )

    level = await warehouse.level(location, variant_id)
    assert reservation.state == pb.Reservation.STATE_ACTIVE
    assert (level.quantity, level.reserved, level.available) == (10, 3, 7)


async def test_a_reservation_keeps_the_order_of_its_items(
    warehouse: Warehouse, location: pb.Location
) -> None:
    items = {await warehouse.stock(location, 10): quantity for quantity in range(1, 9)}

    reservation = await warehouse.order.CreateReservation(create_reservation(location, items))

    assert list(reservation.items) == some(items)


async def test_each_item_is_logged_with_its_reservation(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)

    reservation = await warehouse.order.CreateReservation(
        create_reservation(location, {variant_id: 3})
    )

    _, movement = await warehouse.movements(variant_id)
    assert movement.action == pb.StockMovement.ACTION_RESERVE
    assert (movement.actor, movement.reservation_id) == ("service:order", reservation.id)
    assert (movement.quantity_before, movement.quantity_after) == (10, 10)
    assert (movement.reserved_before, movement.reserved_after) == (0, 3)


async def test_where_one_item_is_short_nothing_is_set_aside(
    warehouse: Warehouse, location: pb.Location
) -> None:
    plenty, scarce = await warehouse.stock(location, 10), await warehouse.stock(location, 1)

    with refused("OUT_OF_STOCK", variant_id=scarce, available="1"):
        await warehouse.order.CreateReservation(
            create_reservation(location, {plenty: 1, scarce: 2})
        )

    assert (await warehouse.level(location, plenty)).reserved == 0


async def test_of_a_variant_that_was_never_there_none_is_available(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = an_id()

    with refused("OUT_OF_STOCK", variant_id=variant_id, available="0"):
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))


async def test_an_unknown_location_is_refused(warehouse: Warehouse) -> None:
    with refused("LOCATION_NOT_FOUND"):
        await warehouse.order.CreateReservation(
            create_reservation(pb.Location(id=an_id()), {an_id(): 1})
        )


async def test_an_inactive_location_sells_nothing(warehouse: Warehouse) -> None:
    location = await warehouse.location(active=False)
    variant_id = await warehouse.stock(location, 10)

    with refused("LOCATION_INACTIVE"):
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))


async def test_each_variant_is_named_once(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 10)
    request = create_reservation(location, {variant_id: 1})
    request.items.extend(some({variant_id: 2}))

    with invalid("items"):
        await warehouse.order.CreateReservation(request)


async def test_an_owner_gets_the_first_reservation_whatever_its_state(
    warehouse: Warehouse, location: pb.Location
) -> None:
    items = {await warehouse.stock(location, 3): 3, await warehouse.stock(location, 1): 1}
    first = await warehouse.order.CreateReservation(create_reservation(location, items))
    await warehouse.order.ConfirmReservation(confirm(first))
    released = await warehouse.order.ReleaseReservation(release(first))

    again = await warehouse.order.CreateReservation(
        create_reservation(location, dict(reversed(items.items())), owner_id=first.owner_id)
    )

    assert again == released


async def test_an_owner_cannot_have_other_items(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    first = await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))

    with refused("RESERVATION_DIFFERS", reservation_id=first.id):
        await warehouse.order.CreateReservation(
            create_reservation(location, {variant_id: 2}, owner_id=first.owner_id)
        )

    assert (await warehouse.level(location, variant_id)).reserved == 1


async def test_a_retry_returns_the_first_reservation(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 1)
    request = create_reservation(location, {variant_id: 1})

    first, *retries = await asyncio.gather(
        *(warehouse.order.CreateReservation(request) for _ in range(8))
    )

    assert retries == [first] * 7
    assert len(await warehouse.movements(variant_id)) == 2


async def test_rival_requests_for_one_owner_set_aside_once(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id, owner_id = await warehouse.stock(location, 100), an_id()

    first, *others = await asyncio.gather(
        *(
            warehouse.order.CreateReservation(
                create_reservation(location, {variant_id: 2}, owner_id=owner_id)
            )
            for _ in range(8)
        )
    )

    assert others == [first] * 7
    assert (await warehouse.level(location, variant_id)).reserved == 2


async def test_stock_is_never_sold_twice(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 50)

    outcomes = await asyncio.gather(
        *(
            warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))
            for _ in range(200)
        ),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert Counter(map(reason_of, refusals)) == {"OUT_OF_STOCK": 150}
    level = await warehouse.level(location, variant_id)
    assert (level.quantity, level.reserved) == (50, 50)


async def test_stock_that_comes_free_during_the_wait_for_it_is_set_aside(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 5)
    holder = await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 5}))

    async with warehouse.app.db.transaction() as tx:
        held = await reservations.lock(tx, holder_from_proto(ORDER, holder.owner_id))
        await reservations.lock_shelf(tx, held.location_id, held.items)
        waiting = asyncio.ensure_future(
            warehouse.order.CreateReservation(create_reservation(location, {variant_id: 3}))
        )
        await eventually(warehouse.somebody_waits)
        step = Step(State.RELEASED, Action.RELEASE)
        await reservations.turn(tx, held, step, "service:order", ago())
    await waiting

    assert (await warehouse.level(location, variant_id)).reserved == 3


async def test_levels_are_locked_in_the_order_of_their_variants(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variants = sorted((an_id(), an_id()), reverse=True)
    for variant_id in variants:
        await warehouse.stock(location, 5, variant_id=variant_id)
    request = create_reservation(location, dict.fromkeys(variants, 1))

    async def work() -> None:
        await warehouse.order.CreateReservation(request)

    assert await warehouse.locks_in_order(variants, work)


async def test_reservations_in_opposite_orders_do_not_wait_in_a_circle(
    warehouse: Warehouse, location: pb.Location
) -> None:
    items = {await warehouse.stock(location, 1000): 1 for _ in range(6)}
    reversed_items = dict(reversed(items.items()))

    await asyncio.gather(
        *(
            warehouse.order.CreateReservation(create_reservation(location, order))
            for _ in range(32)
            for order in (items, reversed_items)
        )
    )

    levels = [await warehouse.level(location, variant_id) for variant_id in items]
    assert [level.reserved for level in levels] == [64] * 6


async def test_only_services_set_stock_aside(warehouse: Warehouse, location: pb.Location) -> None:
    channel = warehouse.realm.channel(
        warehouse.app.port, "warehouse", token=warehouse.realm.token("admin")
    )
    async with channel:
        call = channel.unary_unary(
            "/gotong.warehouse.v1.WarehouseInternalService/CreateReservation",
            request_serializer=pb.CreateReservationRequest.SerializeToString,
            response_deserializer=pb.Reservation.FromString,
        )
        with denied(grpc.StatusCode.PERMISSION_DENIED):
            await call(create_reservation(location, {an_id(): 1}))
