"""Payments at a step of our choice, and what their tasks make of them later."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gotong.order.v1 import order_pb2 as order
from gotong.payment.v1 import payment_pb2 as pb
from services.kit.ids import new_id
from services.kit.jobs import RetryLater
from services.payment.domain import rules
from services.payment.domain.invoice import Notice
from services.payment.domain.payment import ASK_AGAIN_AFTER, AmountDue, Payment
from services.payment.store import payments as store
from services.payment.store import webhooks
from tests.payment.conftest import Payments
from tests.support import an_id


def in_a_while() -> datetime:
    """When a lost request for an invoice may be repeated."""
    return datetime.now(UTC) + ASK_AGAIN_AFTER + timedelta(seconds=1)


def after_the_end() -> datetime:
    return datetime.now(UTC) + timedelta(hours=2)


async def recorded(payments: Payments, due: order.AmountDue, *, asked: bool = False) -> Payment:
    """A payment of which the provider has not heard; its process ended before."""
    now = datetime.now(UTC)
    owed = AmountDue(
        order_id=UUID(due.order_id),
        total_amount=due.total.units,
        shipping_amount=due.shipping_amount.units,
        waits_for_payment=True,
        expire_time=now + timedelta(hours=1),
    )
    steps = [rules.opened(owed, id=new_id(), buyer_id=UUID(due.buyer_id), now=now)]
    if asked:
        steps.append(rules.asked(steps[0], now))
    async with payments.app.db.transaction() as tx:
        await store.add(tx, steps, by="test")
    return steps[-1]


async def noted(payments: Payments, payment: pb.Payment) -> UUID:
    """A notice whose task nobody does."""
    notice = Notice(payment.provider_invoice_id, payment.id, "PAID", "")
    async with payments.app.db.transaction() as tx:
        event_id = await webhooks.add(
            tx, notice, key=an_id(), headers={}, body=b"", now=datetime.now(UTC)
        )
    assert event_id
    return event_id


async def watched(payments: Payments, payment_id: UUID) -> Payment:
    """What the task makes of it, some time later."""
    settlement = payments.settlement(in_a_while)
    with suppress(RetryLater):
        await settlement.watch(payment_id)
    async with payments.app.db.reading() as tx:
        return await store.get(tx, payment_id)
