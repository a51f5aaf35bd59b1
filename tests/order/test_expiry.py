"""What is not paid in time ends, and is never paid afterwards."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from gotong.order.v1 import order_pb2 as pb
from services.kit.mapping import time_from_proto
from services.order.jobs import EXPIRE_ORDER
from tests.order.conftest import PAYMENT_WINDOW, Buyer, Orders
from tests.order.requests import cancel_order
from tests.support import eventually

PENDING, PAID, EXPIRED = (
    pb.Order.STATE_PENDING_PAYMENT,
    pb.Order.STATE_PAID,
    pb.Order.STATE_EXPIRED,
)


async def states(buyer: Buyer, order: pb.Order) -> list["pb.Order.State.ValueType"]:
    return [event.to_state for event in await buyer.history(order.id)]


async def test_an_order_not_paid_in_time_expires(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()

    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()

    expired = await buyer.get(order.id)
    assert expired.state == EXPIRED
    assert time_from_proto(expired.update_time) == orders.clock()
    assert orders.stock.state(order.id) == "STATE_RELEASED"
    assert orders.till.capture(order.id) is None
    assert await orders.tasks(order.id) == []
    event = (await buyer.history(order.id))[-1]
    assert (event.from_state, event.to_state) == (PENDING, EXPIRED)
    assert (event.actor, event.reason) == ("job:expire_order", "not paid in time")


async def test_an_order_expires_by_itself(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    orders.clock.move(PAYMENT_WINDOW)

    async def over() -> bool:
        return orders.stock.state(order.id) == "STATE_RELEASED"

    await eventually(over, seconds=30)
    assert (await buyer.get(order.id)).state == EXPIRED


async def test_an_order_that_can_still_be_paid_does_not_expire(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()

    orders.clock.move(PAYMENT_WINDOW - timedelta(microseconds=1))
    await orders.catch_up()

    assert await buyer.get(order.id) == order
    assert orders.till.closes(order.id) == []


async def test_a_wake_up_before_its_time_ends_nothing(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()

    await orders.app.jobs.handlers[EXPIRE_ORDER](UUID(order.id))

    assert await buyer.get(order.id) == order
    assert orders.till.closes(order.id) == []


async def test_an_order_whose_money_came_is_not_expired(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    orders.till.capture(order.id)
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()
    assert await buyer.get(order.id) == order

    await orders.pay(order)
    await orders.settle(order.id)

    assert await states(buyer, order) == [PENDING, PAID]
    assert orders.stock.state(order.id) == "STATE_CONFIRMED"


async def test_an_order_expires_later_where_payment_does_not_answer(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()
    orders.till.away.add(order.id)
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()
    assert await buyer.get(order.id) == order
    assert orders.stock.state(order.id) == "STATE_ACTIVE"
    assert await orders.tasks(order.id) == [EXPIRE_ORDER]

    orders.till.away.remove(order.id)
    await orders.settle(order.id)

    assert await states(buyer, order) == [PENDING, EXPIRED]
    assert orders.stock.state(order.id) == "STATE_RELEASED"


async def test_orders_that_cannot_expire_yet_do_not_hold_up_the_others(
    orders: Orders, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()
    monkeypatch.setattr("services.order.store._SWEEP_LIMIT", 1)
    stuck = await buyer.place()
    orders.clock.move(timedelta(minutes=1))
    other = await buyer.place()
    orders.till.away.add(stuck.id)

    orders.clock.move(PAYMENT_WINDOW)
    for _ in range(2):
        await orders.catch_up()

    assert await states(buyer, stuck) == [PENDING]
    assert await states(buyer, other) == [PENDING, EXPIRED]
    orders.till.away.remove(stuck.id)


async def test_an_expiry_that_comes_twice_or_at_once_is_one(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    orders.clock.move(PAYMENT_WINDOW)
    expire = orders.app.jobs.handlers[EXPIRE_ORDER]

    await asyncio.gather(*(expire(UUID(order.id)) for _ in range(8)))
    await expire(UUID(order.id))

    assert await states(buyer, order) == [PENDING, EXPIRED]


async def test_of_an_expiry_and_a_cancellation_that_race_one_wins(
    orders: Orders, buyer: Buyer
) -> None:
    placed = await asyncio.gather(*(buyer.place() for _ in range(8)))
    orders.clock.move(PAYMENT_WINDOW)
    expire = orders.app.jobs.handlers[EXPIRE_ORDER]

    await asyncio.gather(
        *(expire(UUID(order.id)) for order in placed),
        *(buyer.stub.CancelOrder(cancel_order(order.id)) for order in placed),
        return_exceptions=True,
    )

    for order in placed:
        assert len(await buyer.history(order.id)) == 2


async def test_of_an_expiry_and_a_payment_that_race_one_wins(orders: Orders, buyer: Buyer) -> None:
    placed = await asyncio.gather(*(buyer.place() for _ in range(8)))
    orders.clock.move(PAYMENT_WINDOW)
    expire = orders.app.jobs.handlers[EXPIRE_ORDER]

    async def pay_unless_closed(order: pb.Order) -> None:
        if orders.till.capture(order.id):
            await orders.pay(order)

    await asyncio.gather(
        *(expire(UUID(order.id)) for order in placed),
        *(pay_unless_closed(order) for order in placed[::2]),
        return_exceptions=True,
    )
    await orders.catch_up()

    for order in placed:
        paid = order.id in orders.till.captured
        assert await states(buyer, order) == [PENDING, PAID if paid else EXPIRED]
        kept = "STATE_CONFIRMED" if paid else "STATE_RELEASED"
        assert orders.stock.state(order.id) == kept


async def test_many_orders_expire_together(orders: Orders, buyer: Buyer) -> None:
    placed = await asyncio.gather(*(buyer.place() for _ in range(30)))

    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()

    found = await buyer.stub.ListOrders(pb.ListOrdersRequest(page_size=100, states=[EXPIRED]))
    assert len(found.orders) == len(placed)
