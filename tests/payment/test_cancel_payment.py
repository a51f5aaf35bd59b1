import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import grpc
import pytest

from gotong.payment.v1 import payment_pb2 as pb
from services.payment.domain.payment import State
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import cancel_payment, create_payment
from tests.support import denied, idr, refused


async def test_a_cancelled_payment_can_not_be_paid_any_more(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()

    cancelled = await buyer.stub.CancelPayment(cancel_payment(payment))

    (invoice,) = await payments.xendit.invoices(payment)
    assert invoice["status"] == "EXPIRED"
    assert cancelled.state == pb.Payment.STATE_CANCELLED
    assert await buyer.sees(payment) == cancelled


async def test_money_that_was_faster_stays_and_pays_the_order(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)

    with refused("PAYMENT_NOT_CANCELLABLE", state="CAPTURED"):
        await buyer.stub.CancelPayment(cancel_payment(payment))

    assert (await buyer.order_knows(payment)).amount == payment.amount


async def test_a_payment_that_is_over_can_not_be_cancelled(
    payments: Payments, buyer: Buyer
) -> None:
    captured = await buyer.pays(await buyer.opens())
    cancelled = await buyer.cancels(await buyer.opens())
    expired = await buyer.opens()
    await payments.xendit.pull(expired, "expire")
    await buyer.sees_at_last(expired, pb.Payment.STATE_EXPIRED)

    for payment in (captured, cancelled, expired):
        with refused("PAYMENT_NOT_CANCELLABLE"):
            await buyer.stub.CancelPayment(cancel_payment(payment))


async def test_late_money_for_a_cancelled_payment_is_owed_back(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.cancels(await buyer.opens())

    await payments.xendit.pay(payment, 275_001, notify=True)

    late = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED_LATE)
    assert (late.captured_amount, late.refund_due) == (idr(275_001), idr(275_001))


async def test_a_retry_returns_the_first_answer(buyer: Buyer) -> None:
    request = cancel_payment(await buyer.opens())

    first, *retries = await asyncio.gather(*(buyer.stub.CancelPayment(request) for _ in range(8)))

    assert first.state == pb.Payment.STATE_CANCELLED
    assert retries == [first] * 7


async def test_while_the_provider_does_not_answer_nothing_changes(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    request = cancel_payment(payment)

    async with payments.xendit.failing("POST /invoices/"):
        with refused("PROVIDER_UNAVAILABLE"):
            await buyer.stub.CancelPayment(request)

    assert (await buyer.sees(payment)).state == pb.Payment.STATE_PENDING
    assert (await buyer.stub.CancelPayment(request)).state == pb.Payment.STATE_CANCELLED


async def test_a_cancel_whose_answer_was_lost_can_be_sent_again(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    request = cancel_payment(payment)
    async with payments.xendit.failing("POST /invoices/", "reset_after_processing"):
        with denied(grpc.StatusCode.UNAVAILABLE):
            await buyer.stub.CancelPayment(request)
    await buyer.sees_at_last(payment, pb.Payment.STATE_CANCELLED)

    assert (await buyer.stub.CancelPayment(request)).state == pb.Payment.STATE_CANCELLED


async def test_a_payment_whose_invoice_may_still_come_is_not_cancelled_yet(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "reset_before_processing"):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    with refused("PROVIDER_UNAVAILABLE"):
        await buyer.stub.CancelPayment(cancel_payment(payment))

    later = payments.settlement(lambda: datetime.now(UTC) + timedelta(seconds=31))
    closed = await later.close(UUID(payment.id), request_id=uuid4(), by="test")
    assert closed.state is State.CANCELLED


async def test_a_payment_that_is_to_be_closed_is_not_asked_for_again(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "reset_before_processing"):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()))
    with refused("PROVIDER_UNAVAILABLE"):
        await buyer.stub.CancelPayment(cancel_payment(payment))

    later = payments.settlement(lambda: datetime.now(UTC) + timedelta(seconds=31))
    await later.watch(UUID(payment.id))

    assert (await buyer.sees(payment)).state == pb.Payment.STATE_CANCELLED
    assert await payments.xendit.invoices(payment) == []


async def test_an_invoice_whose_answer_was_lost_is_found_and_closed(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "reset_after_processing"):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    cancelled = await buyer.cancels(payment)

    (invoice,) = await payments.xendit.invoices(payment)
    assert invoice["status"] == "EXPIRED"
    assert cancelled.provider_invoice_id == invoice["id"]


@pytest.mark.parametrize("_", range(5))
async def test_a_cancel_that_races_the_money_agrees_with_the_provider(
    payments: Payments, buyer: Buyer, _: int
) -> None:
    payment = await buyer.opens()

    outcomes = await asyncio.gather(
        payments.xendit.pay(payment, notify=True),
        buyer.stub.CancelPayment(cancel_payment(payment)),
        return_exceptions=True,
    )

    was_cancelled = isinstance(outcomes[-1], pb.Payment)
    state = pb.Payment.STATE_CAPTURED_LATE if was_cancelled else pb.Payment.STATE_CAPTURED
    assert (await buyer.sees_at_last(payment, state)).captured_amount == payment.amount


async def test_a_stranger_finds_no_payment(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    stranger = await payments.user("buyer")

    with refused("PAYMENT_NOT_FOUND", payment_id=payment.id):
        await stranger.CancelPayment(cancel_payment(payment))


async def test_an_administrator_cancels_for_others(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    admin = await payments.user("admin")

    cancelled = await admin.CancelPayment(cancel_payment(payment))

    assert cancelled.state == pb.Payment.STATE_CANCELLED


@pytest.mark.parametrize("role", ["seller", "factory", "ops"])
async def test_others_may_not_cancel(payments: Payments, buyer: Buyer, role: str) -> None:
    payment, stub = await buyer.opens(), await payments.user(role)

    with refused("ROLE_REQUIRED"):
        await stub.CancelPayment(cancel_payment(payment))
