"""Posts that race on shared accounts agree, and none waits for ever."""

import asyncio
import random

import asyncpg
import pytest

from services.kit.db import Database
from tests.kit.books import Names, a_fact, balances, broken, write


async def test_of_racing_posts_of_one_fact_one_is_written(books: Database, accounts: Names) -> None:
    bank, escrow, _ = accounts

    outcomes = await asyncio.gather(
        *(write(books, a_fact({bank: 100}, {escrow: 100}, reference=bank)) for _ in range(8)),
        return_exceptions=True,
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(o, asyncpg.UniqueViolationError) for o in outcomes if o is not None)
    assert await balances(books, bank, escrow) == [100, -100]


@pytest.mark.parametrize("ways", [8, 64])
async def test_posts_in_both_directions_never_wait_for_each_other(
    books: Database, accounts: Names, ways: int
) -> None:
    _, _, fee = accounts
    one, two = f"{fee}:one", f"{fee}:two"

    await asyncio.gather(
        *(
            write(books, a_fact({one: i}, {two: i}), a_fact({two: 2 * i}, {one: 2 * i}))
            if i % 2
            else write(books, a_fact({two: i}, {one: i}), a_fact({one: 2 * i}, {two: 2 * i}))
            for i in range(1, ways + 1)
        )
    )

    net = sum(-i if i % 2 else i for i in range(1, ways + 1))
    assert await balances(books, one, two) == [net, -net]
    assert await broken(books) == []


async def test_batches_over_shared_accounts_in_any_order_agree(
    books: Database, accounts: Names
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

    await asyncio.gather(*(write(books, *batch) for batch in batches))

    expected = dict.fromkeys(names, 0)
    for posting in (p for batch in batches for fact in batch for p in fact.postings):
        expected[posting.account] += posting.amount
    assert await balances(books, *names) == [expected[name] for name in names]
    assert await broken(books) == []


async def test_of_rivals_for_the_last_rupiah_one_wins(books: Database, accounts: Names) -> None:
    bank, escrow, fee = accounts
    await write(books, a_fact({bank: 100}, {escrow: 100}))

    outcomes = await asyncio.gather(
        *(write(books, a_fact({escrow: 100}, {fee: 100})) for _ in range(8)), return_exceptions=True
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert await balances(books, *accounts) == [100, 0, -100]
