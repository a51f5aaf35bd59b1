"""What is posted in a ledger? Pure: amounts on accounts, and the fact that they explain."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on an account: a debit where positive."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """Postings that sum to zero, the fact they explain and what it is about."""

    reference: str
    recipe: str
    subject_id: UUID
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        assert sum(p.amount for p in self.postings) == 0, f"{self.reference} does not balance"


def transaction(
    reference: str, recipe: str, subject_id: UUID, *, debit: dict[str, int], credit: dict[str, int]
) -> Transaction:
    """What the recipes of a domain build: amounts by account and side; those of zero fall away."""
    postings = [Posting(account, amount) for account, amount in debit.items() if amount]
    postings += [Posting(account, -amount) for account, amount in credit.items() if amount]
    return Transaction(reference, recipe, subject_id, tuple(postings))
