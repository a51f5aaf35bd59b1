"""The ledger, read."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, true

from services.kit.db import Tx
from services.kit.ledger import accounts, entries, transactions
from services.kit.paging import Window
from services.kit.posting import Posting
from services.payment.domain.books import Account, Balance, Booked


async def trial_balance(tx: Tx, prefix: str, window: Window) -> Balance:
    """In one statement, so that page and totals are of the same moment."""
    totals = select(
        func.coalesce(func.sum(accounts.c.debit), 0).label("total_debit"),
        func.coalesce(func.sum(accounts.c.credit), 0).label("total_credit"),
    ).cte("totals")
    page = (
        select(accounts.c.name, accounts.c.debit, accounts.c.credit)
        .where(accounts.c.name > window.after, accounts.c.name.startswith(prefix, autoescape=True))
        .order_by(accounts.c.name)
        .limit(window.limit)
        .cte("page")
    )
    result = await tx.execute(
        select(totals, page).select_from(totals.outerjoin(page, true())).order_by(page.c.name)
    )
    rows = result.all()
    return Balance(
        accounts=[Account(row.name, row.debit, row.credit) for row in rows if row.name],
        total_debit=int(rows[0].total_debit),
        total_credit=int(rows[0].total_credit),
    )


async def list_transactions(
    tx: Tx, window: Window, *, account: str, payment_id: UUID | None
) -> list[Booked]:
    """Newest first, each with its entries."""
    statement = select(transactions).where(transactions.c.id < window.before_id)
    if payment_id:
        statement = statement.where(transactions.c.subject_id == payment_id)
    if account:
        touching = select(entries.c.transaction_id).where(entries.c.account == account)
        statement = statement.where(transactions.c.id.in_(touching))
    result = await tx.execute(statement.order_by(transactions.c.id.desc()).limit(window.limit))
    rows = result.all()
    postings = await _postings(tx, [row.id for row in rows])
    return [
        Booked(row.id, row.reference, row.recipe, row.create_time, postings[row.id]) for row in rows
    ]


async def _postings(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[Posting]]:
    """Debits first."""
    result = await tx.execute(
        select(entries)
        .where(entries.c.transaction_id.in_(ids))
        .order_by(entries.c.transaction_id, entries.c.amount < 0, entries.c.account)
    )
    found: dict[UUID, list[Posting]] = defaultdict(list)
    for row in result:
        found[row.transaction_id].append(Posting(row.account, row.amount))
    return found
