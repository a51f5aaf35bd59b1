"""What does the provider say?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InvoiceStatus(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    # One that we do not know: nothing follows from it.
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the provider says. paid_amount is what came in, whatever was asked for."""

    id: str
    external_id: str
    status: InvoiceStatus
    url: str
    paid_amount: int
    paid_time: datetime | None
    method: str
    channel: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook is about. Only the names in it are used, never what it claims."""

    invoice_id: str
    external_id: str
    status: str
    updated: str
