import asyncio
from uuid import UUID

from gotong.payment.v1 import payment_pb2 as pb
from services.payment.domain.payment import State
from tests.payment.conftest import Buyer, Payments
from tests.payment.requests import create_payment, sync_payment
from tests.support import refused


async def test_money_is_found_without_a_notice(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)

    synced = await buyer.stub.SyncPayment(sync_payment(payment))

    assert (synced.state, synced.captured_amount) == (pb.Payment.STATE_CAPTURED, payment.amount)
    assert (await buyer.order_knows(payment)).payment_id == payment.id


async def test_money_that_is_settled_already_counts_as_paid(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    await payments.xendit.pull(payment, "settle")

    assert (await buyer.syncs(payment)).state == pb.Payment.STATE_CAPTURED


async def test_without_news_nothing_changes(buyer: Buyer) -> None:
    payment = await buyer.opens()

    assert await buyer.syncs(payment) == payment


async def test_a_lost_invoice_is_found(payments: Payments, buyer: Buyer) -> None:
    async with payments.xendit.failing("POST /v2/invoices", "reset_after_processing"):
        payment = await buyer.stub.CreatePayment(create_payment(buyer.places()))

    assert (await buyer.syncs(payment)).state == pb.Payment.STATE_PENDING


async def test_orders_that_do_not_answer_do_not_matter(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    payments.orders.away[payment.order_id] = 2

    assert (await buyer.pays(payment)).state == pb.Payment.STATE_CAPTURED
    await buyer.order_knows(payment)


async def test_a_provider_that_does_not_answer_is_said_so(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()

    async with payments.xendit.failing(f"GET /v2/invoices/{payment.provider_invoice_id}"):
        with refused("PROVIDER_UNAVAILABLE"):
            await buyer.stub.SyncPayment(sync_payment(payment))

    assert await buyer.sees(payment) == payment


async def test_a_retry_returns_the_first_answer(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    request = sync_payment(payment)

    first, *retries = await asyncio.gather(*(buyer.stub.SyncPayment(request) for _ in range(8)))

    assert [retry.state for retry in retries] == [first.state] * 7
    await buyer.order_knows(payment)


async def test_rivals_capture_once(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)

    await asyncio.gather(*(buyer.syncs(payment) for _ in range(8)))

    booked = "SELECT 1 FROM ledger_transactions WHERE subject_id = :id"
    assert len(await payments.rows(booked, id=payment.id)) == 1


async def test_rival_processes_capture_once(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    processes = [payments.settlement(payments.app.clock) for _ in range(8)]

    looks = await asyncio.gather(
        *(each.look(UUID(payment.id), by=f"process {n}") for n, each in enumerate(processes))
    )

    assert {look.state for look in looks} == {State.CAPTURED}
    captures = "SELECT 1 FROM payment_history WHERE payment_id = :id AND to_state = 'CAPTURED'"
    assert len(await payments.rows(captures + " AND from_state = 'PENDING'", id=payment.id)) == 1


async def test_a_stranger_finds_no_payment(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    stranger = await payments.user("buyer")

    with refused("PAYMENT_NOT_FOUND"):
        await stranger.SyncPayment(sync_payment(payment))


async def test_operators_sync_for_others(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment)
    operator = await payments.user("ops")

    synced = await operator.SyncPayment(sync_payment(payment))

    assert synced.state == pb.Payment.STATE_CAPTURED
