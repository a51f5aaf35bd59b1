import asyncio

import grpc
import pytest

from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1.payment_pb2_grpc import PaymentInternalServiceStub
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import close_payable, create_payment
from tests.support import an_id, denied, reason_of, refused


@pytest.fixture
async def orders(payments: Payments) -> PaymentInternalServiceStub:
    return await payments.service("order")


async def closed(payments: Payments, order_id: str) -> bool:
    statement = "SELECT 1 FROM payables WHERE order_id = :id AND closed_time IS NOT NULL"
    return bool(await payments.rows(statement, id=order_id))


async def captured(payments: Payments, order_id: str) -> bool:
    statement = "SELECT 1 FROM payables WHERE order_id = :id AND captured_payment_id IS NOT NULL"
    return bool(await payments.rows(statement, id=order_id))


async def test_a_closed_order_can_not_be_paid(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    due = buyer.places()
    payment = await buyer.opens(due)

    await orders.ClosePayable(close_payable(due.order_id))

    (invoice,) = await payments.xendit.invoices(payment)
    assert invoice["status"] == "EXPIRED"
    assert (await buyer.sees(payment)).state == pb.Payment.STATE_CANCELLED
    with refused("ORDER_NOT_PAYABLE"):
        await buyer.stub.CreatePayment(create_payment(due))


async def test_an_order_that_nobody_tried_to_pay_is_closed(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    due = buyer.places()

    await orders.ClosePayable(close_payable(due.order_id))

    with refused("ORDER_NOT_PAYABLE"):
        await buyer.stub.CreatePayment(create_payment(due))
    assert await closed(payments, due.order_id)


async def test_an_order_that_is_paid_is_not_closed(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    payment = await buyer.pays(await buyer.opens())

    with refused("ORDER_ALREADY_PAID", payment_id=payment.id):
        await orders.ClosePayable(close_payable(payment.order_id))

    assert not await closed(payments, payment.order_id)


async def test_money_that_nobody_noticed_is_captured_first(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)

    with refused("ORDER_ALREADY_PAID", payment_id=payment.id):
        await orders.ClosePayable(close_payable(payment.order_id))

    assert (await buyer.sees(payment)).state == pb.Payment.STATE_CAPTURED
    assert (await buyer.order_knows(payment)).payment_id == payment.id


async def test_money_that_comes_after_closing_is_owed_back(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    payment = await buyer.opens()
    await orders.ClosePayable(close_payable(payment.order_id))

    await payments.xendit.pay(payment, notify=True)

    late = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED_LATE)
    await payments.at_rest(payment)
    assert late.refund_due == payment.amount
    assert payments.orders.told_of(payment.order_id) == []


async def test_closing_again_changes_nothing(
    payments: Payments, orders: PaymentInternalServiceStub
) -> None:
    order_id = an_id()
    times = "SELECT closed_time FROM payables WHERE order_id = :id"
    await orders.ClosePayable(close_payable(order_id))
    first = await payments.rows(times, id=order_id)

    await orders.ClosePayable(close_payable(order_id))

    assert await payments.rows(times, id=order_id) == first


async def test_a_retry_is_answered_like_the_first(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    payment = await buyer.opens()
    request = close_payable(payment.order_id)

    first, *retries = await asyncio.gather(*(orders.ClosePayable(request) for _ in range(8)))

    assert retries == [first] * 7
    assert await closed(payments, payment.order_id)


async def test_while_the_provider_does_not_answer_nothing_is_closed(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub
) -> None:
    payment = await buyer.opens()
    request = close_payable(payment.order_id)

    async with payments.xendit.failing("POST /invoices/"):
        with denied(grpc.StatusCode.UNAVAILABLE):
            await orders.ClosePayable(request)

    assert (await buyer.sees(payment)).state == pb.Payment.STATE_PENDING
    assert not await closed(payments, payment.order_id)
    await orders.ClosePayable(request)
    assert await closed(payments, payment.order_id)


@pytest.mark.parametrize("_", range(5))
async def test_closing_that_races_a_new_payment_leaves_nothing_to_pay(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub, _: int
) -> None:
    due = buyer.places()

    opening, closing = await asyncio.gather(
        buyer.stub.CreatePayment(create_payment(due)),
        orders.ClosePayable(close_payable(due.order_id)),
        return_exceptions=True,
    )

    if isinstance(closing, BaseException):
        assert reason_of(closing) in {"PAYABLE_CHANGED", "PROVIDER_UNAVAILABLE", "PAYMENT_CHANGED"}
        await orders.ClosePayable(close_payable(due.order_id))
    if isinstance(opening, pb.Payment):
        state = (await buyer.sees(opening)).state
        assert state == pb.Payment.STATE_CANCELLED
    assert await closed(payments, due.order_id)


@pytest.mark.parametrize("_", range(5))
async def test_an_order_is_never_both_closed_and_captured(
    payments: Payments, buyer: Buyer, orders: PaymentInternalServiceStub, _: int
) -> None:
    payment = await buyer.opens()

    outcomes = await asyncio.gather(
        payments.xendit.pay(payment, notify=True),
        orders.ClosePayable(close_payable(payment.order_id)),
        return_exceptions=True,
    )

    was_closed = not isinstance(outcomes[-1], BaseException)
    state = pb.Payment.STATE_CAPTURED_LATE if was_closed else pb.Payment.STATE_CAPTURED
    await buyer.sees_at_last(payment, state)
    assert await closed(payments, payment.order_id) is was_closed
    assert await captured(payments, payment.order_id) is not was_closed


@pytest.mark.parametrize("role", ["buyer", "admin"])
async def test_only_services_close_orders(payments: Payments, role: str) -> None:
    channel = payments.realm.channel(payments.app.port, "payment", token=payments.realm.token(role))

    async with channel:
        with refused("ROLE_REQUIRED"):
            await PaymentInternalServiceStub(channel).ClosePayable(close_payable(an_id()))
