"""What happens between the steps: rivals are at work, and others may be away."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gotong.payment.v1 import payment_pb2 as pb
from services.kit.jobs import RetryLater
from services.payment.clients import OrderContradicts
from services.payment.domain.payment import ASK_WITHIN, State
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import create_payment
from tests.payment.steps import after_the_end, noted, recorded, watched
from tests.support import eventually


@pytest.mark.parametrize(
    ("late", "state"),
    [(ASK_WITHIN, State.UNKNOWN), (timedelta(hours=2), State.EXPIRED)],
    ids=["somebody may ask again", "its time is up"],
)
async def test_a_request_that_comes_too_late_is_not_made(
    payments: Payments, buyer: Buyer, late: timedelta, state: State
) -> None:
    payment = await recorded(payments, buyer.places(), asked=True)

    after = await payments.settlement(lambda: datetime.now(UTC) + late).ask(payment, by="test")

    assert after.state is state
    assert await payments.xendit.invoices(pb.Payment(id=str(payment.id))) == []


async def test_of_rival_processes_one_asks_for_the_invoice(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await recorded(payments, buyer.places())
    processes = [payments.settlement(payments.app.clock) for _ in range(8)]

    await asyncio.gather(*(each.open(payment.id, by="test") for each in processes))

    payment = await watched(payments, payment.id)
    assert len(await payments.xendit.invoices(pb.Payment(id=str(payment.id)))) == 1
    assert payment.state is State.PENDING


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


async def test_an_order_that_can_not_be_told_at_once_is_told_as_soon_as_it_can(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    payments.orders.away[payment.order_id] = 1

    await payments.settlement(payments.app.clock).hear(await noted(payments, payment))

    waiting = "SELECT 1 FROM tasks WHERE key = :id AND due_time > now()"
    assert await payments.rows(waiting, id=payment.id) == []
    await buyer.order_knows(payment)


async def test_a_provider_that_is_away_is_asked_later(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()

    async with payments.xendit.failing(f"GET /v2/invoices/{payment.provider_invoice_id}", times=3):
        await payments.xendit.pay(payment, notify=True)
        await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)


@pytest.mark.parametrize("found", ["by asking", "by notice"])
async def test_an_order_that_refuses_its_money_is_an_alarm(
    payments: Payments, buyer: Buyer, found: str
) -> None:
    payment = await buyer.opens()
    payments.orders.refusing.add(payment.order_id)
    await (
        buyer.pays(payment) if found == "by asking" else payments.xendit.pay(payment, notify=True)
    )
    await buyer.sees_at_last(payment, pb.Payment.STATE_CAPTURED)

    with pytest.raises(OrderContradicts, match="ORDER_NOT_PAYABLE"):
        await payments.settlement(payments.app.clock).tell_order(UUID(payment.id))

    async def complains() -> bool:
        task = "SELECT 1 FROM tasks WHERE key = :id AND last_error LIKE '%ORDER_NOT_PAYABLE%'"
        return bool(await payments.rows(task, id=payment.id))

    await eventually(complains)


async def test_once_the_order_knows_of_its_money_there_is_nothing_left_to_do(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment, notify=True)
    await buyer.order_knows(payment)

    assert await payments.rows("SELECT kind FROM tasks WHERE key = :id", id=payment.id) == []


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
