"""The address schema: rows, no behaviour."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, MetaData, Table, Text, Uuid, text

from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata,)

areas = Table(
    "areas",
    metadata,
    Column("code", Text, primary_key=True),
    Column("parent_code", Text, ForeignKey("areas.code")),
    Column("name", Text, nullable=False),
    Column("postal_code", Text),
    Index("areas_by_parent", "parent_code", "code"),
    Index(
        "areas_by_postal_code",
        "postal_code",
        "code",
        postgresql_where=text("postal_code IS NOT NULL"),
    ),
)

# One row per user, locked by whoever changes that user's addresses.
books = Table("address_books", metadata, Column("user_id", Uuid, primary_key=True))

addresses = Table(
    "addresses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("address_books.user_id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("recipient_name", Text, nullable=False),
    Column("phone_number", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("village_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("postal_code", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("is_default", Boolean, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    Index("addresses_by_user", "user_id", "id"),
    Index("addresses_by_village", "village_code"),
    Index("addresses_one_default", "user_id", unique=True, postgresql_where=text("is_default")),
)
