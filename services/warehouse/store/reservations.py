"""Rows of reservations. Each step of one is a single statement that moves its stock as well.

Locks are taken in one order by everybody: the reservation, if there is one, then the levels by
variant. So nobody waits in a circle.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Row,
    ScalarSelect,
    Select,
    TextClause,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.kit.db import Tx
from services.kit.ids import new_id
from services.kit.paging import Window
from services.warehouse.domain.reservations import (
    EFFECTS,
    Effect,
    Holder,
    OwnerType,
    Reservation,
    ReservationNotFound,
    Shelf,
    State,
    Step,
)
from services.warehouse.domain.stock import Action, Item
from services.warehouse.tables import reservation_items, reservations

# `granted` between the two halves is the one row of the reservation, or none: then nothing moves.
_HELD = """
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:movements AS uuid[]), CAST(:variants AS uuid[]), CAST(:quantities AS bigint[])
    ) WITH ORDINALITY AS item (movement_id, variant_id, quantity, position)
), held AS MATERIALIZED (
    SELECT level.id, level.variant_id, level.available, wanted.movement_id,
        wanted.quantity AS wanted
    FROM stock_levels level JOIN wanted USING (variant_id)
    WHERE level.location_id = CAST(:location AS uuid)
    ORDER BY level.variant_id FOR UPDATE OF level
), enough AS (
    SELECT count(*) = cardinality(CAST(:variants AS uuid[])) AS enough
    FROM held WHERE available >= wanted * CAST(:reserved AS bigint)
), place AS (
    SELECT active FROM locations WHERE id = CAST(:location AS uuid)
)"""
_MOVED = """
, moved AS (
    UPDATE stock_levels level
    SET quantity = level.quantity + held.wanted * CAST(:quantity AS bigint),
        reserved = level.reserved + held.wanted * CAST(:reserved AS bigint),
        version = level.version + 1,
        update_time = CAST(:now AS timestamptz)
    FROM held, granted WHERE level.id = held.id
    RETURNING level.*, held.movement_id, held.wanted, granted.id AS reservation_id
), logged AS (
    INSERT INTO stock_movements (
        id, stock_level_id, level_version, variant_id, location_id, action, actor, quantity_before,
        quantity_after, reserved_before, reserved_after, reason, notes, reservation_id, create_time)
    SELECT movement_id, id, version, variant_id, location_id, :action, :actor,
        quantity - wanted * CAST(:quantity AS bigint), quantity,
        reserved - wanted * CAST(:reserved AS bigint), reserved, '', '', reservation_id, update_time
    FROM moved
)
SELECT EXISTS (SELECT FROM granted) AS granted, (SELECT active FROM place) AS active,
    ARRAY(SELECT variant_id FROM held ORDER BY variant_id) AS variant_ids,
    ARRAY(SELECT available FROM held ORDER BY variant_id) AS available
"""
_NEW = """
, granted AS (
    INSERT INTO reservations (
        id, owner_type, owner_id, location_id, state, expire_time, create_time, update_time)
    SELECT CAST(:id AS uuid), :owner_type, CAST(:owner_id AS uuid), CAST(:location AS uuid),
        'active', CAST(:expire_time AS timestamptz), time, time
    FROM enough, place, CAST(:now AS timestamptz) AS time WHERE enough AND active
    ON CONFLICT (owner_id, owner_type) DO NOTHING
    RETURNING id
), lines AS (
    INSERT INTO reservation_items (reservation_id, variant_id, position, quantity)
    SELECT granted.id, variant_id, position, quantity FROM granted, wanted
)"""
_NEXT = """
, granted AS (
    UPDATE reservations SET state = :to, update_time = CAST(:now AS timestamptz)
    FROM enough WHERE id = CAST(:id AS uuid) AND state = :from AND enough
    RETURNING id
)"""
_RESERVE = text(_HELD + _NEW + _MOVED)
_TURN = text(_HELD + _NEXT + _MOVED)
_ITEM = reservation_items.c


def _in_order(column: Column[Any]) -> ScalarSelect[Any]:
    """A column of the items of a reservation, as an array."""
    items = func.array_agg(aggregate_order_by(column, _ITEM.position))
    return select(items).where(_ITEM.reservation_id == reservations.c.id).scalar_subquery()


_RESERVATIONS: Select[Any] = select(
    reservations,
    _in_order(_ITEM.variant_id).label("variant_ids"),
    _in_order(_ITEM.quantity).label("quantities"),
)


async def get(tx: Tx, reservation_id: UUID) -> Reservation:
    result = await tx.execute(_RESERVATIONS.where(reservations.c.id == reservation_id))
    row = result.one_or_none()
    if row is None:
        raise ReservationNotFound("no such reservation", reservation_id=str(reservation_id))
    return _reservation(row)


async def find(tx: Tx, holder: Holder) -> Reservation | None:
    row = (await tx.execute(_held_for(holder))).one_or_none()
    return _reservation(row) if row else None


async def lock(tx: Tx, holder: Holder) -> Reservation:
    row = (await tx.execute(_held_for(holder).with_for_update(of=reservations))).one_or_none()
    if row is None:
        raise ReservationNotFound("nothing is set aside for this owner", owner_id=str(holder.id))
    return _reservation(row)


async def list_newest(
    tx: Tx, window: Window, *, states: Collection[State], owner_id: UUID | None
) -> list[Reservation]:
    """In one of these states and of that owner; none given stands for any."""
    statement = _RESERVATIONS.where(reservations.c.id < window.before_id)
    if states:
        statement = statement.where(reservations.c.state.in_(states))
    if owner_id:
        statement = statement.where(reservations.c.owner_id == owner_id)
    result = await tx.execute(statement.order_by(reservations.c.id.desc()).limit(window.limit))
    return [_reservation(row) for row in result]


async def list_due(tx: Tx, now: datetime, limit: int) -> list[Holder]:
    """Whose time ran out, the longest overdue first."""
    result = await tx.execute(
        select(reservations.c.owner_type, reservations.c.owner_id)
        .where(reservations.c.state == literal_column("'active'"))
        .where(reservations.c.expire_time <= now)
        .order_by(reservations.c.expire_time)
        .limit(limit)
    )
    return [Holder(OwnerType(row.owner_type), row.owner_id) for row in result]


async def reserve(tx: Tx, reservation: Reservation, actor: str) -> Shelf | None:
    """Set all items aside, or none; what was found is told where it was none."""
    return await _step(
        tx,
        _RESERVE,
        reservation,
        Action.RESERVE,
        {
            "actor": actor,
            "now": reservation.create_time,
            "owner_type": reservation.holder.type,
            "owner_id": reservation.holder.id,
            "expire_time": reservation.expire_time,
        },
    )


async def turn(
    tx: Tx, reservation: Reservation, step: Step, actor: str, now: datetime
) -> Shelf | None:
    """Take a step with a reservation that is locked, or none for want of stock, which is told."""
    states = {"from": reservation.state, "to": step.to}
    return await _step(tx, _TURN, reservation, step.action, {"actor": actor, "now": now, **states})


async def _step(
    tx: Tx,
    statement: TextClause,
    reservation: Reservation,
    action: Action | None,
    parameters: dict[str, Any],
) -> Shelf | None:
    items = reservation.items if action else ()
    effect = EFFECTS[action] if action else Effect(quantity=0, reserved=0)
    result = await tx.execute(
        statement,
        {
            "id": reservation.id,
            "location": reservation.location_id,
            "movements": [new_id() for _ in items],
            "variants": [item.variant_id for item in items],
            "quantities": [item.quantity for item in items],
            "action": action or "",
            "quantity": effect.quantity,
            "reserved": effect.reserved,
            **parameters,
        },
    )
    row = result.one()
    found = dict(zip(row.variant_ids, row.available, strict=True))
    return None if row.granted else Shelf(row.active, found)


def _held_for(holder: Holder) -> Select[Any]:
    return _RESERVATIONS.where(
        reservations.c.owner_id == holder.id, reservations.c.owner_type == holder.type
    )


def _reservation(row: Row[Any]) -> Reservation:
    return Reservation(
        id=row.id,
        holder=Holder(OwnerType(row.owner_type), row.owner_id),
        location_id=row.location_id,
        state=State(row.state),
        items=tuple(map(Item, row.variant_ids, row.quantities)),
        expire_time=row.expire_time,
        create_time=row.create_time,
        update_time=row.update_time,
    )
