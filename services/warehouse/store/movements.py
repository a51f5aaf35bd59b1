"""Rows of stock movements, which are only ever added; and what contradicts them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from services.kit.db import Tx
from services.kit.paging import Window
from services.warehouse.domain.stock import Action, Movement
from services.warehouse.invariants import INVARIANTS
from services.warehouse.tables import stock_movements


async def list_newest(
    tx: Tx,
    window: Window,
    *,
    variant_id: UUID | None,
    location_id: UUID | None,
    reservation_id: UUID | None,
) -> list[Movement]:
    """Of that variant, location and reservation; None stands for any."""
    movements = stock_movements.c
    wanted = {
        movements.variant_id: variant_id,
        movements.location_id: location_id,
        movements.reservation_id: reservation_id,
    }
    result = await tx.execute(
        select(stock_movements)
        .where(movements.id < window.before_id)
        .where(*(column == value for column, value in wanted.items() if value))
        .order_by(movements.id.desc())
        .limit(window.limit)
    )
    return [_movement(row) for row in result]


async def list_violations(tx: Tx, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Which invariant is broken where."""
    found: list[tuple[str, str]] = []
    for invariant, query in INVARIANTS:
        subjects = await tx.execute(
            text(f"SELECT * FROM ({query}) AS found LIMIT :limit"),  # noqa: S608 - our own SQL
            {"now": now, "limit": limit},
        )
        found += [(invariant, subject) for subject in subjects.scalars()]
    return found[:limit]


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        id=row.id,
        stock_level_id=row.stock_level_id,
        variant_id=row.variant_id,
        location_id=row.location_id,
        action=Action(row.action),
        actor=row.actor,
        quantity_before=row.quantity_before,
        quantity_after=row.quantity_after,
        reserved_before=row.reserved_before,
        reserved_after=row.reserved_after,
        reason=row.reason,
        notes=row.notes,
        reservation_id=row.reservation_id,
        create_time=row.create_time,
    )
