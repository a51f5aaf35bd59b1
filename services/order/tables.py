"""The order schema: rows, no behaviour."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata,)

orders = Table(
    "orders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("buyer_id", Uuid, nullable=False),
    Column("seller_kind", Text, nullable=False),
    Column("seller_id", Uuid),
    Column("state", Text, nullable=False),
    Column("subtotal_amount", BigInteger, nullable=False),
    Column("shipping_amount", BigInteger, nullable=False),
    Column("tax_amount", BigInteger, nullable=False),
    Column("discount_amount", BigInteger, nullable=False),
    Column(
        "total",
        BigInteger,
        Computed("subtotal_amount + shipping_amount + tax_amount - discount_amount"),
        nullable=False,
    ),
    Column("shipping_quote_id", Uuid, nullable=False, unique=True),
    Column("shipping_option_id", Text, nullable=False),
    Column("courier_code", Text, nullable=False),
    Column("service_code", Text, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("address_id", Uuid, nullable=False),
    Column("recipient_name", Text, nullable=False),
    Column("phone_number", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("village_code", Text, nullable=False),
    Column("village_name", Text, nullable=False),
    Column("district_name", Text, nullable=False),
    Column("regency_name", Text, nullable=False),
    Column("province_name", Text, nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("payment_id", Uuid, unique=True),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    Column("expire_time", Timestamp, nullable=False),
    Column("pay_time", Timestamp),
    CheckConstraint(
        "state IN ('pending_payment', 'paid', 'expired', 'cancelled')", name="orders_state"
    ),
    CheckConstraint(
        "least(subtotal_amount, shipping_amount, tax_amount, discount_amount, total) >= 0",
        name="orders_amounts",
    ),
    CheckConstraint(
        "(state = 'paid') = (payment_id IS NOT NULL AND pay_time IS NOT NULL)", name="orders_paid"
    ),
    CheckConstraint("(seller_kind = 'platform') = (seller_id IS NULL)", name="orders_seller"),
    Index("orders_by_buyer", "buyer_id", "id"),
    Index("orders_by_seller", "seller_id", "id"),
    Index("orders_by_state", "state", "id"),
    Index("orders_due", "expire_time", postgresql_where=text("state = 'pending_payment'")),
)

lines = Table(
    "order_lines",
    metadata,
    Column("order_id", Uuid, ForeignKey("orders.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("variant_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", BigInteger, nullable=False),
    Column("amount", BigInteger, Computed("unit_price * quantity"), nullable=False),
    CheckConstraint("quantity > 0 AND unit_price >= 0", name="order_lines_amount"),
)

events = Table(
    "order_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Index("order_events_by_order", "order_id", "id"),
)
