import asyncio
from datetime import datetime, timedelta

import pytest

from gotong.order.v1 import order_pb2 as order
from gotong.payment.v1 import payment_pb2 as pb
from services.kit.mapping import time_from_proto
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import create_payment
from tests.support import an_id, idr, reason_of, refused

LOST = ["status_500", "status_429", "garbage", "reset_before_processing"]


async def test_the_invoice_asks_for_exactly_what_the_order_costs(
    payments: Payments, buyer: Buyer
) -> None:
    due = buyer.places(total=275_001, shipping=25_000)

    payment = await buyer.stub.CreatePayment(create_payment(due))

    (invoice,) = await payments.xendit.invoices(payment)
    assert (invoice["amount"], invoice["currency"]) == (275_001, "IDR")
    assert payment.state == pb.Payment.STATE_PENDING
    assert (payment.order_id, payment.buyer_id) == (due.order_id, buyer.id)
    assert (payment.amount, payment.captured_amount) == (idr(275_001), idr(0))
    assert (payment.provider_invoice_id, payment.invoice_url) == (
        invoice["id"],
        invoice["invoice_url"],
    )


async def test_the_invoice_ends_with_the_order(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()

    (invoice,) = await payments.xendit.invoices(payment)
    ends = datetime.fromisoformat(invoice["expiry_date"])
    assert abs(ends - time_from_proto(payment.expire_time)) < timedelta(seconds=5)


@pytest.mark.parametrize("off", [-1, 1])
async def test_another_amount_is_refused(payments: Payments, buyer: Buyer, off: int) -> None:
    due = buyer.places(total=275_000)

    with refused("AMOUNT_MISMATCH", due="275000"):
        await buyer.stub.CreatePayment(create_payment(due, amount=275_000 + off))

    assert await payments.rows("SELECT 1 FROM payments WHERE order_id = :id", id=due.order_id) == []


async def test_an_order_that_is_not_there_is_refused(buyer: Buyer) -> None:
    with refused("ORDER_NOT_FOUND"):
        await buyer.stub.CreatePayment(create_payment(order.AmountDue(order_id=an_id()), amount=1))


async def test_an_order_of_somebody_else_is_not_found(payments: Payments, buyer: Buyer) -> None:
    with refused("ORDER_NOT_FOUND"):
        await buyer.stub.CreatePayment(create_payment(payments.orders.place()))


@pytest.mark.parametrize(
    "state", [order.Order.STATE_PAID, order.Order.STATE_EXPIRED, order.Order.STATE_CANCELLED]
)
async def test_an_order_that_does_not_wait_for_payment_is_refused(
    payments: Payments, buyer: Buyer, state: order.Order.State.ValueType
) -> None:
    due = payments.orders.place(buyer_id=buyer.id, state=state)

    with refused("ORDER_NOT_PAYABLE", order_id=due.order_id):
        await buyer.stub.CreatePayment(create_payment(due))


async def test_an_order_whose_time_is_up_is_refused(payments: Payments, buyer: Buyer) -> None:
    due = payments.orders.place(buyer_id=buyer.id, lasts=timedelta())

    with refused("ORDER_NOT_PAYABLE"):
        await buyer.stub.CreatePayment(create_payment(due))


async def test_an_order_that_is_paid_but_does_not_know_is_refused(buyer: Buyer) -> None:
    due = buyer.places()
    await buyer.pays(await buyer.opens(due))

    with refused("ORDER_NOT_PAYABLE"):
        await buyer.stub.CreatePayment(create_payment(due))


async def test_an_order_has_one_open_payment(buyer: Buyer) -> None:
    due = buyer.places()
    first = await buyer.opens(due)

    with refused("PAYMENT_ALREADY_OPEN", payment_id=first.id):
        await buyer.stub.CreatePayment(create_payment(due))


async def test_an_order_can_be_paid_anew_when_the_first_payment_is_over(buyer: Buyer) -> None:
    due = buyer.places()
    await buyer.cancels(await buyer.opens(due))

    assert (await buyer.opens(due)).state == pb.Payment.STATE_PENDING


async def test_a_retry_returns_the_first_payment(payments: Payments, buyer: Buyer) -> None:
    request = create_payment(buyer.places())

    first, *retries = await asyncio.gather(*(buyer.stub.CreatePayment(request) for _ in range(8)))

    assert retries == [first] * 7
    assert len(await payments.xendit.invoices(first)) == 1


async def test_a_retry_sees_what_has_come_since(buyer: Buyer) -> None:
    request = create_payment(buyer.places())
    await buyer.pays(await buyer.stub.CreatePayment(request))

    assert (await buyer.stub.CreatePayment(request)).state == pb.Payment.STATE_CAPTURED


async def test_the_same_request_id_for_another_order_is_refused(buyer: Buyer) -> None:
    request_id = an_id()
    await buyer.stub.CreatePayment(create_payment(buyer.places(), request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.stub.CreatePayment(create_payment(buyer.places(), request_id=request_id))


@pytest.mark.parametrize("rivals", [8, 64])
@pytest.mark.parametrize("tried", ["never", "before"])
async def test_of_rivals_one_opens_the_payment(
    payments: Payments, buyer: Buyer, rivals: int, tried: str
) -> None:
    due = buyer.places()
    if tried == "before":
        await buyer.cancels(await buyer.opens(due))

    outcomes = await asyncio.gather(
        *(buyer.stub.CreatePayment(create_payment(due)) for _ in range(rivals)),
        return_exceptions=True,
    )

    (payment,) = [outcome for outcome in outcomes if isinstance(outcome, pb.Payment)]
    reasons = {reason_of(o) for o in outcomes if isinstance(o, BaseException)}
    assert reasons == {"PAYMENT_ALREADY_OPEN"}
    assert len(await payments.xendit.invoices(payment)) == 1


@pytest.mark.parametrize("fault", LOST)
async def test_a_payment_is_unknown_while_the_provider_does_not_answer(
    payments: Payments, buyer: Buyer, fault: str
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", fault):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    assert (payment.state, payment.invoice_url) == (pb.Payment.STATE_UNKNOWN, "")


async def test_nobody_asks_again_while_a_request_may_be_under_way(
    payments: Payments, buyer: Buyer
) -> None:
    request = create_payment(buyer.places())
    async with payments.xendit.failing("POST /v2/invoices", "reset_before_processing"):
        await buyer.stub.CreatePayment(request)

    payment = await buyer.stub.CreatePayment(request)

    assert payment.state == pb.Payment.STATE_UNKNOWN
    assert await payments.xendit.invoices(payment) == []


async def test_a_lost_answer_leaves_one_invoice(payments: Payments, buyer: Buyer) -> None:
    request = create_payment(buyer.places())
    async with payments.xendit.failing("POST /v2/invoices", "reset_after_processing"):
        lost = await buyer.stub.CreatePayment(request)

    found = await buyer.stub.CreatePayment(request)

    (invoice,) = await payments.xendit.invoices(lost)
    assert (lost.state, found.state) == (pb.Payment.STATE_UNKNOWN, pb.Payment.STATE_PENDING)
    assert found.invoice_url == invoice["invoice_url"]


async def test_a_buyer_in_a_hurry_is_answered_before_the_provider(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "delay", times=1, seconds=30):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()), timeout=2)

    assert payment.state == pb.Payment.STATE_UNKNOWN


async def test_while_orders_do_not_answer_nothing_is_recorded(
    payments: Payments, buyer: Buyer
) -> None:
    due = buyer.places()
    payments.orders.away[due.order_id] = 1

    with refused("NEIGHBOUR_UNAVAILABLE"):
        await buyer.stub.CreatePayment(create_payment(due))

    assert (await buyer.opens(due)).state == pb.Payment.STATE_PENDING


async def test_only_buyers_pay(payments: Payments) -> None:
    for role in ("seller", "factory", "admin", "ops"):
        stub = await payments.user(role)
        with refused("ROLE_REQUIRED"):
            await stub.CreatePayment(create_payment(payments.orders.place()))
