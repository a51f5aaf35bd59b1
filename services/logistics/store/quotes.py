"""SQL of quotes, and of what serves while the couriers do not answer."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Label, Table, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.kit.db import Row, Tx, prepared
from services.logistics.domain.packing import Size
from services.logistics.domain.quotes import Item, PackedSize, Quote, QuoteNotFound
from services.logistics.domain.rates import CACHE_LIFETIME, Fallback, Lane, Option, Rate, Source
from services.logistics.tables import items, options, parcels, quotes, rate_cache, zone_rates

# Of two answers for a lane the latest counts, in whichever order they are recorded.
_ADD = prepared(
    text("""
WITH quote AS (
    INSERT INTO quotes (id, buyer_id, destination, location_id, origin_postal_code,
        destination_postal_code, chargeable_kg, create_time, expire_time)
    VALUES (:id, :buyer_id, :destination, :location_id, :origin_postal_code,
        :destination_postal_code, :chargeable_kg, :create_time, :expire_time)
    RETURNING *
), sent AS (
    INSERT INTO quote_items (quote_id, variant_id, quantity, position)
    SELECT quote.id, item.* FROM quote, unnest(
        CAST(:item_variant_id AS uuid[]), CAST(:item_quantity AS bigint[])
    ) WITH ORDINALITY AS item
), packed AS (
    INSERT INTO quote_parcels (quote_id, length_cm, width_cm, height_cm, weight_grams,
        chargeable_grams, position)
    SELECT quote.id, parcel.* FROM quote, unnest(
        CAST(:length_cm AS integer[]), CAST(:width_cm AS integer[]),
        CAST(:height_cm AS integer[]), CAST(:weight_grams AS integer[]),
        CAST(:chargeable_grams AS integer[])
    ) WITH ORDINALITY AS parcel
), offered AS (
    INSERT INTO quote_options (quote_id, option_id, courier_code, courier_name, service_code,
        service_name, price, duration, source)
    SELECT quote.id, option.* FROM quote, unnest(
        CAST(:option_id AS text[]), CAST(:courier_code AS text[]), CAST(:courier_name AS text[]),
        CAST(:service_code AS text[]), CAST(:service_name AS text[]), CAST(:price AS bigint[]),
        CAST(:duration AS text[]), CAST(:source AS text[])
    ) AS option
)
INSERT INTO rate_cache AS latest
    (origin_postal_code, destination_postal_code, chargeable_kg, quote_id, answer_time)
SELECT origin_postal_code, destination_postal_code, chargeable_kg, id, create_time
FROM quote WHERE CAST(:is_courier_answer AS boolean)
ON CONFLICT (origin_postal_code, destination_postal_code, chargeable_kg)
DO UPDATE SET quote_id = excluded.quote_id, answer_time = excluded.answer_time
WHERE latest.answer_time < excluded.answer_time
""")
)

_RATE = tuple(options.c[field.name] for field in fields(Rate))
_CACHED = (
    select(func.json_agg(func.json_build_array(*_RATE), type_=JSON))
    .join_from(options, rate_cache, rate_cache.c.quote_id == options.c.quote_id)
    .where(*(rate_cache.c[field.name] == bindparam(field.name) for field in fields(Lane)))
    .where(rate_cache.c.answer_time >= bindparam("since"))
)
_ZONE_PRICE = select(zone_rates.c.price_per_kg).where(
    zone_rates.c.province_code == bindparam("province_code")
)
_FALLBACK = prepared(
    select(
        _CACHED.scalar_subquery().label("cached"),
        _ZONE_PRICE.scalar_subquery().label("zone_price"),
    )
)


def _parts_of(table: Table, columns: tuple[Column[Any], ...], *order: Column[Any]) -> Label[Any]:
    rows = aggregate_order_by(func.json_build_array(*columns), *order)
    return (
        select(func.json_agg(rows, type_=JSON))
        .where(table.c.quote_id == quotes.c.id)
        .correlate(quotes)
        .scalar_subquery()
        .label(table.name)
    )


_ITEM = (items.c.variant_id, items.c.quantity)
_PARCEL = (
    parcels.c.length_cm,
    parcels.c.width_cm,
    parcels.c.height_cm,
    parcels.c.weight_grams,
    parcels.c.chargeable_grams,
)
_GET = prepared(
    select(
        quotes,
        _parts_of(items, _ITEM, items.c.position),
        _parts_of(parcels, _PARCEL, parcels.c.position),
        _parts_of(options, (options.c.source, *_RATE), options.c.price, options.c.option_id),
    ).where(
        quotes.c.id == bindparam("quote_id"),
        or_(bindparam("everybody", type_=Boolean), quotes.c.buyer_id == bindparam("buyer_id")),
    )
)


async def add(tx: Tx, quote: Quote) -> None:
    """The quote with all its parts, in one round trip."""
    await tx.fetch(
        _ADD,
        {
            "id": quote.id,
            "buyer_id": quote.buyer_id,
            "destination": quote.destination,
            "location_id": quote.location_id,
            "create_time": quote.create_time,
            "expire_time": quote.expire_time,
            "is_courier_answer": quote.is_courier_answer,
            **_lane_columns(quote.lane),
            **_part_columns(quote),
            **_option_columns(quote),
        },
    )


async def get(tx: Tx, quote_id: UUID, *, buyer_id: UUID | None = None) -> Quote:
    """Of that buyer, or without one of anybody."""
    rows = await tx.fetch(
        _GET, {"quote_id": quote_id, "buyer_id": buyer_id, "everybody": buyer_id is None}
    )
    if not rows:
        raise QuoteNotFound("no such quote", shipping_quote_id=str(quote_id))
    return _quote(rows[0])


async def find_fallback(tx: Tx, lane: Lane, province_code: str, now: datetime) -> Fallback:
    """What to go by without the couriers."""
    parameters = {"since": now - CACHE_LIFETIME, "province_code": province_code}
    (row,) = await tx.fetch(_FALLBACK, parameters | _lane_columns(lane))
    return Fallback([Rate(*columns) for columns in row.cached or ()], row.zone_price)


def _lane_columns(lane: Lane) -> dict[str, Any]:
    return {
        "origin_postal_code": lane.origin_postal_code,
        "destination_postal_code": lane.destination_postal_code,
        "chargeable_kg": lane.chargeable_kg,
    }


def _part_columns(quote: Quote) -> dict[str, Any]:
    sizes = [parcel.size for parcel in quote.parcels]
    return {
        "item_variant_id": [item.variant_id for item in quote.items],
        "item_quantity": [item.quantity for item in quote.items],
        "length_cm": [size.length for size in sizes],
        "width_cm": [size.width for size in sizes],
        "height_cm": [size.height for size in sizes],
        "weight_grams": [parcel.weight_grams for parcel in quote.parcels],
        "chargeable_grams": [parcel.chargeable_grams for parcel in quote.parcels],
    }


def _option_columns(quote: Quote) -> dict[str, Any]:
    rates = [option.rate for option in quote.options]
    return {
        "option_id": [rate.id for rate in rates],
        "courier_code": [rate.courier_code for rate in rates],
        "courier_name": [rate.courier_name for rate in rates],
        "service_code": [rate.service_code for rate in rates],
        "service_name": [rate.service_name for rate in rates],
        "price": [rate.price for rate in rates],
        "duration": [rate.duration for rate in rates],
        "source": [option.source for option in quote.options],
    }


def _quote(row: Row) -> Quote:
    return Quote(
        id=row.id,
        buyer_id=row.buyer_id,
        items=tuple(Item(UUID(variant), quantity) for variant, quantity in row.quote_items),
        destination=row.destination,
        location_id=row.location_id,
        lane=Lane(row.origin_postal_code, row.destination_postal_code, row.chargeable_kg),
        parcels=tuple(
            PackedSize(Size(*edges), weight, chargeable)
            for *edges, weight, chargeable in row.quote_parcels
        ),
        options=tuple(Option(Rate(*rate), Source(source)) for source, *rate in row.quote_options),
        create_time=row.create_time,
        expire_time=row.expire_time,
    )
