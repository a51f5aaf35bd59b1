"""Payments and the payables that arbitrate between them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text

from services.kit.db import Database, Prepared, Row, Tx, prepared
from services.kit.paging import Window
from services.payment.domain.payment import LIVE, Payable, Payment, State
from services.payment.domain.refusals import PaymentChanged, PaymentNotFound
from services.payment.tables import payments

_NAMES = tuple(Payment.__dataclass_fields__)
_FIELDS = [payments.c[name] for name in _NAMES]
_FIXED = frozenset({"id", "order_id", "buyer_id", "amount", "shipping_amount", "create_time"})
_CHANGING = tuple(name for name in _NAMES if name not in _FIXED)
_ADDED = tuple(name for name in _NAMES if name != "order_id")

# Locks the row whether it is there or not, and answers as it is under the lock.
_PAYABLE = """
    INSERT INTO payables AS held (order_id) VALUES (:order_id)
    ON CONFLICT (order_id) DO UPDATE SET closed_time = held.closed_time
    RETURNING order_id, closed_time, captured_payment_id
"""
_LOCK_PAYABLE = prepared(text(_PAYABLE))
# Rivals come one after the other by the lock of the payable, and what they left is found by the
# index and not by the snapshot, which may be older than the lock.
_ADD = prepared(
    text(f"""
WITH payable AS ({_PAYABLE}), added AS (
    INSERT INTO payments (order_id, external_id, {", ".join(_ADDED)})
    SELECT order_id, :external_id, {", ".join(f":{name}" for name in _ADDED)} FROM payable
    WHERE closed_time IS NULL AND captured_payment_id IS NULL
    ON CONFLICT (order_id) WHERE state IN ('CREATED', 'UNKNOWN', 'PENDING') DO NOTHING
    RETURNING id
), kept AS (
    INSERT INTO payment_history
        (payment_id, version, from_state, to_state, actor, reason, create_time)
    SELECT added.id, step.version, lag(step.state) OVER (ORDER BY step.version), step.state,
        :actor, step.reason, step.time
    FROM added, unnest(
        CAST(:step_versions AS integer[]), CAST(:step_states AS text[]),
        CAST(:step_reasons AS text[]), CAST(:step_times AS timestamptz[])
    ) AS step (version, state, reason, time)
)
SELECT payable.*, EXISTS (SELECT FROM added) AS is_added FROM payable
""")  # noqa: S608 - column names of our own table
)
_LOCK = prepared(
    text(f"""
    SELECT y.closed_time, y.captured_payment_id, {", ".join(f"p.{name}" for name in _NAMES)}
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
_SAVE = prepared(text(f"{_SAVED} SELECT id FROM saved"))
# The payable is locked already: it is as it was when it was decided to capture.
_CAPTURE = prepared(
    text(f"""{_SAVED}, watched AS (
    DELETE FROM tasks USING saved WHERE kind = 'watch' AND key = saved.id
)
UPDATE payables SET captured_payment_id = saved.id FROM saved
WHERE payables.order_id = saved.order_id AND closed_time IS NULL AND captured_payment_id IS NULL
RETURNING saved.id
""")
)
_TELL = prepared(
    text(f"""{_SAVED}, told AS (
    DELETE FROM tasks USING saved WHERE kind = 'tell_order' AND key = saved.id
)
SELECT id FROM saved
""")
)
_CLOSE_PAYABLE = prepared(
    text("""
    UPDATE payables SET closed_time = :now WHERE order_id = :order_id AND closed_time IS NULL
""")
)
_GET = prepared(select(*_FIELDS).where(payments.c.id == bindparam("payment_id")))
_FIND_LIVE = prepared(
    select(*_FIELDS).where(
        payments.c.order_id == bindparam("order_id"), text("state IN ('CREATED', 'UNKNOWN', 'PENDING')")
    )
)
