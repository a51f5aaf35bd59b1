"""What the invariants find: contradictions that only a superuser can make, and that are undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gotong.payment.v1 import ledger_pb2 as pb
from gotong.payment.v1 import payment_pb2
from services.payment.invariants import INVARIANTS
from tests.payment.conftest import Buyer, Payments
from tests.support import refused

ORDERS = "UPDATE payables SET captured_payment_id = {} WHERE order_id = '{}'"
TAMPERINGS = {
    "UPDATE payments SET amount = 1, captured_amount = 1, shipping_amount = 0 WHERE id = :id": (
        {"INV-17", "INV-22"}
    ),
    "UPDATE payments SET state = 'EXPIRED', captured_amount = 0, capture_time = NULL,"
    " order_told_time = NULL WHERE id = :id": {"INV-17", "INV-22"},
    "UPDATE payables SET captured_payment_id = NULL WHERE captured_payment_id = :id": {"INV-22"},
    "UPDATE ledger_accounts SET credit = credit + 1 WHERE name LIKE 'liab:escrow:%'"
    " AND name IN (SELECT account FROM ledger_entries e JOIN ledger_transactions t"
    " ON t.id = e.transaction_id WHERE t.subject_id = :id)": {"INV-1", "INV-22"},
    "UPDATE ledger_entries SET amount = amount - 1 WHERE account LIKE 'asset:%' AND transaction_id"
    " IN (SELECT id FROM ledger_transactions WHERE subject_id = :id)": {"INV-1", "INV-17"},
    "UPDATE ledger_transactions SET reference = 'other' WHERE subject_id = :id": {"INV-17"},
    "DELETE FROM ledger_entries WHERE transaction_id"
    " IN (SELECT id FROM ledger_transactions WHERE subject_id = :id)": {"INV-1", "INV-17"},
}


@asynccontextmanager
async def superuser(payments: Payments) -> AsyncIterator[AsyncConnection]:
    """Without guards, in a transaction that is rolled back unless it is committed."""
    database = make_url(payments.realm.urls["payment"]).database
    url = make_url(payments.realm.superuser_url).set(
        drivername="postgresql+asyncpg", database=database
    )
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(text("SET search_path = payment"))
        await connection.execute(text("SET session_replication_role = replica"))
        yield connection
    await engine.dispose()


async def broken(connection: AsyncConnection) -> set[str]:
    return {
        name for name, query in INVARIANTS if (await connection.execute(text(query))).fetchall()
    }


async def test_what_is_true_is_healthy(payments: Payments, buyer: Buyer) -> None:
    await buyer.opens()
    await buyer.pays(await buyer.opens())
    await buyer.pays(await buyer.opens(), 1)
    await buyer.pays(await buyer.cancels(await buyer.opens()))
    auditor = await payments.auditor()

    health = await auditor.GetLedgerHealth(pb.GetLedgerHealthRequest())

    assert health == pb.LedgerHealth()


async def test_a_contradiction_is_named_with_its_row(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.pays(await buyer.opens())
    await buyer.order_knows(payment)
    auditor = await payments.auditor()

    async with superuser(payments) as connection:
        await connection.execute(text(ORDERS.format("NULL", payment.order_id)))
        await connection.commit()
        health = await auditor.GetLedgerHealth(pb.GetLedgerHealthRequest())
        await connection.execute(text(ORDERS.format(f"'{payment.id}'", payment.order_id)))
        await connection.commit()

    violation = pb.LedgerHealth.Violation(invariant="INV-22", subject=payment.order_id)
    assert list(health.violations) == [violation]


@pytest.mark.parametrize(("statement", "invariants"), TAMPERINGS.items(), ids=range(7))
async def test_a_capture_that_contradicts_the_ledger_is_found(
    payments: Payments, buyer: Buyer, statement: str, invariants: set[str]
) -> None:
    payment = await buyer.pays(await buyer.opens())
    await buyer.order_knows(payment)

    async with superuser(payments) as connection:
        tampered = await connection.execute(text(statement), {"id": payment.id})
        assert tampered.rowcount > 0
        assert await broken(connection) == invariants


@pytest.mark.parametrize("amount", [275_000, 1])
async def test_money_that_is_not_set_aside_is_found(
    payments: Payments, buyer: Buyer, amount: int
) -> None:
    payment = await buyer.opens()
    if amount == 275_000:
        await buyer.cancels(payment)
    await buyer.pays(payment, amount)

    async with superuser(payments) as connection:
        move = "UPDATE ledger_accounts SET name = 'liab:other' WHERE name LIKE '%:' || :id"
        await connection.execute(text(move), {"id": payment.id})
        assert "INV-22" in await broken(connection)


@pytest.mark.parametrize("column", ["closed_time = now()", "captured_payment_id = :id"])
async def test_an_order_that_is_over_and_can_be_paid_is_found(
    payments: Payments, buyer: Buyer, column: str
) -> None:
    payment = await buyer.opens()

    async with superuser(payments) as connection:
        statement = f"UPDATE payables SET {column} WHERE order_id = :order"  # noqa: S608 - our own
        ids = {"order": payment.order_id} | ({"id": payment.id} if ":id" in column else {})
        await connection.execute(text(statement), ids)
        assert await broken(connection) == {"INV-22"}


async def test_money_on_an_invoice_that_we_do_not_know_is_found(
    payments: Payments, buyer: Buyer
) -> None:
    payment = await buyer.opens()
    await payments.xendit.pay(payment, notify=True)
    await buyer.sees_at_last(payment, payment_pb2.Payment.STATE_CAPTURED)
    await payments.at_rest(payment)

    async with superuser(payments) as connection:
        stray = "UPDATE webhook_events SET invoice_id = 'other' WHERE payment_id = :id"
        await connection.execute(text(stray), {"id": payment.id})
        assert await broken(connection) == {"INV-22"}


async def test_buyers_are_not_told(payments: Payments) -> None:
    with refused("ROLE_REQUIRED"):
        await (await payments.auditor("buyer")).GetLedgerHealth(pb.GetLedgerHealthRequest())
