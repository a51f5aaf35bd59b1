"""Locations, stock, reservations of it, and the log of what happened to it."""

import sqlalchemy as sa
from alembic import op

from services.kit.append_only import append_only
from services.kit.migrate import install_kit

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install_kit("warehouse")
    op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_type", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'confirmed', 'consumed', 'expired', 'released')",
            name="reservations_state",
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "owner_type", name="reservations_one_per_owner"),
    )
    op.create_index("reservations_by_location", "reservations", ["location_id"], unique=False)
    op.create_index("reservations_by_state", "reservations", ["state", "id"], unique=False)
    op.create_index(
        "reservations_due",
        "reservations",
        ["expire_time"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "stock_levels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column(
            "available",
            sa.BigInteger(),
            sa.Computed("quantity - reserved", persisted=True),
            nullable=True,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(owner_kind = 'platform') = (owner_id IS NULL)", name="stock_levels_owner"
        ),
        sa.CheckConstraint(
            "owner_kind IN ('platform', 'seller', 'factory')", name="stock_levels_owner_kind"
        ),
        sa.CheckConstraint("quantity >= 0", name="stock_levels_quantity"),
        sa.CheckConstraint("reserved <= quantity", name="stock_levels_available"),
        sa.CheckConstraint("reserved >= 0", name="stock_levels_reserved"),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("variant_id", "location_id", name="stock_levels_one_each"),
    )
    op.create_index("stock_levels_by_location", "stock_levels", ["location_id", "id"], unique=False)
    op.create_index(
        "stock_levels_by_owner",
        "stock_levels",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )
    op.create_table(
        "reservation_items",
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="reservation_items_quantity"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.id"],
        ),
        sa.PrimaryKeyConstraint("reservation_id", "variant_id"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stock_level_id", sa.Uuid(), nullable=False),
        sa.Column("level_version", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("quantity_before", sa.BigInteger(), nullable=False),
        sa.Column("quantity_after", sa.BigInteger(), nullable=False),
        sa.Column("reserved_before", sa.BigInteger(), nullable=False),
        sa.Column("reserved_after", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(action = 'adjust') = (reservation_id IS NULL) AND (action = 'adjust') = (reason <> '')",
            name="stock_movements_cause",
        ),
        sa.CheckConstraint(
            "action IN ('adjust', 'reserve', 'release', 'expire', 'fulfil')",
            name="stock_movements_action",
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stock_level_id"],
            ["stock_levels.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stock_level_id", "level_version", name="stock_movements_in_order"),
    )
    op.create_index(
        "stock_movements_by_location", "stock_movements", ["location_id", "id"], unique=False
    )
    op.create_index(
        "stock_movements_by_reservation",
        "stock_movements",
        ["reservation_id", "id"],
        unique=False,
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.create_index(
        "stock_movements_by_variant", "stock_movements", ["variant_id", "id"], unique=False
    )
    for statement in append_only("stock_movements"):
        op.execute(statement)
