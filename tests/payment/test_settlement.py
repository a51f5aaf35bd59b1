"""What happens between the steps: a process may end at any of them, and others may be away."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from operator import methodcaller
from uuid import UUID, uuid4

import pytest

from gotong.order.v1 import order_pb2 as order
from gotong.payment.v1 import payment_pb2 as pb
from services.kit.ids import new_id
from services.kit.jobs import RetryLater
from services.payment.clients import OrderContradicts
from services.payment.domain import rules
from services.payment.domain.payment import ASK_AGAIN_AFTER, AmountDue, Payment, State
from services.payment.settlement import Settlement
from services.payment.store import payments as store
from tests.payment.conftest import Buyer, Payments
from tests.payment.fragile import Crash, FragileDatabase, FragileOrders, FragileXendit, Fuse
from tests.payment.requests import create_payment
from tests.support import eventually

Steps = Callable[[Settlement], Awaitable[object]]


def in_a_while() -> datetime:
    """When a lost request for an invoice may be repeated."""
    return datetime.now(UTC) + ASK_AGAIN_AFTER + timedelta(seconds=1)


def after_the_end() -> datetime:
    return datetime.now(UTC) + timedelta(hours=2)


async def recorded(payments: Payments, due: order.AmountDue) -> UUID:
    """A payment of which the provider has not heard; its process ended before."""
    now = datetime.now(UTC)
    owed = AmountDue(
        order_id=UUID(due.order_id),
        total_amount=due.total.units,
        shipping_amount=due.shipping_amount.units,
        waits_for_payment=True,
        expire_time=now + timedelta(hours=1),
    )
    payment = rules.opened(owed, id=new_id(), buyer_id=UUID(due.buyer_id), now=now)
    async with payments.app.db.transaction() as tx:
        await store.lock_payable(tx, payment.order_id)
        await store.add(tx, payment, by="test")
    return payment.id


async def crashing(payments: Payments, at: int, steps: Steps) -> bool:
    """Run the steps in a process that ends at one of them; whether it got so far."""
    fuse = Fuse(at)
    database = FragileDatabase(payments.realm.urls["payment"], fuse)
    settlement = Settlement(
        database,
        payments.app.jobs,
        payments.app.clock,
        FragileXendit(payments.client, fuse),
        FragileOrders(payments.orders_client, fuse),
    )
    try:
        with suppress(RetryLater):
            await steps(settlement)
    except Crash:
        return True
    finally:
        await database.close()
    return False


async def watched(payments: Payments, payment_id: UUID) -> Payment:
    """What the task makes of it, some time later."""
    settlement = payments.settlement(in_a_while)
    with suppress(RetryLater):
        await settlement.watch(payment_id)
    async with payments.app.db.reading() as tx:
        return await store.get(tx, payment_id)


async def test_wherever_opening_ends_there_is_one_invoice_at_last(
    payments: Payments, buyer: Buyer
) -> None:
    at = 1
    while True:
        payment_id = await recorded(payments, buyer.places())
        crashed = await crashing(payments, at, methodcaller("watch", payment_id))

        payment = await watched(payments, payment_id)

        invoices = await payments.xendit.invoices(pb.Payment(id=str(payment_id)))
        assert (payment.state, len(invoices)) == (State.PENDING, 1), at
        if not crashed:
            break
        at += 1
    assert at == 7


async def test_of_rival_processes_one_asks_for_the_invoice(
    payments: Payments, buyer: Buyer
) -> None:
    payment_id = await recorded(payments, buyer.places())
    processes = [payments.settlement(payments.app.clock) for _ in range(8)]

    await asyncio.gather(*(each.open(payment_id, by="test") for each in processes))

    payment = await watched(payments, payment_id)
    assert len(await payments.xendit.invoices(pb.Payment(id=str(payment_id)))) == 1
    assert payment.state is State.PENDING


async def test_wherever_capturing_ends_the_money_is_captured_once(
    payments: Payments, buyer: Buyer
) -> None:
    at = 1
    while True:
        paid = await buyer.opens()
        await payments.xendit.pay(paid)
        crashed = await crashing(payments, at, methodcaller("watch", UUID(paid.id)))

        payment = await watched(payments, UUID(paid.id))

        booked = "SELECT 1 FROM ledger_transactions WHERE subject_id = :id"
        assert payment.state is State.CAPTURED, at
        assert len(await payments.rows(booked, id=paid.id)) == 1
        assert (await buyer.order_knows(paid)).payment_id == paid.id
        if not crashed:
            break
        at += 1
    assert at == 4


async def test_wherever_telling_ends_the_order_is_told_the_same(
    payments: Payments, buyer: Buyer
) -> None:
    for at in range(1, 6):
        paid = await buyer.pays(await buyer.opens())

        await crashing(payments, at, methodcaller("tell_order", UUID(paid.id)))
        await payments.settlement(in_a_while).tell_order(UUID(paid.id))

        told = payments.orders.told_of(paid.order_id)
        assert {request.SerializeToString() for request in told} == {told[0].SerializeToString()}


async def test_wherever_closing_ends_it_can_be_closed_again(
    payments: Payments, buyer: Buyer
) -> None:
    at, request_id = 1, uuid4()
    while True:
        payment = await buyer.opens()

        close = methodcaller("close", UUID(payment.id), request_id=request_id, by="test")
        crashed = await crashing(payments, at, close)

        await close(payments.settlement(in_a_while))

        (invoice,) = await payments.xendit.invoices(payment)
        state = (await buyer.sees(payment)).state
        assert (state, invoice["status"]) == (pb.Payment.STATE_CANCELLED, "EXPIRED"), at
        if not crashed:
            break
        at += 1
    assert at == 8


@pytest.mark.parametrize("fault", ["status_500", "reset_before_processing", "garbage"])
async def test_an_invoice_that_was_not_made_is_asked_for_again(
    payments: Payments, buyer: Buyer, fault: str
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", fault):
        lost = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    payment = await watched(payments, UUID(lost.id))

    (invoice,) = await payments.xendit.invoices(lost)
    assert (payment.state, payment.provider_invoice_id) == (State.PENDING, invoice["id"])


async def test_an_invoice_that_never_came_ends_with_the_order(
    payments: Payments, buyer: Buyer
) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "reset_before_processing"):
        lost = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    await payments.settlement(after_the_end).watch(UUID(lost.id))

    assert (await buyer.sees(lost)).state == pb.Payment.STATE_EXPIRED
    assert await payments.xendit.invoices(lost) == []


async def test_a_payment_that_waits_is_looked_at_when_its_time_is_up(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()

    with pytest.raises(RetryLater) as later:
        await payments.settlement(payments.app.clock).watch(UUID(payment.id))

    assert later.value.pause is not None
    assert timedelta(minutes=59) < later.value.pause < timedelta(minutes=61)


async def test_a_payment_without_news_ends_when_its_time_is_up(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    async with payments.xendit.failing("", "webhook_drop"):
        await payments.xendit.pull(payment, "expire")

    await payments.settlement(after_the_end).watch(UUID(payment.id))

    assert (await buyer.sees(payment)).state == pb.Payment.STATE_EXPIRED


async def test_an_order_that_is_away_is_told_later(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    payments.orders.away[payment.order_id] = 3

    await payments.xendit.pay(payment, notify=True)

    told = await buyer.order_knows(payment)
    assert (told.payment_id, payments.orders.away[payment.order_id]) == (payment.id, 0)


async def test_a_provider_that_is_away_is_asked_later(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()

    async with payments.xendit.failing(f"GET /v2/invoices/{payment.provider_invoice_id}", times=3):
        await payments.xendit.pay(payment, notify=True)
        await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)


async def test_an_order_that_refuses_its_money_is_an_alarm(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    payments.orders.refusing.add(payment.order_id)
    await buyer.pays(payment)

    with pytest.raises(OrderContradicts, match="ORDER_NOT_PAYABLE"):
        await payments.settlement(payments.app.clock).tell_order(UUID(payment.id))

    async def complains() -> bool:
        task = "SELECT 1 FROM tasks WHERE key = :id AND last_error LIKE '%ORDER_NOT_PAYABLE%'"
        return bool(await payments.rows(task, id=payment.id))

    await eventually(complains)


async def test_every_step_is_in_the_history_with_who_took_it(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment, notify=True)
    await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)
    await buyer.order_knows(payment)

    history = await payments.rows(
        "SELECT * FROM payment_history WHERE payment_id = :id ORDER BY version", id=payment.id
    )

    me = f"buyer:{buyer.id}"
    assert [(row.to_state, row.actor) for row in history] == [
        ("CREATED", me),
        ("UNKNOWN", me),
        ("PENDING", me),
        ("CAPTURED", "job:hear"),
        ("CAPTURED", "job:tell_order"),
    ]
