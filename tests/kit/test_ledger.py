"""What may never happen to money is refused by the database itself."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.kit import ledger
from services.kit.db import Database, constraint
from services.kit.ids import new_id
from services.kit.ledger import Posting, Transaction, post, transaction
from tests.kit.conftest import Install

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Names = tuple[str, str, str]


@pytest.fixture(scope="module")
async def db(install: Install) -> AsyncIterator[Database]:
    name, url = await install(ledger.metadata, guards=tuple(ledger.GUARDS))
    database = Database(url, name)
    yield database
    await database.close()


@pytest.fixture
def accounts() -> Names:
    """An asset, a liability and a revenue that nobody else posts to."""
    key = new_id()
    return f"asset:bank:{key}", f"liab:escrow:{key}", f"rev:fee:{key}"


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


async def test_a_fact_moves_money_from_account_to_account(db: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts

    await write(db, a_fact({bank: 1_096_950}, {escrow: 1_065_000, fee: 31_950}))

    assert await balances(db, *accounts) == [1_096_950, -1_065_000, -31_950]
    assert await broken(db) == []


async def test_facts_of_one_batch_add_up(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    await write(
        db,
        *(a_fact({bank: amount}, {escrow: amount}) for amount in range(1, 101)),
        a_fact({escrow: 50}, {bank: 50}),
    )

    assert await balances(db, bank, escrow) == [5_000, -5_000]
    assert await broken(db) == []


async def test_large_amounts_stay_exact(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    await write(db, *(a_fact({bank: 10**15 + 1}, {escrow: 10**15 + 1}) for _ in range(10)))

    assert await balances(db, bank, escrow) == [10**16 + 10, -(10**16) - 10]


async def test_nothing_to_post_is_no_error(db: Database) -> None:
    await write(db)

    assert await broken(db) == []


def test_what_is_nothing_falls_away(accounts: Names) -> None:
    bank, escrow, fee = accounts

    fact = a_fact({bank: 100}, {escrow: 100, fee: 0})

    assert fact.postings == (Posting(bank, 100), Posting(escrow, -100))


def test_a_fact_that_does_not_balance_cannot_be_said(accounts: Names) -> None:
    bank, escrow, _ = accounts

    with pytest.raises(AssertionError):
        a_fact({bank: 100}, {escrow: 99})


@pytest.mark.parametrize("amounts", [(100,), (100, -99), (1, 1)])
async def test_entries_that_do_not_balance_are_refused_at_commit(
    db: Database, accounts: Names, amounts: tuple[int, ...]
) -> None:
    await write(db, a_fact({accounts[0]: 500}, {accounts[1]: 500}))
    id = new_id()

    with pytest.raises(IntegrityError, match="does not balance"):
        await write_raw(db, id, dict(zip(accounts, amounts, strict=False)))

    assert await number_of(db, str(id)) == 0


async def test_an_entry_added_to_an_old_transaction_is_refused(
    db: Database, accounts: Names
) -> None:
    bank, escrow, fee = accounts
    await write(db, a_fact({bank: 500}, {escrow: 500}, reference=bank))
    await write(db, a_fact({bank: 500}, {fee: 500}))

    with pytest.raises(IntegrityError, match="does not balance"):
        await db.execute(
            text("""
            INSERT INTO ledger_entries
            SELECT id, :fee, 1 FROM ledger_transactions WHERE reference = :reference"""),
            {"fee": fee, "reference": bank},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount = amount + 1",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "UPDATE ledger_transactions SET recipe = 'PR-2'",
        "DELETE FROM ledger_transactions",
        "TRUNCATE ledger_transactions CASCADE",
    ],
)
async def test_what_is_written_stays_written(db: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        await db.execute(text(statement))


async def test_an_asset_cannot_fall_below_zero(db: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(db, a_fact({bank: 100}, {escrow: 100}))

    with pytest.raises(IntegrityError) as refusal:
        await write(db, a_fact({fee: 101}, {bank: 101}))

    assert constraint(refusal.value) == "ledger_accounts_sign"
    assert await balances(db, bank, fee) == [100, 0]


async def test_a_liability_cannot_be_in_debit(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    with pytest.raises(IntegrityError) as refusal:
        await write(db, a_fact({escrow: 1}, {bank: 1}))

    assert constraint(refusal.value) == "ledger_accounts_sign"


async def test_a_liability_is_paid_back(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts
    await write(db, a_fact({bank: 100}, {escrow: 100}))

    await write(db, a_fact({escrow: 60}, {bank: 60}))

    assert await balances(db, bank, escrow) == [40, -40]


async def test_other_accounts_may_be_on_either_side(db: Database, accounts: Names) -> None:
    bank, _, fee = accounts
    await write(db, a_fact({bank: 100}, {fee: 100}))

    await write(db, a_fact({fee: 100}, {bank: 100}), a_fact({fee: 7}, {f"{fee}:other": 7}))

    assert await balances(db, bank, fee) == [0, 7]


async def test_a_fact_is_posted_once(db: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(db, a_fact({bank: 100}, {escrow: 100}, reference=bank))

    with pytest.raises(IntegrityError):
        await write(
            db, a_fact({bank: 5}, {fee: 5}), a_fact({bank: 100}, {escrow: 100}, reference=bank)
        )

    assert await balances(db, *accounts) == [100, -100, 0]
    assert await broken(db) == []


async def test_a_fact_twice_in_one_batch_is_refused(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts
    fact = a_fact({bank: 100}, {escrow: 100}, reference=bank)

    with pytest.raises(IntegrityError):
        await write(db, fact, fact)

    assert await number_of(db, bank) == 0
    assert await balances(db, bank, escrow) == [0, 0]


async def test_of_racing_posts_of_one_fact_one_is_written(db: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    outcomes = await asyncio.gather(
        *(write(db, a_fact({bank: 100}, {escrow: 100}, reference=bank)) for _ in range(8)),
        return_exceptions=True,
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(o, IntegrityError) for o in outcomes if o is not None)
    assert await balances(db, bank, escrow) == [100, -100]


@pytest.mark.parametrize("ways", [8, 64])
async def test_posts_in_both_directions_never_wait_for_each_other(
    db: Database, accounts: Names, ways: int
) -> None:
    _, _, fee = accounts
    one, two = f"{fee}:one", f"{fee}:two"

    await asyncio.gather(
        *(
            write(db, a_fact({one: i}, {two: i}), a_fact({two: 2 * i}, {one: 2 * i}))
            if i % 2
            else write(db, a_fact({two: i}, {one: i}), a_fact({one: 2 * i}, {two: 2 * i}))
            for i in range(1, ways + 1)
        )
    )

    net = sum(-i if i % 2 else i for i in range(1, ways + 1))
    assert await balances(db, one, two) == [net, -net]
    assert await broken(db) == []


async def test_batches_over_shared_accounts_in_any_order_agree(
    db: Database, accounts: Names
) -> None:
    chance = random.Random(2_026)  # noqa: S311 - the order is no secret
    names = [f"{accounts[2]}:{i}" for i in range(10)]
    batches = [
        [
            a_fact({debit: 10}, {credit: 10})
            for debit, credit in (chance.sample(names, 2) for _ in range(20))
        ]
        for _ in range(24)
    ]

    await asyncio.gather(*(write(db, *batch) for batch in batches))

    expected = dict.fromkeys(names, 0)
    for posting in (p for batch in batches for fact in batch for p in fact.postings):
        expected[posting.account] += posting.amount
    assert await balances(db, *names) == [expected[name] for name in names]
    assert await broken(db) == []


async def test_of_rivals_for_the_last_rupiah_one_wins(db: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(db, a_fact({bank: 100}, {escrow: 100}))

    outcomes = await asyncio.gather(
        *(write(db, a_fact({escrow: 100}, {fee: 100})) for _ in range(8)), return_exceptions=True
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert await balances(db, *accounts) == [100, 0, -100]


async def test_a_sum_that_was_tampered_with_is_found(install: Install) -> None:
    name, url = await install(ledger.metadata, guards=tuple(ledger.GUARDS))
    db = Database(url, name)
    await write(db, a_fact({"asset:bank": 100}, {"liab:escrow": 100}))

    await db.execute(text("UPDATE ledger_accounts SET debit = 99 WHERE name = 'asset:bank'"))

    assert await broken(db) == ["INV-1", "INV-1"]
    await db.close()
