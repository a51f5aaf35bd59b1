"""The life of an invoice at Xendit: pending, then paid and settled, or expired."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from deploy.sandbox.channels import BANKS, METHODS, available
from deploy.sandbox.clock import Clock, iso
from deploy.sandbox.ids import new_object_id, new_uuid
from deploy.sandbox.invoice_request import Request
from deploy.sandbox.webhooks import Webhooks

MERCHANT = "Toko Contoh"
_USER_ID = "aa11bb22cc33dd44ee55ff66"
_DAY = 86_400
# What Xendit repeats from the request when it was given; a webhook carries some of it.
_TOLD = (
    "description",
    "payer_email",
    "success_redirect_url",
    "failure_redirect_url",
    "items",
    "fees",
)
_ECHOED = (
    *_TOLD,
    "locale",
    "customer",
    "customer_notification_preference",
    "metadata",
    "should_authenticate_credit_card",
    "reminder_time",
    "reminder_time_unit",
    "channel_properties",
    "payment_methods",
)


class Status(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    SETTLED = "SETTLED"
    EXPIRED = "EXPIRED"


class WrongState(Exception):
    """The invoice is past what was asked of it."""


@dataclass(frozen=True, slots=True)
class Payment:
    amount: int
    method: str
    channel: str
    time: datetime
    destination: str = field(default_factory=lambda: f"8808{secrets.randbelow(10**10):010}")
    id: str = field(default_factory=lambda: f"py-{new_uuid()}")

    def to_json(self) -> dict[str, object]:
        bank = {"bank_code": self.channel} if self.channel in BANKS else {}
        return bank | {
            "paid_amount": self.amount,
            "paid_at": iso(self.time),
            "payment_method": self.method,
            "payment_channel": self.channel,
            "payment_destination": self.destination,
        }


@dataclass(slots=True)
class Invoice:
    external_id: str
    amount: int
    created: datetime
    expiry: datetime
    updated: datetime
    echo: dict[str, Any]
    channels: dict[str, object]
    url: str = ""
    status: Status = Status.PENDING
    payment: Payment | None = None
    id: str = field(default_factory=new_object_id)
    # A webhook keeps its id when it is sent again, so that the merchant can tell.
    webhook_ids: dict[str, UUID] = field(default_factory=lambda: defaultdict(new_uuid))

    def _core(self) -> dict[str, object]:
        return {
            "id": self.id,
            "external_id": self.external_id,
            "user_id": _USER_ID,
            "merchant_name": MERCHANT,
            "amount": self.amount,
            "created": iso(self.created),
            "updated": iso(self.updated),
            "currency": "IDR",
        }

    def to_json(self) -> dict[str, object]:
        paid = self.payment.to_json() | {"initial_amount": self.amount} if self.payment else {}
        return {
            **self._core(),
            "status": self.status.value,
            "merchant_profile_picture_url": "https://cdn.example.test/logo.png",
            "expiry_date": iso(self.expiry),
            "invoice_url": self.url,
            "should_send_email": False,
            **self.channels,
            **self.echo,
            **paid,
        }

    def webhook(self) -> dict[str, object]:
        """The merchant hears PAID or EXPIRED; settling is not announced."""
        told = {name: self.echo[name] for name in _TOLD if name in self.echo}
        paid = self.payment.to_json() | {"payment_id": self.payment.id} if self.payment else {}
        status = Status.PAID if self.payment else self.status
        return {**self._core(), "status": status.value, **told, **paid}


class Invoices:
    """All invoices, newest last; whoever looks at one sees it as of now."""

    def __init__(self, clock: Clock, webhooks: Webhooks, public_url: str) -> None:
        self._clock = clock
        self._webhooks = webhooks
        self._public_url = public_url
        self._by_id: dict[str, Invoice] = {}
        self._by_external_id: dict[str, list[Invoice]] = defaultdict(list)

    def create(self, body: Request) -> Invoice:
        now = self._clock()
        amount = int(body["amount"])
        invoice = Invoice(
            external_id=body["external_id"],
            amount=amount,
            created=now,
            updated=now,
            expiry=now + timedelta(seconds=body.get("invoice_duration", _DAY)),
            echo={name: body[name] for name in _ECHOED if name in body},
            channels=available(body.get("payment_methods", ()), amount, MERCHANT),
        )
        invoice.url = f"{self._public_url}/web/{invoice.id}"
        self._by_id[invoice.id] = invoice
        self._by_external_id[invoice.external_id].append(invoice)
        return invoice

    def find(self, id: str) -> Invoice | None:
        invoice = self._by_id.get(id)
        return self._as_of_now(invoice) if invoice else None

    def list_by_external_id(self, external_id: str) -> list[Invoice]:
        return [self._as_of_now(i) for i in self._by_external_id.get(external_id, ())]

    def list_all(self) -> list[Invoice]:
        return [self._as_of_now(invoice) for invoice in self._by_id.values()]

    def pay(self, invoice: Invoice, amount: int, channel: str | None, method: str | None) -> None:
        """Money may come late, or not be what was asked; it comes once."""
        if invoice.payment:
            raise WrongState(f"the invoice is {invoice.status}")
        time = self._clock()
        if invoice.status is Status.EXPIRED:
            time = max(time, invoice.expiry + timedelta(milliseconds=1))
        channel = channel or next(iter(invoice.echo.get("payment_methods", ())), BANKS[0])
        method = method or METHODS.get(channel, "BANK_TRANSFER")
        invoice.payment = Payment(amount, method, channel, time)
        invoice.status, invoice.updated = Status.PAID, time

    def settle(self, invoice: Invoice) -> None:
        if invoice.status is not Status.PAID:
            raise WrongState(f"the invoice is {invoice.status}")
        invoice.status, invoice.updated = Status.SETTLED, self._clock()

    def expire(self, invoice: Invoice) -> None:
        """End it now, whatever its expiry date was; a second time changes nothing."""
        if invoice.payment:
            raise WrongState(f"the invoice is {invoice.status}")
        if invoice.status is Status.PENDING:
            invoice.expiry = min(invoice.expiry, self._clock())
            self._as_of_now(invoice)

    def announce(self, invoice: Invoice) -> None:
        body = invoice.webhook()
        self._webhooks.announce(invoice.webhook_ids[str(body["status"])], body)

    def _as_of_now(self, invoice: Invoice) -> Invoice:
        if invoice.status is Status.PENDING and invoice.expiry <= self._clock():
            invoice.status, invoice.updated = Status.EXPIRED, invoice.expiry
            self.announce(invoice)
        return invoice
