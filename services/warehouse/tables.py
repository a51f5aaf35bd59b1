"""The warehouse schema: rows, no behaviour."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata,)

locations = Table(
    "locations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("phone_number", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
)

# `version` counts the movements of a level, so that their order is known and none can be missing.
stock_levels = Table(
    "stock_levels",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, ForeignKey("locations.id"), nullable=False),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("quantity", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("available", BigInteger, Computed("quantity - reserved", persisted=True)),
    Column("version", BigInteger, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    UniqueConstraint("variant_id", "location_id", name="stock_levels_one_each"),
    CheckConstraint("quantity >= 0", name="stock_levels_quantity"),
    CheckConstraint("reserved >= 0", name="stock_levels_reserved"),
    CheckConstraint("reserved <= quantity", name="stock_levels_available"),
    CheckConstraint(
        "owner_kind IN ('platform', 'seller', 'factory')", name="stock_levels_owner_kind"
    ),
    CheckConstraint("(owner_kind = 'platform') = (owner_id IS NULL)", name="stock_levels_owner"),
    Index("stock_levels_by_location", "location_id", "id"),
    Index("stock_levels_by_owner", "owner_id", "id", postgresql_where=text("owner_id IS NOT NULL")),
)

# One per owner, whatever became of it.
reservations = Table(
    "reservations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_type", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("location_id", Uuid, ForeignKey("locations.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("expire_time", Timestamp, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    UniqueConstraint("owner_id", "owner_type", name="reservations_one_per_owner"),
    CheckConstraint(
        "state IN ('active', 'confirmed', 'consumed', 'expired', 'released')",
        name="reservations_state",
    ),
    Index("reservations_by_location", "location_id"),
    Index("reservations_by_state", "state", "id"),
    Index("reservations_due", "expire_time", postgresql_where=text("state = 'active'")),
)

reservation_items = Table(
    "reservation_items",
    metadata,
    Column("reservation_id", Uuid, ForeignKey("reservations.id"), primary_key=True),
    Column("variant_id", Uuid, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    CheckConstraint("quantity > 0", name="reservation_items_quantity"),
)

# Append-only: a trigger and the rights of the service's role refuse everything but INSERT.
stock_movements = Table(
    "stock_movements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("stock_level_id", Uuid, ForeignKey("stock_levels.id"), nullable=False),
    Column("level_version", BigInteger, nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("quantity_before", BigInteger, nullable=False),
    Column("quantity_after", BigInteger, nullable=False),
    Column("reserved_before", BigInteger, nullable=False),
    Column("reserved_after", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("reservation_id", Uuid, ForeignKey("reservations.id")),
    Column("create_time", Timestamp, nullable=False),
    UniqueConstraint("stock_level_id", "level_version", name="stock_movements_in_order"),
    CheckConstraint(
        "action IN ('adjust', 'reserve', 'release', 'expire', 'fulfil')",
        name="stock_movements_action",
    ),
    CheckConstraint(
        "(action = 'adjust') = (reservation_id IS NULL) AND (action = 'adjust') = (reason <> '')",
        name="stock_movements_cause",
    ),
    Index("stock_movements_by_variant", "variant_id", "id"),
    Index("stock_movements_by_location", "location_id", "id"),
    Index(
        "stock_movements_by_reservation",
        "reservation_id",
        "id",
        postgresql_where=text("reservation_id IS NOT NULL"),
    ),
)
