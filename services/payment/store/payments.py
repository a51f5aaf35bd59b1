"""Payments and the payables that arbitrate between them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, Uuid, bindparam, null, or_, select, text

from services.kit.db import Database, Row, Tx, prepared
from services.kit.paging import Window
from services.payment.domain.payment import LIVE, Payable, Payment, State
from services.payment.domain.refusals import PaymentChanged, PaymentNotFound
from services.payment.tables import payments, webhook_events

_NAMES = tuple(Payment.__dataclass_fields__)
_FIELDS = [payments.c[name] for name in _NAMES]
_FIXED = frozenset({"id", "order_id", "buyer_id", "amount", "shipping_amount", "create_time"})
_CHANGING = tuple(name for name in _NAMES if name not in _FIXED)
_ADDED = tuple(name for name in _NAMES if name != "order_id")
_IS_LIVE = f"state IN ({', '.join(repr(state.value) for state in sorted(LIVE))})"

# Locks the row, whether it was there or not, and answers as it is under the lock.
_PAYABLE = """
    INSERT INTO payables AS held (order_id) VALUES (:order_id)
    ON CONFLICT (order_id) DO UPDATE SET closed_time = held.closed_time
    RETURNING order_id, closed_time, captured_payment_id
"""
_LOCK_PAYABLE = prepared(text(_PAYABLE))
# Rivals come one after the other by the lock. What they left is found by the index, and not by a
# snapshot that may be older than the lock.
_ADD = prepared(
    text(f"""
WITH payable AS ({_PAYABLE}), added AS (
    INSERT INTO payments (order_id, external_id, {", ".join(_ADDED)})
    SELECT order_id, :external_id, {", ".join(f":{name}" for name in _ADDED)} FROM payable
    WHERE closed_time IS NULL AND captured_payment_id IS NULL
    ON CONFLICT (order_id) WHERE {_IS_LIVE} DO NOTHING
    RETURNING id
), kept AS (
    INSERT INTO payment_history
        (payment_id, version, from_state, to_state, actor, reason, create_time)
    SELECT added.id, step.version, lag(step.state) OVER (ORDER BY step.version), step.state,
        :actor, step.reason, step.time
    FROM added, unnest(
        CAST(:versions AS integer[]), CAST(:states AS text[]),
        CAST(:reasons AS text[]), CAST(:times AS timestamptz[])
    ) AS step (version, state, reason, time)
)
SELECT payable.*, EXISTS (SELECT FROM added) AS is_added FROM payable
""")  # noqa: S608 - column names of our own table
)
# Both rows as they are under their locks: PostgreSQL goes on to the newest version of each.
_LOCK = prepared(
    text(f"""
    SELECT {", ".join(f"p.{name}" for name in _NAMES)}, y.closed_time, y.captured_payment_id
    FROM payables y JOIN payments p USING (order_id) WHERE p.id = :id
    FOR UPDATE OF y FOR NO KEY UPDATE OF p
""")  # noqa: S608 - column names of our own table
)
_SAVED = f"""
WITH saved AS (
    UPDATE payments SET {", ".join(f"{name} = :{name}" for name in _CHANGING)}
    WHERE id = :id AND version = :version_before
    RETURNING id, order_id, version, state, update_time
), kept AS (
    INSERT INTO payment_history
        (payment_id, version, from_state, to_state, actor, reason, create_time)
    SELECT id, version, :state_before, state, :actor, :reason, update_time FROM saved
)"""  # noqa: S608 - column names of our own table
_DONE = "done AS (DELETE FROM tasks USING saved WHERE kind = :done AND key = saved.id)"
_WHAT = "SELECT id FROM saved"
# The payable was locked by an earlier statement.
_CAPTURED = """
    UPDATE payables SET captured_payment_id = saved.id FROM saved
    WHERE payables.order_id = saved.order_id
        AND closed_time IS NULL AND captured_payment_id IS NULL
    RETURNING saved.id
"""
_SAVE = prepared(text(f"{_SAVED} {_WHAT}"))
_SAVE_DONE = prepared(text(f"{_SAVED}, {_DONE} {_WHAT}"))
_CAPTURE = prepared(text(f"{_SAVED}, {_DONE} {_CAPTURED}"))
_CLOSE_PAYABLE = prepared(
    text(
        "UPDATE payables SET closed_time = :now WHERE order_id = :order_id AND closed_time IS NULL"
    )
)
_GET = prepared(
    select(*_FIELDS).where(
        payments.c.id == bindparam("payment_id"),
        or_(
            bindparam("buyer_id", type_=Uuid) == null(),
            payments.c.buyer_id == bindparam("buyer_id", type_=Uuid),
        ),
    )
)
_OF_NOTICE = prepared(
    select(*_FIELDS)
    .join(webhook_events, webhook_events.c.payment_id == payments.c.id)
    .where(webhook_events.c.id == bindparam("event_id"))
)
_FIND_LIVE = prepared(
    select(*_FIELDS).where(payments.c.order_id == bindparam("order_id"), text(_IS_LIVE))
)


async def lock_payable(tx: Tx, order_id: UUID) -> Payable:
    """Keep others from opening or capturing payments of an order, and from closing it."""
    (row,) = await tx.fetch(_LOCK_PAYABLE, {"order_id": order_id})
    return _payable(row)


async def close_payable(tx: Tx, order_id: UUID, now: datetime) -> None:
    """For ever. What is closed keeps its time."""
    await tx.fetch(_CLOSE_PAYABLE, {"order_id": order_id, "now": now})


async def add(
    tx: Tx, steps: Sequence[Payment], *, by: str, reason: str = ""
) -> tuple[Payable, bool]:
    """Lock the payable and write a payment as its first steps leave it, with their history.

    Unless the payable is not open or another payment of it is live. The reason is the last step's.
    """
    payment = steps[-1]
    (row,) = await tx.fetch(
        _ADD,
        {
            **{name: getattr(payment, name) for name in _NAMES},
            "external_id": payment.external_id,
            "actor": by,
            "versions": [step.version for step in steps],
            "states": [step.state for step in steps],
            "reasons": [*("" for _ in steps[1:]), reason],
            "times": [step.update_time for step in steps],
        },
    )
    return _payable(row), row.is_added


async def lock(tx: Tx, payment_id: UUID) -> tuple[Payable, Payment]:
    """As lock_payable, for the payable of a payment, and keep others from moving the payment."""
    (row,) = await tx.fetch(_LOCK, {"id": payment_id})
    return _payable(row), _payment(row)


async def save(
    tx: Tx | Database, before: Payment, after: Payment, *, by: str, reason: str = "", done: str = ""
) -> None:
    """Write the next version and its history in one statement, unless somebody was faster.

    The payment's task of the kind `done` goes with it: there is nothing left for it to do.
    """
    saved = await tx.fetch(
        _SAVE_DONE if done else _SAVE, _step(before, after, actor=by, reason=reason, done=done)
    )
    if not saved:
        raise PaymentChanged("somebody else moved the payment on; try again")


async def capture(
    tx: Tx, before: Payment, after: Payment, *, by: str, reason: str, done: str
) -> None:
    """As save, and the payable is captured by the payment. Both are locked."""
    captured = await tx.fetch(_CAPTURE, _step(before, after, actor=by, reason=reason, done=done))
    assert captured, f"{after.order_id} is not to be paid"


async def get(tx: Tx, payment_id: UUID, *, buyer_id: UUID | None = None) -> Payment:
    """Of that buyer, or without one of anybody."""
    rows = await tx.fetch(_GET, {"payment_id": payment_id, "buyer_id": buyer_id})
    if not rows:
        raise PaymentNotFound("no such payment", payment_id=str(payment_id))
    return _payment(rows[0])


async def find_live(tx: Tx, order_id: UUID) -> Payment | None:
    rows = await tx.fetch(_FIND_LIVE, {"order_id": order_id})
    return _payment(rows[0]) if rows else None


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
    return [_payment(row) for row in result.mappings()]


async def of_notice(tx: Tx, event_id: UUID) -> Payment:
    """The payment that a notice is about."""
    (row,) = await tx.fetch(_OF_NOTICE, {"event_id": event_id})
    return _payment(row)


def _step(before: Payment, after: Payment, **more: object) -> dict[str, object]:
    assert after.version == before.version + 1
    return {
        **{name: getattr(after, name) for name in _CHANGING},
        "id": before.id,
        "version_before": before.version,
        "state_before": before.state,
        **more,
    }


def _payable(row: Row) -> Payable:
    return Payable(row.order_id, row.closed_time, row.captured_payment_id)


def _payment(row: Row | RowMapping) -> Payment:
    values = {name: row[name] for name in _NAMES}
    values["state"] = State(values["state"])
    return Payment(**values)
