"""A process may end at any step: what it leaves is brought to its end, and once."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from operator import methodcaller
from uuid import UUID, uuid4

from gotong.payment.v1 import payment_pb2 as pb
from services.kit.jobs import RetryLater
from services.payment.domain.payment import State
from services.payment.settlement import Settlement
from tests.payment.conftest import Buyer, Payments
from tests.payment.fragile import Crash, FragileDatabase, FragileOrders, FragileXendit, Fuse
from tests.payment.steps import in_a_while, noted, recorded, watched

_FORGOTTEN = """
    SELECT 1 FROM payments
    WHERE id = :id AND state = 'CAPTURED' AND order_told_time IS NULL
        AND NOT EXISTS (SELECT FROM tasks WHERE kind = 'tell_order' AND key = payments.id)
"""

Steps = Callable[[Settlement], Awaitable[object]]


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


async def test_wherever_opening_ends_there_is_one_invoice_at_last(
    payments: Payments, buyer: Buyer
) -> None:
    at = 1
    while True:
        payment = await recorded(payments, buyer.places())
        crashed = await crashing(payments, at, methodcaller("watch", payment.id))

        payment = await watched(payments, payment.id)

        invoices = await payments.xendit.invoices(pb.Payment(id=str(payment.id)))
        assert (payment.state, len(invoices)) == (State.PENDING, 1), at
        if not crashed:
            break
        at += 1
    assert at == 7


async def test_wherever_the_first_request_ends_there_is_one_invoice_at_last(
    payments: Payments, buyer: Buyer
) -> None:
    at = 1
    while True:
        payment = await recorded(payments, buyer.places(), asked=True)
        crashed = await crashing(payments, at, methodcaller("ask", payment, by="test"))

        payment = await watched(payments, payment.id)

        invoices = await payments.xendit.invoices(pb.Payment(id=str(payment.id)))
        assert (payment.state, len(invoices)) == (State.PENDING, 1), at
        if not crashed:
            break
        at += 1
    assert at == 5


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


async def test_wherever_hearing_ends_a_task_is_left_to_tell_the_order(
    payments: Payments, buyer: Buyer
) -> None:
    at = 1
    while True:
        paid = await buyer.opens()
        await payments.xendit.pay(paid)
        event_id = await noted(payments, paid)

        crashed = await crashing(payments, at, methodcaller("hear", event_id))

        assert await payments.rows(_FORGOTTEN, id=paid.id) == [], at
        settlement = payments.settlement(payments.app.clock)
        await settlement.hear(event_id)
        await settlement.tell_order(UUID(paid.id))

        booked = "SELECT 1 FROM ledger_transactions WHERE subject_id = :id"
        assert len(await payments.rows(booked, id=paid.id)) == 1
        told = payments.orders.told_of(paid.order_id)
        assert {request.SerializeToString() for request in told} == {told[0].SerializeToString()}
        if not crashed:
            break
        at += 1
    assert (at, len(told)) == (8, 1)


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
