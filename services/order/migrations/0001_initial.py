"""Orders, their lines and what happens to them."""

import sqlalchemy as sa
from alembic import op

from services.kit.append_only import append_only
from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("order")
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_kind", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subtotal_amount", sa.BigInteger(), nullable=False),
        sa.Column("shipping_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "total",
            sa.BigInteger(),
            sa.Computed(
                "subtotal_amount + shipping_amount + tax_amount - discount_amount",
            ),
            nullable=False,
        ),
        sa.Column("shipping_quote_id", sa.Uuid(), nullable=False),
        sa.Column("shipping_option_id", sa.Text(), nullable=False),
        sa.Column("courier_code", sa.Text(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("village_name", sa.Text(), nullable=False),
        sa.Column("district_name", sa.Text(), nullable=False),
        sa.Column("regency_name", sa.Text(), nullable=False),
        sa.Column("province_name", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(seller_kind = 'platform') = (seller_id IS NULL)", name="orders_seller"
        ),
        sa.CheckConstraint(
            "(state = 'paid') = (payment_id IS NOT NULL AND pay_time IS NOT NULL)",
            name="orders_paid",
        ),
        sa.CheckConstraint(
            "state IN ('pending_payment', 'paid', 'expired', 'cancelled')", name="orders_state"
        ),
        sa.CheckConstraint(
            "least(subtotal_amount, shipping_amount, tax_amount, discount_amount, total) >= 0",
            name="orders_amounts",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("payment_id"),
        sa.UniqueConstraint("shipping_quote_id"),
    )
    op.create_index("orders_by_buyer", "orders", ["buyer_id", "id"], unique=False)
    op.create_index("orders_by_seller", "orders", ["seller_id", "id"], unique=False)
    op.create_index("orders_by_state", "orders", ["state", "id"], unique=False)
    op.create_index(
        "orders_due",
        "orders",
        ["expire_time"],
        unique=False,
        postgresql_where=sa.text("state = 'pending_payment'"),
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("order_events_by_order", "order_events", ["order_id", "id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column(
            "amount",
            sa.BigInteger(),
            sa.Computed(
                "unit_price * quantity",
            ),
            nullable=False,
        ),
        sa.CheckConstraint("quantity > 0 AND unit_price >= 0", name="order_lines_amount"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "position"),
    )
    for statement in append_only("order_events"):
        op.execute(statement)
