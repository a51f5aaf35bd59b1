"""What do we ask of Xendit? Invoices, opened, read and closed; and what it sends is read here.

A definite refusal is InvoiceRefused. Everything else that is no answer is ProviderUnavailable, and
then nobody knows whether the request was carried out.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

import httpx

from services.kit.deadline import time_left
from services.kit.telemetry import log
from services.payment.domain.invoice import Invoice, InvoiceStatus, Notice
from services.payment.domain.payment import Payment
from services.payment.domain.refusals import MalformedNotice, ProviderUnavailable

Json: TypeAlias = Mapping[str, object]

_PATIENCE = 10.0
_CURRENCY = "IDR"
# Answers that say that the request was not carried out and never will be.
_REFUSALS = frozenset({400, 403, 404, 409, 422})
_LONGEST_NOTICE = 64 * 1024
_LONGEST_NAME = 200
_STATUSES = {
    "PENDING": InvoiceStatus.PENDING,
    "PAID": InvoiceStatus.PAID,
    "SETTLED": InvoiceStatus.PAID,
    "EXPIRED": InvoiceStatus.EXPIRED,
}
# Of invoices with the same name, the one that matters most.
_RANK = [InvoiceStatus.PAID, InvoiceStatus.PENDING, InvoiceStatus.OTHER, InvoiceStatus.EXPIRED]


class InvoiceRefused(Exception):
    """Xendit said no: `error_code: message`."""


class Xendit:
    """The Invoices API, version 2."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def create_invoice(self, payment: Payment, seconds: int) -> Invoice:
        """Ask for an invoice that can be paid for so long. Two requests make two invoices."""
        body = {
            "external_id": payment.external_id,
            "amount": payment.amount,
            "currency": _CURRENCY,
            "description": f"Order {payment.order_id}",
            "invoice_duration": seconds,
            "should_send_email": False,
        }
        return _invoice(_object(await self._ask("POST", "/v2/invoices", body=body)))

    async def get_invoice(self, invoice_id: str) -> Invoice:
        return _invoice(_object(await self._ask("GET", f"/v2/invoices/{quote(invoice_id)}")))

    async def find_invoice(self, external_id: str) -> Invoice | None:
        """The invoice of that name. Of several, only one can have reached the buyer."""
        answer = await self._ask("GET", "/v2/invoices", params={"external_id": external_id})
        if not isinstance(answer, list):
            raise ProviderUnavailable("the provider answers with no list")
        found = [_invoice(_object(each)) for each in answer]
        named = [invoice for invoice in found if invoice.external_id == external_id]
        return min(named, key=lambda invoice: _RANK.index(invoice.status), default=None)

    async def expire_invoice(self, invoice_id: str) -> None:
        """Close an invoice. One that is paid stays so: whoever asks looks at it afterwards."""
        try:
            await self._ask("POST", f"/invoices/{quote(invoice_id)}/expire!")
        except InvoiceRefused as refusal:
            log.info("xendit did not close an invoice", invoice=invoice_id, reason=str(refusal))

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        params: Mapping[str, str] | None = None,
    ) -> object:
        try:
            async with asyncio.timeout(time_left(_PATIENCE)):
                response = await self.http.request(method, path, json=body, params=params)
        except (httpx.HTTPError, TimeoutError) as error:
            log.warning("xendit", method=method, path=path, error=type(error).__name__)
            raise ProviderUnavailable("the provider does not answer") from error
        log.info(
            "xendit",
            method=method,
            path=path,
            status=response.status_code,
            provider_request=response.headers.get("request-id", ""),
        )
        return _answer(response)


@asynccontextmanager
async def connected(base_url: str, secret_key: str) -> AsyncIterator[Xendit]:
    """A client; the key goes nowhere but into the header."""
    async with httpx.AsyncClient(
        base_url=base_url,
        auth=httpx.BasicAuth(secret_key, ""),
        timeout=httpx.Timeout(_PATIENCE, connect=3),
        trust_env=False,
    ) as http:
        yield Xendit(http)


def notice_from(body: bytes) -> Notice:
    """What a webhook is about. Raises MalformedNotice."""
    if len(body) > _LONGEST_NOTICE:
        raise MalformedNotice("the notice is too long")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedNotice("the notice is not JSON") from None
    if not isinstance(parsed, dict):
        raise MalformedNotice("the notice is no object")
    return Notice(
        invoice_id=_name(parsed, "id"),
        external_id=_name(parsed, "external_id"),
        status=_name(parsed, "status"),
        updated=str(parsed.get("updated", ""))[:_LONGEST_NAME],
    )


def _name(notice: Json, field: str) -> str:
    value = notice.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or "\0" in value:
        raise MalformedNotice(f"the notice has no usable {field}")
    return value


def _answer(response: httpx.Response) -> object:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.status_code in _REFUSALS and isinstance(body, dict):
        message = body.get("message") or body.get("error_message") or ""
        raise InvoiceRefused(f"{body.get('error_code', response.status_code)}: {message}"[:500])
    if not response.is_success or body is None:
        raise ProviderUnavailable(f"the provider answers with {response.status_code}")
    return body


def _object(answer: object) -> Json:
    if not isinstance(answer, dict):
        raise ProviderUnavailable("the provider answers with no object")
    return answer


def _invoice(body: Json) -> Invoice:
    """Unknown fields and statuses are welcome; money must be there to the rupiah."""
    status = _STATUSES.get(_text(body, "status"), InvoiceStatus.OTHER)
    is_paid = status is InvoiceStatus.PAID
    if is_paid and body.get("currency") != _CURRENCY:
        raise ProviderUnavailable("the provider took another currency")
    return Invoice(
        id=_needed(body, "id"),
        external_id=_needed(body, "external_id"),
        status=status,
        url=_text(body, "invoice_url"),
        paid_amount=_rupiah(body.get("paid_amount")) if is_paid else 0,
        paid_time=_time(_text(body, "paid_at")),
        method=_text(body, "payment_method"),
        channel=_text(body, "payment_channel"),
    )


def _rupiah(value: object) -> int:
    """Whole, also when written 275000.0; never guessed."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ProviderUnavailable("the provider names no whole amount")
    return int(value)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _needed(body: Json, field: str) -> str:
    if value := _text(body, field):
        return value
    raise ProviderUnavailable(f"the provider answers without {field}")


def _text(body: Json, field: str) -> str:
    value = body.get(field)
    return value if isinstance(value, str) else ""
