"""Payables, payments, what the provider told us, and the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.append_only import append_only
from services.kit.ledger import GUARDS
from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("payment")
    op.create_table(
        "payables",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("closed_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("captured_payment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "closed_time IS NULL OR captured_payment_id IS NULL", name="payables_closed_or_captured"
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sa.UniqueConstraint("captured_payment_id"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("shipping_amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "goods_amount",
            sa.BigInteger(),
            sa.Computed("amount - shipping_amount", persisted=True),
            nullable=False,
        ),
        sa.Column("captured_amount", sa.BigInteger(), nullable=False),
        sa.Column("refund_due_amount", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("provider_invoice_id", sa.Text(), nullable=True),
        sa.Column("invoice_url", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("ask_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_request_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capture_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_told_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            """
        CASE state
            WHEN 'CAPTURED' THEN captured_amount = amount AND refund_due_amount = 0
            WHEN 'CAPTURED_LATE' THEN captured_amount > 0 AND refund_due_amount = captured_amount
            WHEN 'SUSPENSE' THEN captured_amount > 0 AND captured_amount <> amount
                AND refund_due_amount = 0
            ELSE captured_amount = 0 AND refund_due_amount = 0
        END
        """,
            name="payments_money_by_state",
        ),
        sa.CheckConstraint(
            """
        CASE
            WHEN state IN ('CREATED', 'UNKNOWN') THEN provider_invoice_id IS NULL
            WHEN state = 'FAILED' THEN failure_reason IS NOT NULL
            WHEN state IN ('EXPIRED', 'CANCELLED') THEN true
            WHEN state IN ('PENDING', 'CAPTURED', 'CAPTURED_LATE', 'SUSPENSE')
                THEN provider_invoice_id IS NOT NULL AND invoice_url IS NOT NULL
            ELSE false
        END
        """,
            name="payments_invoice_by_state",
        ),
        sa.CheckConstraint("order_told_time IS NULL OR state = 'CAPTURED'", name="payments_told"),
        sa.CheckConstraint(
            "(captured_amount > 0) = (capture_time IS NOT NULL)", name="payments_captured"
        ),
        sa.CheckConstraint(
            "amount > 0 AND shipping_amount BETWEEN 0 AND amount", name="payments_amounts"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["payables.order_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
        sa.UniqueConstraint("provider_invoice_id"),
    )
    op.create_index("payments_by_buyer", "payments", ["buyer_id", "id"], unique=False)
    op.create_index("payments_by_order", "payments", ["order_id", "id"], unique=False)
    op.create_index("payments_by_state", "payments", ["state", "id"], unique=False)
    op.create_index(
        "payments_one_captured",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'CAPTURED'"),
    )
    op.create_index(
        "payments_one_live",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('CREATED', 'UNKNOWN', 'PENDING')"),
    )
    op.create_foreign_key(
        "payables_captured_payment", "payables", "payments", ["captured_payment_id"], ["id"]
    )
    op.create_table(
        "payment_history",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
        ),
        sa.PrimaryKeyConstraint("payment_id", "version"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "event_key", name="webhook_events_once"),
    )
    op.create_index("webhook_events_by_payment", "webhook_events", ["payment_id"], unique=False)
    op.create_table(
        "ledger_accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sign", sa.BigInteger(), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debit >= 0 AND credit >= 0", name="ledger_accounts_sides"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index(
        "ledger_transactions_subject", "ledger_transactions", ["subject_id", "id"], unique=False
    )
    op.create_table(
        "ledger_entries",
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name="ledger_entries_amount"),
        sa.ForeignKeyConstraint(
            ["account"],
            ["ledger_accounts.name"],
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transactions.id"],
        ),
        sa.PrimaryKeyConstraint("transaction_id", "account"),
    )
    op.create_index(
        "ledger_entries_account", "ledger_entries", ["account", "transaction_id"], unique=False
    )
    for guard in GUARDS:
        op.execute(guard)
    for statement in (*append_only("payment_history"), *append_only("webhook_events")):
        op.execute(statement)
