"""Where is every rupiah? A double-entry ledger: append-only transactions whose entries sum to zero.

An entry's amount is a debit where positive, a credit where negative, in whole rupiah. Accounts come
into being with their first entry. A transaction's reference names the fact that it explains and is
unique, so that a fact is posted once. What may never happen is refused by the database: an
unbalanced transaction, a changed or deleted entry, a liability in debit or an asset in credit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from services.kit.append_only import append_only
from services.kit.db import Timestamp, Tx, prepared
from services.kit.ids import new_id
from services.kit.posting import Transaction

metadata = MetaData()

accounts = Table(
    "ledger_accounts",
    metadata,
    Column("name", Text, primary_key=True),
    # +1: may not fall below zero (assets), -1: may not rise above it (liabilities), 0: either. No
    # CHECK can say so: it would be held against the row that ON CONFLICT adds to another one.
    Column("sign", BigInteger, nullable=False),
    Column("debit", BigInteger, nullable=False),
    Column("credit", BigInteger, nullable=False),
    CheckConstraint("debit >= 0 AND credit >= 0", name="ledger_accounts_sides"),
)

transactions = Table(
    "ledger_transactions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("recipe", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Index("ledger_transactions_subject", "subject_id", "id"),
)

entries = Table(
    "ledger_entries",
    metadata,
    Column("transaction_id", Uuid, ForeignKey("ledger_transactions.id"), primary_key=True),
    Column("account", Text, ForeignKey("ledger_accounts.name"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount <> 0", name="ledger_entries_amount"),
    Index("ledger_entries_account", "account", "transaction_id"),
)


# Accounts are locked in the order of their names, so that no two transactions wait for each
# other. A reference that is posted already fails on its key and takes the whole unit with it.
_POST = prepared(
    text("""
WITH new_transactions AS (
    INSERT INTO ledger_transactions (id, reference, recipe, subject_id, create_time)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:references AS text[]), CAST(:recipes AS text[]),
        CAST(:subjects AS uuid[]), CAST(:times AS timestamptz[]))
), postings AS (
    SELECT * FROM unnest(
        CAST(:entry_ids AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[])
    ) AS posting (transaction_id, account, amount)
), sums AS (
    INSERT INTO ledger_accounts AS held (name, sign, debit, credit)
    SELECT account, CASE split_part(account, ':', 1)
               WHEN 'asset' THEN 1 WHEN 'liab' THEN -1 ELSE 0 END,
           sum(greatest(amount, 0)), sum(greatest(-amount, 0))
    FROM postings GROUP BY account ORDER BY account
    ON CONFLICT (name) DO UPDATE
    SET debit = held.debit + excluded.debit, credit = held.credit + excluded.credit
    RETURNING name
)
INSERT INTO ledger_entries (transaction_id, account, amount)
SELECT transaction_id, account, amount FROM postings
""")
)


async def post(tx: Tx, facts: Iterable[Transaction], now: datetime) -> None:
    """Write transactions, all in one statement and in the caller's unit of work."""
    new = [(new_id(), fact) for fact in facts]
    rows = [(id, posting) for id, fact in new for posting in fact.postings]
    await tx.fetch(
        _POST,
        {
            "ids": [id for id, _ in new],
            "references": [fact.reference for _, fact in new],
            "recipes": [fact.recipe for _, fact in new],
            "subjects": [fact.subject_id for _, fact in new],
            "times": [now for _ in new],
            "entry_ids": [id for id, _ in rows],
            "accounts": [posting.account for _, posting in rows],
            "amounts": [posting.amount for _, posting in rows],
        },
    )


INVARIANTS: Sequence[tuple[str, str]] = (
    (
        "INV-1",
        "SELECT transaction_id::text FROM ledger_entries GROUP BY 1 HAVING sum(amount) <> 0",
    ),
    (
        "INV-1",
        "SELECT 'ledger' FROM ledger_accounts HAVING sum(debit) <> sum(credit)",
    ),
    (
        "INV-1",
        """
        SELECT a.name FROM ledger_accounts a
        LEFT JOIN ledger_entries e ON e.account = a.name
        GROUP BY a.name, a.debit, a.credit
        HAVING a.debit <> coalesce(sum(greatest(e.amount, 0)), 0)
            OR a.credit <> coalesce(sum(greatest(-e.amount, 0)), 0)
        """,
    ),
)

# In the first migration of a service that keeps a ledger.
GUARDS: Sequence[str] = (
    """
    CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sum(amount) FROM ledger_entries WHERE transaction_id = NEW.transaction_id) <> 0
        THEN
            RAISE EXCEPTION 'ledger transaction % does not balance', NEW.transaction_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced()
    """,
    """
    CREATE FUNCTION ledger_wrong_side() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger account % is on the wrong side of zero', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_sign';
    END $$
    """,
    """
    CREATE TRIGGER ledger_accounts_sign AFTER INSERT OR UPDATE ON ledger_accounts
    FOR EACH ROW WHEN (NEW.sign * (NEW.debit - NEW.credit) < 0)
    EXECUTE FUNCTION ledger_wrong_side()
    """,
    *append_only("ledger_entries"),
    *append_only("ledger_transactions", revoked="DELETE, TRUNCATE"),
)
