"""SQL of quotes, and of what serves while the couriers do not answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    Label,
    Row,
    Select,
    Table,
    Uuid,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, aggregate_order_by, insert

from services.kit.db import Tx
from services.logistics.domain.packing import Size
from services.logistics.domain.quotes import Item, PackedSize, Quote, QuoteNotFound
from services.logistics.domain.rates import CACHE_LIFETIME, Fallback, Lane, Option, Rate, Source
from services.logistics.tables import items, options, parcels, quotes, rate_cache, zone_rates


async def add(tx: Tx, quote: Quote) -> None:
    """The quote with all its parts, in one round trip."""
    statement = insert(quotes).values(
        id=quote.id,
        buyer_id=quote.buyer_id,
        destination=quote.destination,
        location_id=quote.location_id,
        create_time=quote.create_time,
        expire_time=quote.expire_time,
        **_lane_columns(quote.lane),
    )
    parts = [
        _part(items, quote.id, [_item_columns(n, item) for n, item in enumerate(quote.items)]),
        _part(parcels, quote.id, [_parcel_columns(n, p) for n, p in enumerate(quote.parcels)]),
        _part(options, quote.id, [_option_columns(option) for option in quote.options]),
    ]
    if quote.is_courier_answer:
        parts.append(_cached(quote))
    await tx.execute(statement.add_cte(*(part.cte(f"part_{n}") for n, part in enumerate(parts))))


async def get(tx: Tx, quote_id: UUID, *, buyer_id: UUID | None = None) -> Quote:
    """Of that buyer, or without one of anybody."""
    statement = _QUOTES.where(quotes.c.id == quote_id)
    if buyer_id:
        statement = statement.where(quotes.c.buyer_id == buyer_id)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise QuoteNotFound("no such quote", shipping_quote_id=str(quote_id))
    return _quote(row)


async def find_fallback(tx: Tx, lane: Lane, province_code: str, now: datetime) -> Fallback:
    """What to go by without the couriers."""
    cached = (
        select(func.json_agg(options.table_valued(), type_=JSON))
        .join(rate_cache, rate_cache.c.quote_id == options.c.quote_id)
        .where(*(rate_cache.c[name] == value for name, value in _lane_columns(lane).items()))
        .where(rate_cache.c.answer_time >= now - CACHE_LIFETIME)
    )
    zone = select(zone_rates.c.price_per_kg).where(zone_rates.c.province_code == province_code)
    row = (
        await tx.execute(
            select(
                cached.scalar_subquery().label("cached"), zone.scalar_subquery().label("zone_price")
            )
        )
    ).one()
    return Fallback([_rate(option) for option in row.cached or ()], row.zone_price)


def _parts_of(table: Table, *order: Column[Any]) -> Label[Any]:
    rows = aggregate_order_by(table.table_valued(), *order)
    return (
        select(func.json_agg(rows, type_=JSON))
        .where(table.c.quote_id == quotes.c.id)
        .correlate(quotes)
        .scalar_subquery()
        .label(table.name)
    )


_QUOTES: Select[Any] = select(
    quotes,
    _parts_of(items, items.c.position),
    _parts_of(parcels, parcels.c.position),
    _parts_of(options, options.c.price, options.c.option_id),
)


def _part(table: Table, quote_id: UUID, rows: Sequence[Mapping[str, object]]) -> Insert:
    """Rows of one table, sent as one array for each column."""
    names = list(rows[0])
    columns = (literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names)
    source = func.unnest(*columns).table_valued(*names).render_derived()
    values = select(literal(quote_id, Uuid), *source.c)
    return insert(table).from_select(["quote_id", *names], values)


def _cached(quote: Quote) -> Insert:
    """The latest answer counts, in whichever order answers are recorded."""
    statement = insert(rate_cache).values(
        quote_id=quote.id, answer_time=quote.create_time, **_lane_columns(quote.lane)
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        constraint=rate_cache.primary_key,
        set_={"quote_id": new.quote_id, "answer_time": new.answer_time},
        where=rate_cache.c.answer_time < new.answer_time,
    )


def _lane_columns(lane: Lane) -> dict[str, Any]:
    return {
        "origin_postal_code": lane.origin_postal_code,
        "destination_postal_code": lane.destination_postal_code,
        "chargeable_kg": lane.chargeable_kg,
    }


def _item_columns(position: int, item: Item) -> dict[str, object]:
    return {"position": position, "variant_id": item.variant_id, "quantity": item.quantity}


def _parcel_columns(position: int, parcel: PackedSize) -> dict[str, object]:
    return {
        "position": position,
        "length_cm": parcel.size.length,
        "width_cm": parcel.size.width,
        "height_cm": parcel.size.height,
        "weight_grams": parcel.weight_grams,
        "chargeable_grams": parcel.chargeable_grams,
    }


def _option_columns(option: Option) -> dict[str, object]:
    rate = option.rate
    return {
        "option_id": rate.id,
        "courier_code": rate.courier_code,
        "courier_name": rate.courier_name,
        "service_code": rate.service_code,
        "service_name": rate.service_name,
        "price": rate.price,
        "duration": rate.duration,
        "source": option.source,
    }


def _quote(row: Row[Any]) -> Quote:
    return Quote(
        id=row.id,
        buyer_id=row.buyer_id,
        items=tuple(Item(UUID(i["variant_id"]), i["quantity"]) for i in row.quote_items),
        destination=row.destination,
        location_id=row.location_id,
        lane=Lane(row.origin_postal_code, row.destination_postal_code, row.chargeable_kg),
        parcels=tuple(_packed_size(parcel) for parcel in row.quote_parcels),
        options=tuple(Option(_rate(o), Source(o["source"])) for o in row.quote_options),
        create_time=row.create_time,
        expire_time=row.expire_time,
    )


def _packed_size(parcel: Mapping[str, Any]) -> PackedSize:
    size = Size(parcel["length_cm"], parcel["width_cm"], parcel["height_cm"])
    return PackedSize(size, parcel["weight_grams"], parcel["chargeable_grams"])


def _rate(option: Mapping[str, Any]) -> Rate:
    return Rate(
        courier_code=option["courier_code"],
        courier_name=option["courier_name"],
        service_code=option["service_code"],
        service_name=option["service_name"],
        price=option["price"],
        duration=option["duration"],
    )
