"""How Xendit's answers are read: what is tolerated, what is refused, and when nobody knows."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.server import listen, running
from gotong.payment.v1 import payment_pb2 as pb
from services.payment.domain.invoice import InvoiceStatus
from services.payment.domain.payment import Payment, State
from services.payment.domain.refusals import ProviderUnavailable
from services.payment.settlement import Settlement
from services.payment.xendit import InvoiceRefused, Xendit, connected
from tests.payment.conftest import Buyer, Payments
from tests.payment.neighbours import KEY
from tests.payment.requests import create_payment

INVOICE = {
    "id": "6741f2a9c1d2e3f4a5b6c7d8",
    "external_id": "ord-7",
    "status": "PAID",
    "amount": 275_000,
    "paid_amount": 275_000,
    "paid_at": "2026-11-22T03:20:11.000Z",
    "currency": "IDR",
    "invoice_url": "https://checkout.example.test/7",
    "payment_method": "QR_CODE",
    "payment_channel": "QRIS",
}


@dataclass
class Script:
    """A provider that always answers the same."""

    status: int = 200
    body: object = None
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    authorization: str = ""
    # Whether it knows of no invoice, whatever else it says.
    is_empty: bool = False

    async def answer(self, request: Request) -> Response:
        self.asked.append((request.method, request.url.path, await request.body()))
        self.authorization = request.headers["authorization"]
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return Response(body, self.status)

    async def find_nothing(self, _: Request) -> Response:
        return Response(b"[]")


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[Xendit]:
    listener, base_url = listen()
    routes = [
        *([Route("/v2/invoices", script.find_nothing, methods=["GET"])] if script.is_empty else []),
        Route("/{path:path}", script.answer, methods=["GET", "POST"]),
    ]
    async with running(Starlette(routes=routes), listener), connected(base_url, KEY) as client:
        yield client


def a_payment() -> Payment:
    now = datetime.now(UTC)
    return Payment(
        id=uuid4(),
        order_id=uuid4(),
        buyer_id=uuid4(),
        state=State.UNKNOWN,
        amount=275_000,
        shipping_amount=25_000,
        create_time=now,
        update_time=now,
        expire_time=now + timedelta(hours=1),
    )


async def test_an_invoice_is_asked_for_with_the_key_and_whole_rupiah() -> None:
    script, payment = Script(body=INVOICE), a_payment()

    async with scripted(script) as xendit:
        await xendit.create_invoice(payment, 3600)

    ((method, path, body),) = script.asked
    asked = json.loads(body)
    assert (method, path) == ("POST", "/v2/invoices")
    assert (asked["amount"], asked["currency"]) == (275_000, "IDR")
    assert (asked["external_id"], asked["invoice_duration"]) == (str(payment.id), 3600)
    assert b"275000.0" not in body
    assert script.authorization.startswith("Basic ")


@pytest.mark.parametrize("written", [275_000, 275_000.0])
async def test_whole_rupiah_are_read_however_they_are_written(written: float) -> None:
    async with scripted(Script(body=INVOICE | {"paid_amount": written})) as xendit:
        invoice = await xendit.get_invoice("7")

    assert (invoice.paid_amount, type(invoice.paid_amount)) == (275_000, int)
    assert invoice.paid_time == datetime(2026, 11, 22, 3, 20, 11, tzinfo=UTC)


@pytest.mark.parametrize("written", [275_000.5, "275000", None, True, [275_000]])
async def test_other_amounts_are_never_guessed(written: object) -> None:
    async with scripted(Script(body=INVOICE | {"paid_amount": written})) as xendit:
        with pytest.raises(ProviderUnavailable):
            await xendit.get_invoice("7")


@pytest.mark.parametrize("currency", ["USD", None])
async def test_another_currency_is_no_rupiah(currency: str | None) -> None:
    async with scripted(Script(body=INVOICE | {"currency": currency})) as xendit:
        with pytest.raises(ProviderUnavailable):
            await xendit.get_invoice("7")


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("PENDING", InvoiceStatus.PENDING),
        ("PAID", InvoiceStatus.PAID),
        ("SETTLED", InvoiceStatus.PAID),
        ("EXPIRED", InvoiceStatus.EXPIRED),
        ("UNHEARD_OF", InvoiceStatus.OTHER),
    ],
)
async def test_a_status_that_is_new_is_no_error(written: str, status: InvoiceStatus) -> None:
    async with scripted(Script(body=INVOICE | {"status": written, "new_field": {}})) as xendit:
        assert (await xendit.get_invoice("7")).status is status


@pytest.mark.parametrize("missing", ["id", "external_id"])
async def test_an_invoice_without_a_name_is_none(missing: str) -> None:
    body = {name: value for name, value in INVOICE.items() if name != missing}
    async with scripted(Script(body=body)) as xendit:
        with pytest.raises(ProviderUnavailable):
            await xendit.get_invoice("7")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
async def test_a_refusal_is_told_in_the_provider_s_words(status: int) -> None:
    body = {"error_code": "API_VALIDATION_ERROR", "message": "Invalid input data"}
    async with scripted(Script(status, body)) as xendit:
        with pytest.raises(InvoiceRefused, match=r"^API_VALIDATION_ERROR: Invalid input data$"):
            await xendit.create_invoice(a_payment(), 60)


@pytest.mark.parametrize("status", [200, 302, 401, 408, 429, 500, 503])
async def test_what_is_no_answer_leaves_the_outcome_unknown(status: int) -> None:
    body = b"" if status == 200 else b'{"error_code": "X", "message": "x"}'
    async with scripted(Script(status, body)) as xendit:
        with pytest.raises(ProviderUnavailable):
            await xendit.create_invoice(a_payment(), 60)


async def test_a_proxy_s_page_is_no_refusal() -> None:
    async with scripted(Script(400, b"<html>Bad request")) as xendit:
        with pytest.raises(ProviderUnavailable):
            await xendit.create_invoice(a_payment(), 60)


async def test_of_invoices_with_one_name_the_paid_one_counts() -> None:
    of_others = INVOICE | {"external_id": "ord-8"}
    states = [{"id": s, "status": s} for s in ("EXPIRED", "PENDING", "PAID", "OTHER")]
    body = [of_others, *(INVOICE | state for state in states)]
    async with scripted(Script(body=body)) as xendit:
        invoice = await xendit.find_invoice("ord-7")

    assert invoice is not None
    assert invoice.id == "PAID"


async def test_the_key_is_in_no_error(payments: Payments) -> None:
    async with connected("http://127.0.0.1:9", KEY) as xendit:
        with pytest.raises(ProviderUnavailable) as error:
            await xendit.get_invoice("7")

    told = [str(error.value), repr(error.value.__cause__), repr(payments.app)]
    assert KEY not in "".join(told)


async def test_an_invoice_that_is_refused_fails_the_payment_for_good(
    payments: Payments, buyer: Buyer
) -> None:
    due = buyer.places()
    async with payments.xendit.failing("POST /v2/invoices", "reset_before_processing"):
        payment = await buyer.stub.CreatePayment(create_payment(due))

    refusal = {"error_code": "MAXIMUM_TRANSFER_AMOUNT_ERROR", "message": "Too much"}
    async with scripted(Script(400, refusal, is_empty=True)) as xendit:
        await Settlement(
            payments.app.db,
            payments.app.jobs,
            lambda: datetime.now(UTC) + timedelta(seconds=31),
            xendit,
            payments.orders_client,
        ).watch(UUID(payment.id))

    failed = await buyer.sees(payment)
    assert failed.state == pb.Payment.STATE_FAILED
    assert failed.failure_reason == "MAXIMUM_TRANSFER_AMOUNT_ERROR: Too much"
    assert (await buyer.opens(due)).id != failed.id
