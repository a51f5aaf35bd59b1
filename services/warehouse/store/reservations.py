"""Rows of reservations. A step of one is a single statement that moves its stock and logs it.

Everybody takes locks in one order: the reservation, if there is one, then the levels by variant.
So nobody waits in a circle.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.kit.db import Row as Fetched
from services.kit.db import Tx, prepared
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

_SHELF = prepared(
    text("""
WITH held AS MATERIALIZED (
    SELECT variant_id, available FROM stock_levels
    WHERE location_id = :location AND variant_id = ANY(CAST(:variants AS uuid[]))
    ORDER BY variant_id FOR UPDATE
)
SELECT (SELECT active FROM locations WHERE id = :location) AS active,
    ARRAY(SELECT variant_id FROM held ORDER BY variant_id) AS variant_ids,
    ARRAY(SELECT available FROM held ORDER BY variant_id) AS available
""")
)
_WANTED = """
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:movements AS uuid[]), CAST(:variants AS uuid[]), CAST(:quantities AS bigint[])
    ) WITH ORDINALITY AS item (movement_id, variant_id, quantity, position)
)"""
_NEW = """
, granted AS (
    INSERT INTO reservations (
        id, owner_type, owner_id, location_id, state, expire_time, create_time, update_time)
    SELECT CAST(:id AS uuid), :owner_type, CAST(:owner_id AS uuid), CAST(:location AS uuid),
        :to, CAST(:expire_time AS timestamptz), time, time
    FROM CAST(:now AS timestamptz) AS time
    ON CONFLICT (owner_id, owner_type) DO NOTHING
    RETURNING id, location_id, update_time
), lines AS (
    INSERT INTO reservation_items (reservation_id, variant_id, position, quantity)
    SELECT granted.id, variant_id, position, quantity FROM granted, wanted
)"""
_NEXT = """
, granted AS (
    UPDATE reservations SET state = :to, update_time = :now
    WHERE id = :id AND state = :from
    RETURNING id, location_id, update_time
)"""
# Nothing moves without the reservation that `granted` is.
_MOVED = """
, moved AS (
    UPDATE stock_levels level
    SET quantity = level.quantity + wanted.quantity * CAST(:quantity AS bigint),
        reserved = level.reserved + wanted.quantity * CAST(:reserved AS bigint),
        version = version + 1,
        update_time = granted.update_time
    FROM granted, wanted
    WHERE level.variant_id = wanted.variant_id AND level.location_id = granted.location_id
    RETURNING level.*, movement_id, wanted.quantity AS wanted, granted.id AS reservation_id
), logged AS (
    INSERT INTO stock_movements (
        id, stock_level_id, level_version, variant_id, location_id, action, actor, quantity_before,
        quantity_after, reserved_before, reserved_after, reason, notes, reservation_id, create_time)
    SELECT movement_id, id, version, variant_id, location_id, :action, :actor,
        quantity - wanted * CAST(:quantity AS bigint), quantity,
        reserved - wanted * CAST(:reserved AS bigint), reserved, '', '', reservation_id, update_time
    FROM moved
)
SELECT id FROM granted
"""
_RESERVE = prepared(text(_WANTED + _NEW + _MOVED))
_TURN = prepared(text(_WANTED + _NEXT + _MOVED))
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
_BY_HOLDER = _RESERVATIONS.where(
    reservations.c.owner_id == bindparam("owner_id"),
    reservations.c.owner_type == bindparam("owner_type"),
)
_FIND = prepared(_BY_HOLDER)
_LOCK = prepared(_BY_HOLDER.with_for_update(of=reservations))


async def get(tx: Tx, reservation_id: UUID) -> Reservation:
    result = await tx.execute(_RESERVATIONS.where(reservations.c.id == reservation_id))
    row = result.one_or_none()
    if row is None:
        raise ReservationNotFound("no such reservation", reservation_id=str(reservation_id))
    return _reservation(row)


async def find(tx: Tx, holder: Holder) -> Reservation | None:
    rows = await tx.fetch(_FIND, {"owner_id": holder.id, "owner_type": holder.type})
    return _reservation(rows[0]) if rows else None


async def lock(tx: Tx, holder: Holder) -> Reservation:
    rows = await tx.fetch(_LOCK, {"owner_id": holder.id, "owner_type": holder.type})
    if not rows:
        raise ReservationNotFound("nothing is set aside for this owner", owner_id=str(holder.id))
    return _reservation(rows[0])


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


async def lock_shelf(tx: Tx, location_id: UUID, items: Sequence[Item]) -> Shelf:
    """Keep others from the stock of these items until the end, and tell what is there.

    A statement of its own: one that waits for a lock and then changes the row would have computed
    the change from what the row was before the wait.
    """
    variants = [item.variant_id for item in items]
    (row,) = await tx.fetch(_SHELF, {"location": location_id, "variants": variants})
    return Shelf(row.active, dict(zip(row.variant_ids, row.available, strict=True)))


async def add(tx: Tx, reservation: Reservation, actor: str) -> bool:
    """Set aside from a locked shelf; False where the holder has a reservation already."""
    parameters = {
        "owner_type": reservation.holder.type,
        "owner_id": reservation.holder.id,
        "location": reservation.location_id,
        "expire_time": reservation.expire_time,
        "now": reservation.create_time,
    }
    step = Step(reservation.state, Action.RESERVE)
    return bool(await tx.fetch(_RESERVE, parameters | _moves(reservation, step, actor)))


async def turn(tx: Tx, reservation: Reservation, step: Step, actor: str, now: datetime) -> None:
    """Take a step with a locked reservation and, where it moves stock, a locked shelf."""
    parameters = {"from": reservation.state, "now": now}
    turned = await tx.fetch(_TURN, parameters | _moves(reservation, step, actor))
    assert turned, "a step is taken from the state that was locked"


def _moves(reservation: Reservation, step: Step, actor: str) -> dict[str, Any]:
    items = reservation.items if step.action else ()
    effect = EFFECTS[step.action] if step.action else Effect(quantity=0, reserved=0)
    return {
        "id": reservation.id,
        "to": step.to,
        "action": step.action or "",
        "actor": actor,
        "movements": [new_id() for _ in items],
        "variants": [item.variant_id for item in items],
        "quantities": [item.quantity for item in items],
        "quantity": effect.quantity,
        "reserved": effect.reserved,
    }


def _reservation(row: Row[Any] | Fetched) -> Reservation:
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
