"""What may never happen to money is refused by the database itself."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.kit import ledger
from services.kit.db import Database, constraint
from services.kit.ids import new_id
from services.kit.posting import Posting
from tests.kit.books import Names, a_fact, balances, broken, number_of, write, write_raw
from tests.kit.conftest import Install


async def test_a_fact_moves_money_from_account_to_account(books: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts

    await write(books, a_fact({bank: 1_096_950}, {escrow: 1_065_000, fee: 31_950}))

    assert await balances(books, *accounts) == [1_096_950, -1_065_000, -31_950]
    assert await broken(books) == []


async def test_facts_of_one_batch_add_up(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    await write(
        books,
        *(a_fact({bank: amount}, {escrow: amount}) for amount in range(1, 101)),
        a_fact({escrow: 50}, {bank: 50}),
    )

    assert await balances(books, bank, escrow) == [5_000, -5_000]
    assert await broken(books) == []


async def test_large_amounts_stay_exact(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    await write(books, *(a_fact({bank: 10**15 + 1}, {escrow: 10**15 + 1}) for _ in range(10)))

    assert await balances(books, bank, escrow) == [10**16 + 10, -(10**16) - 10]


async def test_nothing_to_post_is_no_error(books: Database) -> None:
    await write(books)

    assert await broken(books) == []


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
    books: Database, accounts: Names, amounts: tuple[int, ...]
) -> None:
    await write(books, a_fact({accounts[0]: 500}, {accounts[1]: 500}))
    id = new_id()

    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await write_raw(books, id, dict(zip(accounts, amounts, strict=False)))

    assert await number_of(books, str(id)) == 0


async def test_an_entry_added_to_an_old_transaction_is_refused(
    books: Database, accounts: Names
) -> None:
    bank, escrow, fee = accounts
    await write(books, a_fact({bank: 500}, {escrow: 500}, reference=bank))
    await write(books, a_fact({bank: 500}, {fee: 500}))

    with pytest.raises(IntegrityError, match="does not balance"):
        await books.execute(
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
async def test_what_is_written_stays_written(books: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        await books.execute(text(statement))


async def test_an_asset_cannot_fall_below_zero(books: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(books, a_fact({bank: 100}, {escrow: 100}))

    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await write(books, a_fact({fee: 101}, {bank: 101}))

    assert constraint(refusal.value) == "ledger_accounts_sign"
    assert await balances(books, bank, fee) == [100, 0]


async def test_a_liability_cannot_be_in_debit(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await write(books, a_fact({escrow: 1}, {bank: 1}))

    assert constraint(refusal.value) == "ledger_accounts_sign"


async def test_a_liability_is_paid_back(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts
    await write(books, a_fact({bank: 100}, {escrow: 100}))

    await write(books, a_fact({escrow: 60}, {bank: 60}))

    assert await balances(books, bank, escrow) == [40, -40]


async def test_other_accounts_may_be_on_either_side(books: Database, accounts: Names) -> None:
    bank, _, fee = accounts
    await write(books, a_fact({bank: 100}, {fee: 100}))

    await write(books, a_fact({fee: 100}, {bank: 100}), a_fact({fee: 7}, {f"{fee}:other": 7}))

    assert await balances(books, bank, fee) == [0, 7]


async def test_a_fact_is_posted_once(books: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(books, a_fact({bank: 100}, {escrow: 100}, reference=bank))

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await write(
            books, a_fact({bank: 5}, {fee: 5}), a_fact({bank: 100}, {escrow: 100}, reference=bank)
        )

    assert await balances(books, *accounts) == [100, -100, 0]
    assert await broken(books) == []


async def test_a_fact_twice_in_one_batch_is_refused(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts
    fact = a_fact({bank: 100}, {escrow: 100}, reference=bank)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await write(books, fact, fact)

    assert await number_of(books, bank) == 0
    assert await balances(books, bank, escrow) == [0, 0]


async def test_a_sum_that_was_tampered_with_is_found(install: Install) -> None:
    name, url = await install(ledger.metadata, guards=tuple(ledger.GUARDS))
    db = Database(url, name)
    await write(db, a_fact({"asset:bank": 100}, {"liab:escrow": 100}))

    await db.execute(text("UPDATE ledger_accounts SET debit = 99 WHERE name = 'asset:bank'"))

    assert await broken(db) == ["INV-1", "INV-1"]
    await db.close()
