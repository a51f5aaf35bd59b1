"""Payments and the payables that arbitrate between them."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.kit.db import Tx
from services.kit.paging import Window
from services.payment.domain.payment import LIVE, Payable, Payment, State
from services.payment.domain.refusals import PaymentChanged, PaymentNotFound
from services.payment.tables import payables, payment_history, payments

_FIELDS = [payments.c[name] for name in Payment.__dataclass_fields__]
_FIXED = frozenset({"id", "order_id", "buyer_id", "amount", "shipping_amount", "create_time"})
_CHANGING = [field.name for field in _FIELDS if field.name not in _FIXED]
_HISTORY = ("payment_id", "version", "from_state", "to_state", "actor", "reason", "create_time")


async def lock_payable(tx: Tx, order_id: UUID) -> Payable:
    """Keep others from opening or capturing payments of an order, and from closing it."""
    locked = select(payables).where(payables.c.order_id == order_id).with_for_update()
    row = (await tx.execute(locked)).one_or_none()
    if row is None:
        await tx.execute(upsert(payables).values(order_id=order_id).on_conflict_do_nothing())
        row = (await tx.execute(locked)).one()
    return Payable(**row._asdict())


async def close_payable(tx: Tx, order_id: UUID, now: datetime) -> None:
    """For ever. What is closed keeps its time."""
    await tx.execute(
        update(payables)
        .where(payables.c.order_id == order_id, payables.c.closed_time.is_(None))
        .values(closed_time=now)
    )


async def capture_payable(tx: Tx, payment: Payment) -> None:
    result = await tx.execute(
        update(payables)
        .where(
            payables.c.order_id == payment.order_id,
            payables.c.closed_time.is_(None),
            payables.c.captured_payment_id.is_(None),
        )
        .values(captured_payment_id=payment.id)
    )
    assert result.rowcount == 1, f"{payment.order_id} is not to be paid"


async def add(tx: Tx, payment: Payment, *, by: str) -> None:
    await tx.execute(insert(payments).values(external_id=payment.external_id, **asdict(payment)))
    await tx.execute(
        insert(payment_history).values(
            payment_id=payment.id,
            version=payment.version,
            from_state=None,
            to_state=payment.state,
            actor=by,
            reason="",
            create_time=payment.create_time,
        )
    )


async def save(tx: Tx, before: Payment, after: Payment, *, by: str, reason: str = "") -> None:
    """Write the next version and its history in one statement, unless somebody was faster."""
    assert after.version == before.version + 1
    changed = {name: value for name, value in asdict(after).items() if name in _CHANGING}
    saved = (
        update(payments)
        .where(payments.c.id == before.id, payments.c.version == before.version)
        .values(changed)
        .returning(payments.c.id, payments.c.version)
        .cte("saved")
    )
    what = (before.state, after.state, by, reason)
    result = await tx.execute(
        insert(payment_history).from_select(
            _HISTORY,
            select(saved.c.id, saved.c.version, *map(literal, what), literal(after.update_time)),
        )
    )
    if result.rowcount != 1:
        raise PaymentChanged("somebody else moved the payment on; try again")


async def get(
    tx: Tx, payment_id: UUID, *, buyer_id: UUID | None = None, lock: bool = False
) -> Payment:
    """Of that buyer, or without one of anybody."""
    statement = select(*_FIELDS).where(payments.c.id == payment_id)
    if buyer_id:
        statement = statement.where(payments.c.buyer_id == buyer_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise PaymentNotFound("no such payment", payment_id=str(payment_id))
    return _payment(row)


async def find_live(tx: Tx, order_id: UUID) -> Payment | None:
    result = await tx.execute(
        select(*_FIELDS).where(payments.c.order_id == order_id, payments.c.state.in_(sorted(LIVE)))
    )
    row = result.one_or_none()
    return _payment(row) if row else None


async def list_payments(
    tx: Tx,
    window: Window,
    *,
    buyer_id: UUID | None,
    order_id: UUID | None,
    states: Collection[State],
) -> list[Payment]:
    statement = select(*_FIELDS).where(payments.c.id < window.before_id)
    if buyer_id:
        statement = statement.where(payments.c.buyer_id == buyer_id)
    if order_id:
        statement = statement.where(payments.c.order_id == order_id)
    if states:
        statement = statement.where(payments.c.state.in_(states))
    result = await tx.execute(statement.order_by(payments.c.id.desc()).limit(window.limit))
    return [_payment(row) for row in result]


def _payment(row: Row[Any]) -> Payment:
    return Payment(**{**row._asdict(), "state": State(row.state)})
