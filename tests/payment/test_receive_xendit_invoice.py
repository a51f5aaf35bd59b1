import asyncio

import grpc
import pytest

from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1 import webhook_pb2 as webhook
from gotong.payment.v1.webhook_pb2_grpc import PaymentWebhookServiceStub
from services.kit.mapping import time_from_proto
from tests.payment.conftest import Buyer, Payments
from tests.payment.neighbours import TOKEN
from tests.payment.requests import a_notice, raw_notice
from tests.support import an_id, denied, idr, refused

TRUSTED = ("x-callback-token", TOKEN)


@pytest.fixture
async def provider(payments: Payments) -> PaymentWebhookServiceStub:
    return await payments.anybody()


async def events(payments: Payments, payment: pb.Payment) -> int:
    statement = "SELECT 1 FROM webhook_events WHERE invoice_id = :id"
    return len(await payments.rows(statement, id=payment.provider_invoice_id))


async def test_money_that_comes_is_captured_and_the_order_told(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()

    await payments.xendit.pay(payment, notify=True)

    captured = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)
    told = await buyer.order_knows(payment)
    assert (captured.captured_amount, captured.refund_due) == (payment.amount, idr(0))
    assert (captured.payment_method, captured.payment_channel) == ("BANK_TRANSFER", "BCA")
    assert (told.payment_id, told.amount) == (payment.id, payment.amount)
    assert told.pay_time == captured.capture_time


@pytest.mark.parametrize("names", ["the same name", "names of their own"])
async def test_twenty_notices_at_once_are_one_capture(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub, names: str
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    same = an_id()
    ids = [same if names == "the same name" else an_id() for _ in range(20)]

    await asyncio.gather(
        *(
            provider.ReceiveXenditInvoice(a_notice(payment), metadata=(TRUSTED, ("webhook-id", id)))
            for id in ids
        )
    )

    await buyer.order_knows(payment)
    await payments.at_rest(payment)
    booked = "SELECT 1 FROM ledger_transactions WHERE subject_id = :id"
    assert len(await payments.rows(booked, id=payment.id)) == 1
    assert await events(payments, payment) == len(set(ids))


async def test_a_notice_that_comes_again_much_later_changes_nothing(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub
) -> None:
    payment = await buyer.opens()
    captured = await buyer.pays(payment)
    await buyer.order_knows(payment)

    await provider.ReceiveXenditInvoice(a_notice(payment), metadata=(TRUSTED,))

    await payments.at_rest(payment)
    await buyer.order_knows(payment)
    assert (await buyer.sees(payment)).capture_time == captured.capture_time


async def test_a_notice_without_a_name_is_known_by_its_event(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub
) -> None:
    payment = await buyer.opens()

    for updated in ("09:00", "09:00", "09:05"):
        notice = a_notice(payment, updated=updated)
        await provider.ReceiveXenditInvoice(notice, metadata=(TRUSTED,))

    assert await events(payments, payment) == 2


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN.upper(), f" {TOKEN}"])
async def test_whoever_lacks_the_token_is_refused_and_leaves_no_trace(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub, token: str | None
) -> None:
    payment = await buyer.opens()
    metadata = () if token is None else (("x-callback-token", token),)

    with refused("INVALID_CALLBACK_TOKEN"):
        await provider.ReceiveXenditInvoice(a_notice(payment), metadata=metadata)

    assert await events(payments, payment) == 0


async def test_the_wrong_token_is_unauthenticated_also_for_nonsense(
    provider: PaymentWebhookServiceStub,
) -> None:
    with denied(grpc.StatusCode.UNAUTHENTICATED):
        await provider.ReceiveXenditInvoice(raw_notice(b"nonsense"))


async def test_a_user_is_not_the_provider(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    channel = payments.realm.channel(
        payments.app.port, "payment", token=payments.realm.token("admin")
    )

    async with channel:
        with refused("INVALID_CALLBACK_TOKEN"):
            await PaymentWebhookServiceStub(channel).ReceiveXenditInvoice(a_notice(payment))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"id": 7, "external_id": "a", "status": "PAID"}',
        b'{"id": "", "external_id": "a", "status": "PAID"}',
        b'{"id": "a", "external_id": "a"}',
        b'{"id": "a\\u0000", "external_id": "a", "status": "PAID"}',
        b'{"id": "' + b"a" * 201 + b'", "external_id": "a", "status": "PAID"}',
        b"[" * 100_000,
        b'{"id": "a", "external_id": "a", "status": "PAID", "x": "' + b"x" * 70_000 + b'"}',
    ],
    ids=range(13),
)
async def test_what_is_no_notice_is_refused(
    provider: PaymentWebhookServiceStub, body: bytes
) -> None:
    with refused("MALFORMED_NOTICE"):
        await provider.ReceiveXenditInvoice(raw_notice(body), metadata=(TRUSTED,))


async def test_a_notice_is_kept_as_it_was_sent_but_for_the_token(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub
) -> None:
    payment, id = await buyer.opens(), an_id()
    notice = a_notice(payment)

    await provider.ReceiveXenditInvoice(notice, metadata=(TRUSTED, ("webhook-id", id)))

    statement = "SELECT * FROM webhook_events WHERE event_key = :id"
    (event,) = await payments.rows(statement, id=id)
    assert event.body == notice.body.data
    assert event.headers["webhook-id"] == id
    assert TOKEN not in str(event)


async def test_what_a_notice_claims_is_not_believed(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub
) -> None:
    payment = await buyer.opens()

    await provider.ReceiveXenditInvoice(a_notice(payment), metadata=(TRUSTED,))

    await payments.at_rest(payment)
    assert (await buyer.sees(payment)).state == pb.Payment.STATE_PENDING


async def test_the_provider_says_how_much_came_not_the_notice(
    payments: Payments, buyer: Buyer, provider: PaymentWebhookServiceStub
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)

    await provider.ReceiveXenditInvoice(a_notice(payment, paid_amount=1), metadata=(TRUSTED,))

    captured = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)
    assert captured.captured_amount == payment.amount


async def test_a_notice_of_an_invoice_that_is_not_ours_is_taken_and_changes_nothing(
    payments: Payments, provider: PaymentWebhookServiceStub
) -> None:
    stranger = pb.Payment(id=an_id(), provider_invoice_id=an_id())

    answer = await provider.ReceiveXenditInvoice(a_notice(stranger), metadata=(TRUSTED,))

    assert answer == webhook.ReceiveXenditInvoiceResponse()
    assert await events(payments, stranger) == 1


async def test_a_notice_finds_a_payment_whose_invoice_is_not_known_yet(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("/v2/invoices", "reset_after_processing"):
        payment = await buyer.stub.CreatePayment(
            pb.CreatePaymentRequest(
                order_id=(due := buyer.places()).order_id, amount=due.total, request_id=an_id()
            )
        )

    await payments.xendit.pay(payment, notify=True)

    await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)


async def test_an_invoice_that_ends_unpaid_ends_the_payment(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()

    await payments.xendit.pull(payment, "expire")

    await buyer.sees_at_last(payment, pb.Payment.STATE_EXPIRED)


async def test_money_that_comes_after_the_end_is_owed_back(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pull(payment, "expire")
    await buyer.sees_at_last(payment, pb.Payment.STATE_EXPIRED)

    await payments.xendit.pay(payment, notify=True)

    late = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED_LATE)
    await payments.at_rest(payment)
    assert (late.captured_amount, late.refund_due) == (payment.amount, payment.amount)
    assert payments.orders.told_of(payment.order_id) == []


@pytest.mark.parametrize("off", [-1, 1])
async def test_one_rupiah_off_waits_for_an_operator(
    payments: Payments, buyer: Buyer, off: int
) -> None:
    payment = await buyer.opens()

    await payments.xendit.pay(payment, payment.amount.units + off, notify=True)

    odd = await buyer.sees_at_last(payment, pb.Payment.STATE_SUSPENSE)
    await payments.at_rest(payment)
    assert (odd.captured_amount, odd.refund_due) == (idr(payment.amount.units + off), idr(0))
    assert payments.orders.told_of(payment.order_id) == []


async def test_of_two_payments_of_an_order_the_second_is_owed_back(
    payments: Payments, buyer: Buyer
) -> None:
    due = buyer.places()
    first = await buyer.opens(due)
    await buyer.cancels(first)
    second = await buyer.opens(due)

    await payments.xendit.pay(second, notify=True)
    await payments.xendit.pay(first, notify=True)

    await buyer.sees_at_last(second, pb.Payment.STATE_CAPTURED)
    late = await buyer.sees_at_last(first, pb.Payment.STATE_CAPTURED_LATE)
    told = await buyer.order_knows(second)
    assert (told.payment_id, late.refund_due) == (second.id, first.amount)


async def test_the_time_of_payment_is_the_provider_s(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()

    await payments.xendit.pay(payment, notify=True)

    captured = await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)
    (invoice,) = await payments.xendit.invoices(payment)
    written = time_from_proto(captured.capture_time).isoformat(timespec="milliseconds")
    assert written.replace("+00:00", "Z") == invoice["paid_at"]
