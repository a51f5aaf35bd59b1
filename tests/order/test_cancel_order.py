import asyncio

import grpc
import pytest

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from services.kit.mapping import time_from_proto
from tests.order.conftest import PAYMENT_WINDOW, Buyer, Orders, a_buyer
from tests.order.requests import a_seller, cancel_order
from tests.support import an_id, denied, eventually, invalid, reason_of, refused

CANCELLED, PAID = pb.Order.STATE_CANCELLED, pb.Order.STATE_PAID


async def test_a_cancelled_order_cannot_be_paid_and_gives_its_stock_back(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()

    cancelled = await buyer.stub.CancelOrder(cancel_order(order.id))

    assert cancelled.state == CANCELLED
    assert await buyer.get(order.id) == cancelled
    assert time_from_proto(cancelled.update_time) == orders.clock()
    assert orders.till.capture(order.id) is None

    async def released() -> bool:
        return orders.stock.state(order.id) == "STATE_RELEASED"

    await eventually(released)


async def test_a_cancellation_says_who_and_why(buyer: Buyer) -> None:
    order = await buyer.place()

    await buyer.stub.CancelOrder(cancel_order(order.id, reason="Salah ukuran"))

    event = (await buyer.history(order.id))[-1]
    assert (event.from_state, event.to_state) == (pb.Order.STATE_PENDING_PAYMENT, CANCELLED)
    assert (event.actor, event.reason) == (f"buyer:{buyer.id}", "Salah ukuran")


async def test_an_administrator_cancels_for_a_buyer(buyer: Buyer, admin: OrderServiceStub) -> None:
    order = await buyer.place()

    assert (await admin.CancelOrder(cancel_order(order.id))).state == CANCELLED


async def test_somebody_elses_order_is_not_found_and_stays(orders: Orders, buyer: Buyer) -> None:
    seller = a_seller()
    order = await buyer.place(seller=seller)
    strangers = [
        (await a_buyer(orders)).stub,
        await orders.user("buyer", "seller", org_id=seller.id),
        await orders.user("buyer", "ops"),
    ]

    for stranger in strangers:
        with refused("ORDER_NOT_FOUND", order_id=order.id):
            await stranger.CancelOrder(cancel_order(order.id))
    assert await buyer.get(order.id) == order
    assert orders.till.closes(order.id) == []


@pytest.mark.parametrize("role", ["seller", "factory", "ops"])
async def test_others_than_buyers_and_administrators_cancel_nothing(
    orders: Orders, buyer: Buyer, role: str
) -> None:
    seller = a_seller()
    order = await buyer.place(seller=seller)

    with refused("ROLE_REQUIRED"):
        await (await orders.user(role, org_id=seller.id)).CancelOrder(cancel_order(order.id))


async def test_an_unknown_order_is_not_found(buyer: Buyer, admin: OrderServiceStub) -> None:
    for anybody in (buyer.stub, admin):
        with refused("ORDER_NOT_FOUND"):
            await anybody.CancelOrder(cancel_order(an_id()))


async def test_a_paid_order_is_not_cancelled(orders: Orders, buyer: Buyer) -> None:
    paid = await orders.pay(await buyer.place())

    with refused("ORDER_NOT_CANCELLABLE", state="PAID"):
        await buyer.stub.CancelOrder(cancel_order(paid.id))
    assert await buyer.get(paid.id) == paid


async def test_an_order_whose_money_has_just_come_is_not_cancelled(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()
    orders.till.capture(order.id)

    with refused("ORDER_NOT_CANCELLABLE", state="PAID"):
        await buyer.stub.CancelOrder(cancel_order(order.id))
    assert await buyer.get(order.id) == order
    assert (await orders.pay(order)).state == PAID


async def test_a_cancelled_order_is_not_cancelled_again(buyer: Buyer) -> None:
    order = await buyer.place()
    await buyer.stub.CancelOrder(cancel_order(order.id))

    with refused("ORDER_NOT_CANCELLABLE", state="CANCELLED"):
        await buyer.stub.CancelOrder(cancel_order(order.id))


async def test_an_expired_order_is_not_cancelled(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()

    with refused("ORDER_NOT_CANCELLABLE", state="EXPIRED"):
        await buyer.stub.CancelOrder(cancel_order(order.id))


async def test_an_order_stays_while_payment_does_not_answer(orders: Orders, buyer: Buyer) -> None:
    order, request = await buyer.place(), cancel_order("")
    request.order_id = order.id
    orders.till.away.add(order.id)
    with denied(grpc.StatusCode.UNAVAILABLE):
        await buyer.stub.CancelOrder(request)
    assert await buyer.get(order.id) == order
    assert orders.stock.state(order.id) == "STATE_ACTIVE"

    orders.till.away.remove(order.id)

    assert (await buyer.stub.CancelOrder(request)).state == CANCELLED


async def test_stock_is_given_back_when_the_warehouse_answers_again(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()
    orders.stock.away.add(order.id)
    await buyer.stub.CancelOrder(cancel_order(order.id))
    await orders.catch_up()
    assert orders.stock.state(order.id) == "STATE_ACTIVE"

    orders.stock.away.remove(order.id)
    await orders.settle(order.id)

    assert orders.stock.state(order.id) == "STATE_RELEASED"


async def test_of_cancellations_that_race_one_wins(buyer: Buyer) -> None:
    order = await buyer.place()

    answers = await asyncio.gather(
        *(buyer.stub.CancelOrder(cancel_order(order.id)) for _ in range(8)),
        return_exceptions=True,
    )

    reasons = [reason_of(error) for error in answers if isinstance(error, BaseException)]
    assert reasons == ["ORDER_NOT_CANCELLABLE"] * 7
    assert [event.to_state for event in await buyer.history(order.id)][1:] == [CANCELLED]


async def test_retries_return_the_first_answer(buyer: Buyer) -> None:
    request = cancel_order((await buyer.place()).id)

    first, *retries = await asyncio.gather(*(buyer.stub.CancelOrder(request) for _ in range(8)))

    assert retries == [first] * 7
    assert len(await buyer.history(first.id)) == 2


async def test_the_same_request_id_for_another_order_is_refused(buyer: Buyer) -> None:
    request_id = an_id()
    first, second = await buyer.place(), await buyer.place()
    await buyer.stub.CancelOrder(cancel_order(first.id, request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.stub.CancelOrder(cancel_order(second.id, request_id=request_id))


async def test_payment_is_asked_to_close_in_the_same_words_every_time(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()

    await asyncio.gather(
        *(buyer.stub.CancelOrder(cancel_order(order.id)) for _ in range(8)),
        return_exceptions=True,
    )

    asked = orders.till.closes(order.id)
    assert asked == asked[:1] * len(asked)


async def test_of_a_cancellation_and_a_payment_that_race_one_wins(
    orders: Orders, buyer: Buyer
) -> None:
    placed = await asyncio.gather(*(buyer.place() for _ in range(24)))

    async def pay_slowly(order: pb.Order, turns: int) -> bool:
        for _ in range(turns):
            await asyncio.sleep(0)
        if orders.till.capture(order.id) is None:
            return False
        await orders.pay(order)
        return True

    async def race(order: pb.Order, turns: int) -> pb.Order:
        cancelled, paid = await asyncio.gather(
            buyer.stub.CancelOrder(cancel_order(order.id)),
            pay_slowly(order, turns),
            return_exceptions=True,
        )
        assert isinstance(paid, bool), paid
        if paid:
            assert isinstance(cancelled, BaseException)
            assert reason_of(cancelled) == "ORDER_NOT_CANCELLABLE"
        now = await buyer.get(order.id)
        assert now.state == (PAID if paid else CANCELLED)
        assert len(await buyer.history(order.id)) == 2
        return now

    ended = await asyncio.gather(*(race(o, turns * 8) for turns, o in enumerate(placed)))
    await orders.catch_up()

    kept = {CANCELLED: "STATE_RELEASED", PAID: "STATE_CONFIRMED"}
    assert {order.id: orders.stock.state(order.id) for order in ended} == {
        order.id: kept[order.state] for order in ended
    }


async def test_a_malformed_request_is_refused_by_field(buyer: Buyer) -> None:
    with invalid("order_id", "reason", "request_id"):
        await buyer.stub.CancelOrder(
            pb.CancelOrderRequest(order_id="1", reason="x" * 201, request_id="1")
        )


async def test_a_reason_with_a_nul_character_is_refused(buyer: Buyer) -> None:
    order = await buyer.place()

    with denied(grpc.StatusCode.INVALID_ARGUMENT):
        await buyer.stub.CancelOrder(cancel_order(order.id, reason="\0"))
