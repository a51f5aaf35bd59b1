"""What is a payment, and what arbitrates between the payments of an order?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# A request for an invoice is over after ten seconds; when its answer is lost, nobody asks again
# before this has passed, so that two requests are never under way.
ASK_AGAIN_AFTER = timedelta(seconds=30)
# That a request is made is written down before; one that is not made by then is not made at all.
ASK_WITHIN = timedelta(seconds=10)


class State(StrEnum):
    CREATED = "CREATED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    CAPTURED = "CAPTURED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    CAPTURED_LATE = "CAPTURED_LATE"
    SUSPENSE = "SUSPENSE"


UNOPENED = frozenset({State.CREATED, State.UNKNOWN})
LIVE = UNOPENED | {State.PENDING}
PAID = frozenset({State.CAPTURED, State.CAPTURED_LATE, State.SUSPENSE})


@dataclass(frozen=True, slots=True)
class AmountDue:
    """What an order says about itself."""

    order_id: UUID
    total_amount: int
    shipping_amount: int
    waits_for_payment: bool
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class Payable:
    """The arbiter of an order: it is closed, or captured by one payment, or neither; never both."""

    order_id: UUID
    closed_time: datetime | None
    captured_payment_id: UUID | None

    @property
    def is_open(self) -> bool:
        return self.closed_time is None and self.captured_payment_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One try at paying an order. version counts its changes."""

    id: UUID
    order_id: UUID
    buyer_id: UUID
    state: State
    amount: int
    shipping_amount: int
    captured_amount: int = 0
    refund_due_amount: int = 0
    provider_invoice_id: str | None = None
    invoice_url: str | None = None
    method: str | None = None
    channel: str | None = None
    failure_reason: str | None = None
    ask_time: datetime | None = None
    close_request_id: UUID | None = None
    create_time: datetime
    update_time: datetime
    expire_time: datetime
    capture_time: datetime | None = None
    order_told_time: datetime | None = None
    version: int = 1

    @property
    def external_id(self) -> str:
        """What the invoice is called at the provider."""
        return str(self.id)

    @property
    def goods_amount(self) -> int:
        return self.amount - self.shipping_amount

    @property
    def is_unopened(self) -> bool:
        return self.state in UNOPENED

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_paid(self) -> bool:
        return self.state in PAID

    def asked_lately(self, now: datetime) -> bool:
        """Whether a request for the invoice may still be under way."""
        return self.ask_time is not None and now < self.ask_time + ASK_AGAIN_AFTER

    def may_ask_still(self, now: datetime) -> bool:
        """Whether the request that was written down would be over before anybody asks again."""
        return self.ask_time is not None and now < self.ask_time + ASK_WITHIN

    def seconds_left(self, now: datetime) -> int:
        return int((self.expire_time - now).total_seconds())

    def is_wanted(self, now: datetime) -> bool:
        """Whether an invoice would still be of use."""
        return self.close_request_id is None and self.seconds_left(now) >= 1
