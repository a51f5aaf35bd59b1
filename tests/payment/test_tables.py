"""What the database refuses, whatever the program does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kit import migrate
from tests.payment.conftest import Buyer, Payments

RECORDS = ["ledger_entries", "ledger_transactions", "payment_history", "webhook_events"]


async def refused(payments: Payments, statement: str, **parameters: object) -> str:
    """Why the service's own role may not do this."""
    with pytest.raises(DBAPIError) as refusal:
        async with payments.app.db.transaction() as tx:
            await tx.execute(text(statement), parameters)
    return str(refusal.value.orig)


@pytest.mark.parametrize("table", RECORDS)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET {} = {}", "DELETE FROM {} -- {} {}", "TRUNCATE {} -- {} {}"],
    ids=["update", "delete", "truncate"],
)
async def test_records_stay_as_they_are(
    payments: Payments, buyer: Buyer, table: str, statement: str
) -> None:
    await buyer.pays(await buyer.opens())
    column = {"ledger_entries": "amount", "payment_history": "version"}.get(table, "id")

    reason = await refused(payments, statement.format(table, column, column))

    assert "append-only" in reason or "permission denied" in reason or "foreign key" in reason


@pytest.mark.parametrize(
    "change",
    [
        "captured_amount = captured_amount - 1",
        "captured_amount = captured_amount + 1",
        "refund_due_amount = 1",
        "amount = amount + 1",
        "state = 'EXPIRED'",
        "state = 'CAPTURED_LATE'",
        "state = 'SUSPENSE'",
        "state = 'PENDING'",
        "capture_time = NULL",
        "provider_invoice_id = NULL",
        "shipping_amount = amount + 1",
        "shipping_amount = -1",
    ],
)
async def test_a_captured_payment_is_whole_or_not_at_all(
    payments: Payments, buyer: Buyer, change: str
) -> None:
    payment = await buyer.pays(await buyer.opens())

    statement = f"UPDATE payments SET {change} WHERE id = :id"  # noqa: S608 - our own
    assert "violates check constraint" in await refused(payments, statement, id=payment.id)


async def test_an_order_is_not_closed_once_it_is_captured(payments: Payments, buyer: Buyer) -> None:
    payment = await buyer.pays(await buyer.opens())

    statement = "UPDATE payables SET closed_time = now() WHERE order_id = :id"
    assert "payables_closed_or_captured" in await refused(payments, statement, id=payment.order_id)


@pytest.mark.parametrize(
    ("state", "index"), [("PENDING", "payments_one_live"), ("CAPTURED", "payments_one_captured")]
)
async def test_an_order_has_one_payment_that_waits_and_one_that_pays(
    payments: Payments, buyer: Buyer, state: str, index: str
) -> None:
    due = buyer.places()
    first = await buyer.opens(due)
    if state == "CAPTURED":
        await buyer.pays(first)

    copy = """
        INSERT INTO payments (id, order_id, buyer_id, state, amount, shipping_amount,
            captured_amount, refund_due_amount, external_id, provider_invoice_id, invoice_url,
            create_time, update_time, expire_time, capture_time, version)
        SELECT gen_random_uuid(), order_id, buyer_id, state, amount, shipping_amount,
            captured_amount, refund_due_amount, external_id || 'x', provider_invoice_id || 'x',
            invoice_url, create_time, update_time, expire_time, capture_time, version
        FROM payments WHERE id = :id
    """
    assert index in await refused(payments, copy, id=first.id)


async def test_the_migrations_make_the_tables(payments: Payments) -> None:
    await migrate.check("payment", payments.realm.urls["payment"])
