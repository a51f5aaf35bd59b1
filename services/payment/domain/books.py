"""What does the ledger say, for those who read it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kit.posting import Posting


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Some accounts, and the sums of all."""

    accounts: Sequence[Account]
    total_debit: int
    total_credit: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A ledger transaction as it was written."""

    id: UUID
    reference: str
    recipe: str
    create_time: datetime
    postings: Sequence[Posting]
