"""Quotes with their parts, the couriers' last answers, and the zone table."""

import sqlalchemy as sa
from alembic import op

from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("logistics")
    op.create_table(
        "quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.LargeBinary(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("origin_postal_code", sa.Text(), nullable=False),
        sa.Column("destination_postal_code", sa.Text(), nullable=False),
        sa.Column("chargeable_kg", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("chargeable_kg >= 1", name="quotes_weigh_something"),
        sa.CheckConstraint("expire_time > create_time", name="quotes_hold_a_while"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "zone_rates",
        sa.Column("province_code", sa.Text(), nullable=False),
        sa.Column("price_per_kg", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("province_code ~ '^[1-9][0-9]$'", name="zone_rates_province"),
        sa.CheckConstraint("price_per_kg >= 1", name="zone_rates_price"),
        sa.PrimaryKeyConstraint("province_code"),
    )
    op.create_table(
        "quote_items",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name="quote_items_quantity"),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("quote_id", "position"),
        sa.UniqueConstraint("quote_id", "variant_id", name="quote_items_each_variant_once"),
    )
    op.create_table(
        "quote_options",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("option_id", sa.Text(), nullable=False),
        sa.Column("courier_code", sa.Text(), nullable=False),
        sa.Column("courier_name", sa.Text(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source IN ('courier', 'cached', 'zone_table')", name="quote_options_source"
        ),
        sa.CheckConstraint("price >= 1", name="quote_options_price"),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("quote_id", "option_id"),
    )
    op.create_table(
        "quote_parcels",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("length_cm", sa.Integer(), nullable=False),
        sa.Column("width_cm", sa.Integer(), nullable=False),
        sa.Column("height_cm", sa.Integer(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("chargeable_grams", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "chargeable_grams >= weight_grams AND chargeable_grams * 6 >= length_cm * width_cm * height_cm AND chargeable_grams % 1000 = 0",
            name="quote_parcels_are_charged_in_full",
        ),
        sa.CheckConstraint("least(length_cm, width_cm, height_cm) >= 1", name="quote_parcels_size"),
        sa.CheckConstraint("weight_grams >= 1", name="quote_parcels_weight"),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("quote_id", "position"),
    )
    op.create_table(
        "rate_cache",
        sa.Column("origin_postal_code", sa.Text(), nullable=False),
        sa.Column("destination_postal_code", sa.Text(), nullable=False),
        sa.Column("chargeable_kg", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("answer_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("origin_postal_code", "destination_postal_code", "chargeable_kg"),
    )
    op.create_index("rate_cache_by_quote", "rate_cache", ["quote_id"], unique=False)
