"""Rows of stock levels: what is there, what can be had, and adjustments of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.kit.db import Tx, prepared
from services.kit.ids import new_id
from services.kit.paging import Window
from services.warehouse.domain.stock import (
    Adjustment,
    Item,
    Level,
    Owner,
    OwnerKind,
    Stocked,
    StockLevelNotFound,
)
from services.warehouse.store.locations import location_from_row, not_found
from services.warehouse.tables import locations, stock_levels

_ADJUST = text("""
WITH moved AS (
    UPDATE stock_levels
    SET quantity = quantity + :delta, version = version + 1, update_time = :now
    WHERE id = :level AND available + :delta >= 0
    RETURNING *
), logged AS (
    INSERT INTO stock_movements (
        id, stock_level_id, level_version, variant_id, location_id, action, actor, quantity_before,
        quantity_after, reserved_before, reserved_after, reason, notes, create_time)
    SELECT CAST(:id AS uuid), id, version, variant_id, location_id, 'adjust', :actor,
        quantity - :delta, quantity, reserved, reserved, :reason, :notes, update_time
    FROM moved
)
SELECT * FROM moved
""")

_STOCKED = prepared(
    text("""
SELECT location.*, array_agg(level.variant_id) AS variant_ids
FROM unnest(CAST(:variants AS uuid[]), CAST(:quantities AS bigint[]))
    AS wanted (variant_id, quantity)
JOIN stock_levels level USING (variant_id)
JOIN locations location ON location.id = level.location_id
WHERE location.active AND level.available >= wanted.quantity
GROUP BY location.id
""")
)

_AVAILABLE = cast(func.sum(stock_levels.c.available), BigInteger).label("available")


async def get(tx: Tx, location_id: UUID, variant_id: UUID) -> Level:
    result = await tx.execute(
        select(stock_levels).where(
            stock_levels.c.variant_id == variant_id, stock_levels.c.location_id == location_id
        )
    )
    row = result.one_or_none()
    if row is None:
        raise StockLevelNotFound(
            "this variant was never here",
            variant_id=str(variant_id),
            location_id=str(location_id),
        )
    return _level(row)


async def list_newest(
    tx: Tx,
    window: Window,
    *,
    owner_id: UUID | None,
    location_id: UUID | None,
    variant_id: UUID | None,
) -> list[Level]:
    """Of that owner, location and variant; None stands for any."""
    levels = stock_levels.c
    wanted = {
        levels.owner_id: owner_id,
        levels.location_id: location_id,
        levels.variant_id: variant_id,
    }
    result = await tx.execute(
        select(stock_levels)
        .where(levels.id < window.before_id)
        .where(*(column == value for column, value in wanted.items() if value))
        .order_by(levels.id.desc())
        .limit(window.limit)
    )
    return [_level(row) for row in result]


async def open_level(
    tx: Tx, location_id: UUID, variant_id: UUID, owner: Owner, now: datetime
) -> Level:
    """Lock a level; one that is absent is begun, empty and for this owner."""
    statement = insert(stock_levels).values(
        id=new_id(),
        variant_id=variant_id,
        location_id=location_id,
        owner_kind=owner.kind,
        owner_id=owner.id,
        quantity=0,
        reserved=0,
        version=0,
        update_time=now,
    )
    locked = statement.on_conflict_do_update(
        constraint="stock_levels_one_each", set_={"update_time": statement.excluded.update_time}
    )
    try:
        result = await tx.execute(locked.returning(stock_levels))
    except IntegrityError as error:
        raise not_found(location_id) from error
    return _level(result.one())


async def adjust(tx: Tx, level: Level, adjustment: Adjustment, actor: str, now: datetime) -> Level:
    result = await tx.execute(
        _ADJUST,
        {
            "level": level.id,
            "delta": adjustment.delta,
            "id": new_id(),
            "actor": actor,
            "reason": adjustment.reason,
            "notes": adjustment.notes,
            "now": now,
        },
    )
    return _level(result.one())


async def list_stocked(tx: Tx, items: Sequence[Item]) -> list[Stocked]:
    """The active locations that have enough of at least one of the items, in any order."""
    rows = await tx.fetch(
        _STOCKED,
        {
            "variants": [item.variant_id for item in items],
            "quantities": [item.quantity for item in items],
        },
    )
    return [Stocked(location_from_row(row), frozenset(row.variant_ids)) for row in rows]


async def availability(tx: Tx, variant_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Over all active locations; what was never anywhere is left out."""
    result = await tx.execute(
        select(stock_levels.c.variant_id, _AVAILABLE)
        .join(locations, locations.c.id == stock_levels.c.location_id)
        .where(stock_levels.c.variant_id.in_(variant_ids), locations.c.active)
        .group_by(stock_levels.c.variant_id)
    )
    return {row.variant_id: row.available for row in result}


def _level(row: Row[Any]) -> Level:
    return Level(
        id=row.id,
        variant_id=row.variant_id,
        location_id=row.location_id,
        owner=Owner(OwnerKind(row.owner_kind), row.owner_id),
        quantity=row.quantity,
        reserved=row.reserved,
        update_time=row.update_time,
    )
