import asyncio
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceStub
from services.kit.mapping import time_from_proto, time_to_proto
from tests.order.conftest import PAYMENT_WINDOW, Buyer, Orders
from tests.order.requests import cancel_order, mark_order_paid
from tests.support import an_id, eventually, idr, invalid, reason_of, refused

PENDING, PAID = pb.Order.STATE_PENDING_PAYMENT, pb.Order.STATE_PAID


async def test_an_order_is_paid_by_its_payment(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()
    request = mark_order_paid(order)
    captured = orders.clock() - timedelta(seconds=3)
    request.pay_time.CopyFrom(time_to_proto(captured) or Timestamp())

    paid = await payment.MarkOrderPaid(request)

    assert (paid.state, paid.payment_id) == (PAID, request.payment_id)
    assert time_from_proto(paid.pay_time) == captured
    assert time_from_proto(paid.update_time) == orders.clock()
    assert await buyer.get(order.id) == paid
    (_, event) = await buyer.history(order.id)
    assert (event.from_state, event.to_state, event.actor) == (PENDING, PAID, "service:payment")


async def test_a_paid_order_keeps_its_stock(orders: Orders, buyer: Buyer) -> None:
    order = await orders.pay(await buyer.place())

    async def confirmed() -> bool:
        return orders.stock.state(order.id) == "STATE_CONFIRMED"

    await eventually(confirmed)


async def test_a_payment_is_recorded_while_the_warehouse_is_away_and_stock_kept_later(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place()
    orders.stock.away.add(order.id)
    assert (await orders.pay(order)).state == PAID
    await orders.catch_up()
    assert orders.stock.state(order.id) == "STATE_ACTIVE"

    orders.stock.away.remove(order.id)
    await orders.settle(order.id)

    assert orders.stock.state(order.id) == "STATE_CONFIRMED"


async def test_telling_it_again_changes_nothing(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()
    first = await payment.MarkOrderPaid(mark_order_paid(order, payment_id=(id := an_id())))
    orders.clock.move(timedelta(minutes=1))

    again = await payment.MarkOrderPaid(mark_order_paid(order, payment_id=id))

    assert again == first
    assert len(await buyer.history(order.id)) == 2


async def test_a_payment_that_is_told_twenty_times_at_once_is_one(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order, id = await buyer.place(), an_id()

    first, *others = await asyncio.gather(
        *(payment.MarkOrderPaid(mark_order_paid(order, payment_id=id)) for _ in range(20))
    )

    assert first.state == PAID
    assert others == [first] * 19
    assert [event.to_state for event in await buyer.history(order.id)] == [PENDING, PAID]


async def test_retries_return_the_first_answer(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    request = mark_order_paid(await buyer.place())

    first, *retries = await asyncio.gather(*(payment.MarkOrderPaid(request) for _ in range(8)))

    assert retries == [first] * 7
    assert len(await buyer.history(first.id)) == 2


async def test_of_two_payments_that_race_one_pays(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()

    answers = await asyncio.gather(
        *(payment.MarkOrderPaid(mark_order_paid(order)) for _ in range(8)),
        return_exceptions=True,
    )

    paid = [answer for answer in answers if isinstance(answer, pb.Order)]
    reasons = [reason_of(error) for error in answers if isinstance(error, BaseException)]
    assert [await buyer.get(order.id)] == paid
    assert reasons == ["ORDER_NOT_PAYABLE"] * 7


@pytest.mark.parametrize("difference", [-1, 1])
async def test_another_amount_than_the_total_pays_nothing(
    buyer: Buyer, payment: OrderInternalServiceStub, difference: int
) -> None:
    order = await buyer.place((250_000, 1), shipping=18_000)
    request = mark_order_paid(order, amount=268_000 + difference)

    with refused("AMOUNT_MISMATCH", total="268000"):
        await payment.MarkOrderPaid(request)
    assert await buyer.get(order.id) == order


async def test_the_subtotal_does_not_pay_an_order(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()

    with refused("AMOUNT_MISMATCH"):
        await payment.MarkOrderPaid(mark_order_paid(order, amount=order.subtotal.units))


async def test_another_payment_does_not_pay_a_paid_order(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    paid = await orders.pay(await buyer.place())

    with refused("ORDER_NOT_PAYABLE", state="PAID"):
        await payment.MarkOrderPaid(mark_order_paid(paid))
    assert await buyer.get(paid.id) == paid


async def test_a_cancelled_order_is_not_payable(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()
    cancelled = await buyer.stub.CancelOrder(cancel_order(order.id))

    with refused("ORDER_NOT_PAYABLE", state="CANCELLED"):
        await payment.MarkOrderPaid(mark_order_paid(order))
    assert await buyer.get(order.id) == cancelled


async def test_an_expired_order_is_not_payable(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()
    orders.clock.move(PAYMENT_WINDOW)
    await orders.catch_up()

    with refused("ORDER_NOT_PAYABLE", state="EXPIRED"):
        await payment.MarkOrderPaid(mark_order_paid(order))


async def test_an_unknown_order_is_not_found(payment: OrderInternalServiceStub) -> None:
    with refused("ORDER_NOT_FOUND"):
        await payment.MarkOrderPaid(mark_order_paid(pb.Order(id=an_id(), total=idr(1))))


@pytest.mark.parametrize("role", ["buyer", "seller", "factory", "admin", "ops"])
async def test_no_user_says_that_an_order_is_paid(orders: Orders, buyer: Buyer, role: str) -> None:
    order = await buyer.place()
    user = OrderInternalServiceStub(await orders.channel(role, sub=buyer.id))

    with refused("ROLE_REQUIRED"):
        await user.MarkOrderPaid(mark_order_paid(order))


@pytest.mark.parametrize(
    "amount",
    [
        Money(currency_code="USD", units=1),
        Money(currency_code="IDR", units=1, nanos=1),
        Money(currency_code="IDR"),
        Money(currency_code="IDR", units=-1),
    ],
)
async def test_what_is_no_amount_of_rupiah_is_refused(
    buyer: Buyer, payment: OrderInternalServiceStub, amount: Money
) -> None:
    request = mark_order_paid(await buyer.place())
    request.amount.CopyFrom(amount)

    with invalid("amount"):
        await payment.MarkOrderPaid(request)


async def test_a_malformed_request_is_refused_by_field(payment: OrderInternalServiceStub) -> None:
    with invalid("order_id", "payment_id", "amount", "pay_time", "request_id"):
        await payment.MarkOrderPaid(pb.MarkOrderPaidRequest())
