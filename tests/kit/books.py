"""A ledger that only exists in tests, and what is asked of it."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from services.kit import ledger
from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.ledger import post
from services.kit.posting import Transaction, transaction

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Names = tuple[str, str, str]


def a_fact(
    debit: dict[str, int],
    credit: dict[str, int],
    *,
    reference: str = "",
    subject: UUID | None = None,
) -> Transaction:
    return transaction(
        reference or str(new_id()), "PR-1", subject or new_id(), debit=debit, credit=credit
    )


async def write(db: Database, *facts: Transaction) -> None:
    async with db.transaction() as tx:
        await post(tx, facts, NOW)


async def write_raw(db: Database, id: UUID, amounts: dict[str, int]) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            text("INSERT INTO ledger_transactions VALUES (:id, :ref, 'PR-1', :id, now())"),
            {"id": id, "ref": str(id)},
        )
        await tx.execute(
            text("INSERT INTO ledger_entries VALUES (:id, :account, :amount)"),
            [{"id": id, "account": account, "amount": n} for account, n in amounts.items()],
        )


async def balances(db: Database, *names: str) -> list[int]:
    """Debits less credits, 0 for an account that has no entry."""
    statement = text(
        "SELECT name, debit - credit AS balance FROM ledger_accounts WHERE name = ANY(:names)"
    )
    result = await db.execute(statement, {"names": list(names)})
    found = {row.name: int(row.balance) for row in result}
    return [found.get(name, 0) for name in names]


async def number_of(db: Database, reference: str) -> int:
    statement = text("SELECT count(*) FROM ledger_transactions WHERE reference = :reference")
    return int((await db.execute(statement, {"reference": reference})).scalar_one())


async def broken(db: Database) -> list[str]:
    return [name for name, query in ledger.INVARIANTS if (await db.execute(text(query))).all()]
