"""The payment schema: rows, no behaviour."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.kit import ledger
from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata, ledger.metadata)

# One row per order, locked by whoever opens or captures a payment of it, or closes it.
payables = Table(
    "payables",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("closed_time", Timestamp),
    Column(
        "captured_payment_id",
        Uuid,
        ForeignKey("payments.id", name="payables_captured_payment", use_alter=True),
        unique=True,
    ),
    CheckConstraint(
        "closed_time IS NULL OR captured_payment_id IS NULL", name="payables_closed_or_captured"
    ),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("payables.order_id"), nullable=False),
    Column("buyer_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("shipping_amount", BigInteger, nullable=False),
    Column(
        "goods_amount",
        BigInteger,
        Computed("amount - shipping_amount", persisted=True),
        nullable=False,
    ),
    Column("captured_amount", BigInteger, nullable=False),
    Column("refund_due_amount", BigInteger, nullable=False),
    Column("external_id", Text, nullable=False, unique=True),
    Column("provider_invoice_id", Text, unique=True),
    Column("invoice_url", Text),
    Column("method", Text),
    Column("channel", Text),
    Column("failure_reason", Text),
    # When the provider was last asked for the invoice.
    Column("ask_time", Timestamp),
    # The request that wants it closed.
    Column("close_request_id", Uuid),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    Column("expire_time", Timestamp, nullable=False),
    Column("capture_time", Timestamp),
    Column("order_told_time", Timestamp),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount > 0 AND shipping_amount BETWEEN 0 AND amount", name="payments_amounts"),
    CheckConstraint(
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
    CheckConstraint(
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
    CheckConstraint("(captured_amount > 0) = (capture_time IS NOT NULL)", name="payments_captured"),
    CheckConstraint("order_told_time IS NULL OR state = 'CAPTURED'", name="payments_told"),
    Index("payments_by_buyer", "buyer_id", "id"),
    Index("payments_by_order", "order_id", "id"),
    Index("payments_by_state", "state", "id"),
    Index(
        "payments_one_live",
        "order_id",
        unique=True,
        postgresql_where=text("state IN ('CREATED', 'UNKNOWN', 'PENDING')"),
    ),
    Index(
        "payments_one_captured",
        "order_id",
        unique=True,
        postgresql_where=text("state = 'CAPTURED'"),
    ),
)

# Append-only, as is the next.
payment_history = Table(
    "payment_history",
    metadata,
    Column("payment_id", Uuid, ForeignKey("payments.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("create_time", Timestamp, nullable=False),
)

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("invoice_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("payment_id", Uuid, ForeignKey("payments.id")),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("receive_time", Timestamp, nullable=False),
    UniqueConstraint("provider", "event_key", name="webhook_events_once"),
    Index("webhook_events_by_payment", "payment_id"),
)
