"""The logistics schema: rows, no behaviour."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.kit.db import Timestamp

metadata = MetaData()
SCHEMA = (metadata,)


def _quote_id() -> Column[object]:
    return Column("quote_id", Uuid, ForeignKey("quotes.id", ondelete="CASCADE"), primary_key=True)


# destination is a gotong.address.v1.AddressSnapshot.
quotes = Table(
    "quotes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("buyer_id", Uuid, nullable=False),
    Column("destination", LargeBinary, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("origin_postal_code", Text, nullable=False),
    Column("destination_postal_code", Text, nullable=False),
    Column("chargeable_kg", Integer, nullable=False),
    Column("create_time", Timestamp, nullable=False),
    Column("expire_time", Timestamp, nullable=False),
    CheckConstraint("chargeable_kg >= 1", name="quotes_weigh_something"),
    CheckConstraint("expire_time > create_time", name="quotes_hold_a_while"),
)

items = Table(
    "quote_items",
    metadata,
    _quote_id(),
    Column("position", Integer, primary_key=True),
    Column("variant_id", Uuid, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    CheckConstraint("quantity >= 1", name="quote_items_quantity"),
    UniqueConstraint("quote_id", "variant_id", name="quote_items_each_variant_once"),
)

parcels = Table(
    "quote_parcels",
    metadata,
    _quote_id(),
    Column("position", Integer, primary_key=True),
    Column("length_cm", Integer, nullable=False),
    Column("width_cm", Integer, nullable=False),
    Column("height_cm", Integer, nullable=False),
    Column("weight_grams", Integer, nullable=False),
    Column("chargeable_grams", Integer, nullable=False),
    CheckConstraint("least(length_cm, width_cm, height_cm) >= 1", name="quote_parcels_size"),
    CheckConstraint("weight_grams >= 1", name="quote_parcels_weight"),
    CheckConstraint(
        "chargeable_grams >= weight_grams"
        " AND chargeable_grams * 6 >= length_cm * width_cm * height_cm"
        " AND chargeable_grams % 1000 = 0",
        name="quote_parcels_are_charged_in_full",
    ),
)

options = Table(
    "quote_options",
    metadata,
    _quote_id(),
    Column("option_id", Text, primary_key=True),
    Column("courier_code", Text, nullable=False),
    Column("courier_name", Text, nullable=False),
    Column("service_code", Text, nullable=False),
    Column("service_name", Text, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("duration", Text, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("price >= 1", name="quote_options_price"),
    CheckConstraint("source IN ('courier', 'cached', 'zone_table')", name="quote_options_source"),
)

# Which quote has the couriers' last answer for a lane.
rate_cache = Table(
    "rate_cache",
    metadata,
    Column("origin_postal_code", Text, primary_key=True),
    Column("destination_postal_code", Text, primary_key=True),
    Column("chargeable_kg", Integer, primary_key=True),
    Column("quote_id", Uuid, ForeignKey("quotes.id", ondelete="CASCADE"), nullable=False),
    Column("answer_time", Timestamp, nullable=False),
    Index("rate_cache_by_quote", "quote_id"),
)

zone_rates = Table(
    "zone_rates",
    metadata,
    Column("province_code", Text, primary_key=True),
    Column("price_per_kg", BigInteger, nullable=False),
    Column("update_time", Timestamp, nullable=False),
    CheckConstraint("price_per_kg >= 1", name="zone_rates_price"),
    CheckConstraint("province_code ~ '^[1-9][0-9]$'", name="zone_rates_province"),
)
