"""All SQL of the order service."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Select, bindparam, exists, false, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql import ColumnElement

from services.kit.db import Tx, prepared
from services.kit.ids import new_id
from services.kit.jobs import tasks
from services.kit.paging import Window
from services.order.domain import (
    Amounts,
    Audience,
    Destination,
    Event,
    Line,
    Option,
    Order,
    OrderNotFound,
    Seller,
    SellerKind,
    State,
)
from services.order.tables import events, lines, orders

_SWEEP_LIMIT = 500

_LINES = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    lines.c.variant_id,
                    lines.c.product_id,
                    lines.c.sku,
                    lines.c.name,
                    lines.c.quantity,
                    lines.c.unit_price,
                ),
                lines.c.position,
            )
        )
    )
    .where(lines.c.order_id == orders.c.id)
    .correlate(orders)
    .scalar_subquery()
    .label("lines")
)
_ORDERS: Select[Any] = select(orders, _LINES)

_GET = prepared(
    _ORDERS.where(
        orders.c.id == bindparam("order_id"),
        or_(
            bindparam("everybody", type_=Boolean),
            orders.c.buyer_id == bindparam("buyer_id"),
            orders.c.seller_id == bindparam("seller_id"),
        ),
    )
)

_LINE_COLUMNS = tuple(field.name for field in fields(Line))
_DESTINATION = tuple(field.name for field in fields(Destination))
_WRITTEN = tuple(column.name for column in orders.columns if column.computed is None)

_ADD = prepared(
    text(f"""
WITH placed AS (
    INSERT INTO orders ({", ".join(_WRITTEN)}) VALUES ({", ".join(f":{c}" for c in _WRITTEN)})
    ON CONFLICT DO NOTHING
    RETURNING id, state, create_time
), placed_lines AS (
    INSERT INTO order_lines
        (order_id, position, variant_id, product_id, sku, name, quantity, unit_price)
    SELECT placed.id, line.position, variant_id, product_id, sku, name, quantity, unit_price
    FROM placed, unnest(
        CAST(:line_variant_id AS uuid[]), CAST(:line_product_id AS uuid[]),
        CAST(:line_sku AS text[]), CAST(:line_name AS text[]),
        CAST(:line_quantity AS integer[]), CAST(:line_unit_price AS bigint[])
    ) WITH ORDINALITY
        AS line (variant_id, product_id, sku, name, quantity, unit_price, position)
)
INSERT INTO order_events (id, order_id, to_state, actor, reason, create_time)
SELECT :event_id, id, state, :actor, '', create_time FROM placed
RETURNING order_id
""")  # noqa: S608 - column names of our own table
)
_MOVE = prepared(
    text("""
WITH moved AS (
    UPDATE orders SET state = :state, update_time = :now,
        payment_id = CAST(:payment_id AS uuid), pay_time = CAST(:pay_time AS timestamptz)
    WHERE id = :id AND state = 'pending_payment'
    RETURNING id, state
)
INSERT INTO order_events (id, order_id, from_state, to_state, actor, reason, create_time)
SELECT :event_id, id, 'pending_payment', state, :actor, :reason, :now FROM moved
RETURNING order_id
""")
)


async def add(tx: Tx, order: Order, actor: str) -> bool:
    """Write a new order with its lines and first event; False if its quote was used before."""
    by_column = [asdict(line) for line in order.lines]
    parameters = {
        **_columns(order),
        **{f"line_{name}": [line[name] for line in by_column] for name in _LINE_COLUMNS},
        "event_id": new_id(),
        "actor": actor,
    }
    return bool(await tx.fetch(_ADD, parameters))


async def get(tx: Tx, order_id: UUID, audience: Audience | None = None) -> Order:
    """Of those that the audience may see; without one, any."""
    seen_by = audience or Audience(everybody=True, buyer_id=None, seller_id=None)
    parameters = {
        "order_id": order_id,
        "everybody": seen_by.everybody,
        "buyer_id": seen_by.buyer_id,
        "seller_id": seen_by.seller_id,
    }
    rows = await tx.fetch(_GET, parameters)
    if not rows:
        raise OrderNotFound("no such order", order_id=str(order_id))
    return _order(rows[0])


async def list_visible(
    tx: Tx,
    audience: Audience,
    window: Window,
    *,
    states: Sequence[State],
    buyer_id: UUID | None,
) -> list[Order]:
    """Newest first."""
    statement = _ORDERS.where(_visible(audience), orders.c.id < window.before_id)
    if states:
        statement = statement.where(orders.c.state.in_(states))
    if buyer_id:
        statement = statement.where(orders.c.buyer_id == buyer_id)
    result = await tx.execute(statement.order_by(orders.c.id.desc()).limit(window.limit))
    return [_order(row) for row in result]


async def set_paid(
    tx: Tx, order: Order, *, payment_id: UUID, pay_time: datetime, actor: str, now: datetime
) -> bool:
    """False if the order is not waiting for payment any more."""
    return await _move(
        tx,
        order.id,
        State.PAID,
        payment=(payment_id, pay_time),
        actor=actor,
        reason="",
        now=now,
    )


async def set_closed(
    tx: Tx, order_id: UUID, state: State, *, actor: str, reason: str, now: datetime
) -> bool:
    """Expired or cancelled; False if the order is not waiting for payment any more."""
    return await _move(tx, order_id, state, actor=actor, reason=reason, now=now)


async def list_overdue(tx: Tx, now: datetime, kind: str) -> list[UUID]:
    """Orders that wait for payment beyond their time and have no task of this kind yet.

    So those whose task waits or is parked do not stand in the way of the others.
    """
    booked = exists().where(tasks.c.kind == kind, tasks.c.key == orders.c.id)
    result = await tx.execute(
        select(orders.c.id)
        .where(orders.c.state == State.PENDING_PAYMENT, orders.c.expire_time <= now, ~booked)
        .order_by(orders.c.expire_time)
        .limit(_SWEEP_LIMIT)
    )
    return list(result.scalars())


async def list_events(tx: Tx, order_id: UUID, window: Window) -> list[Event]:
    result = await tx.execute(
        select(events)
        .where(events.c.order_id == order_id, events.c.id > window.after_id)
        .order_by(events.c.id)
        .limit(window.limit)
    )
    return [
        Event(
            row.id,
            State(row.from_state) if row.from_state else None,
            State(row.to_state),
            row.actor,
            row.reason,
            row.create_time,
        )
        for row in result
    ]


async def _move(  # noqa: PLR0913 - what a transition is
    tx: Tx,
    order_id: UUID,
    state: State,
    *,
    payment: tuple[UUID, datetime] | None = None,
    actor: str,
    reason: str,
    now: datetime,
) -> bool:
    """Every transition so far starts where an order waits for payment."""
    payment_id, pay_time = payment or (None, None)
    parameters = {
        "id": order_id,
        "state": state,
        "payment_id": payment_id,
        "pay_time": pay_time,
        "event_id": new_id(),
        "actor": actor,
        "reason": reason,
        "now": now,
    }
    return bool(await tx.fetch(_MOVE, parameters))


def _visible(audience: Audience) -> ColumnElement[bool]:
    if audience.everybody:
        return true()
    mine = orders.c.buyer_id == audience.buyer_id if audience.buyer_id else false()
    for_my_goods = orders.c.seller_id == audience.seller_id if audience.seller_id else false()
    return or_(mine, for_my_goods)


def _columns(order: Order) -> dict[str, Any]:
    amounts, option = order.amounts, order.option
    return {
        "id": order.id,
        "buyer_id": order.buyer_id,
        "seller_kind": order.seller.kind,
        "seller_id": order.seller.id,
        "state": order.state,
        "subtotal_amount": amounts.subtotal,
        "shipping_amount": amounts.shipping,
        "tax_amount": amounts.tax,
        "discount_amount": amounts.discount,
        "shipping_quote_id": order.shipping_quote_id,
        "shipping_option_id": option.id,
        "courier_code": option.courier_code,
        "service_code": option.service_code,
        "location_id": order.location_id,
        **asdict(order.destination),
        "payment_id": order.payment_id,
        "create_time": order.create_time,
        "update_time": order.update_time,
        "expire_time": order.expire_time,
        "pay_time": order.pay_time,
    }


def _order(row: Any) -> Order:  # noqa: ANN401 - a row of orders
    amounts = Amounts(row.subtotal_amount, row.shipping_amount, row.tax_amount, row.discount_amount)
    return Order(
        id=row.id,
        buyer_id=row.buyer_id,
        seller=Seller(SellerKind(row.seller_kind), row.seller_id),
        state=State(row.state),
        lines=tuple(Line(UUID(v), UUID(p), *rest) for v, p, *rest in row.lines),
        amounts=amounts,
        shipping_quote_id=row.shipping_quote_id,
        option=Option(
            row.shipping_option_id, row.courier_code, row.service_code, row.shipping_amount
        ),
        location_id=row.location_id,
        destination=Destination(**{name: getattr(row, name) for name in _DESTINATION}),
        payment_id=row.payment_id,
        create_time=row.create_time,
        update_time=row.update_time,
        expire_time=row.expire_time,
        pay_time=row.pay_time,
    )
