"""Xendit's own Python SDK reads the sandbox's answers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest, InvoiceStatus

from tests.sandbox.support import KEY, a_reference, control


@pytest.fixture
def sdk(sandbox: str) -> Iterator[Any]:
    configuration = xendit.Configuration(host=sandbox, api_key=KEY)
    with xendit.ApiClient(configuration) as client:
        yield InvoiceApi(client)


async def create(sdk: Any, **changes: object) -> Any:  # noqa: ANN401 - the SDK has no types
    request = CreateInvoiceRequest(
        **({"external_id": a_reference(), "amount": 275000.0, "currency": "IDR"} | changes)
    )
    return await asyncio.to_thread(sdk.create_invoice, request)


async def test_the_sdk_creates_and_gets_an_invoice(sdk: Any) -> None:  # noqa: ANN401
    made = await create(sdk, invoice_duration=7200.0)

    found = await asyncio.to_thread(sdk.get_invoice_by_id, made.id)

    assert (found.id, str(found.status), found.amount) == (made.id, "PENDING", 275000)
    assert (found.expiry_date - found.created).total_seconds() == 7200


async def test_the_sdk_reads_a_paid_invoice(
    sdk: Any,  # noqa: ANN401
    xendit: httpx.AsyncClient,
) -> None:
    made = await create(sdk, payment_methods=["BCA"])
    await control(xendit, {"id": made.id}, "pay")

    paid = await asyncio.to_thread(sdk.get_invoice_by_id, made.id)

    assert (str(paid.status), str(paid.payment_method)) == ("PAID", "BANK_TRANSFER")


async def test_the_sdk_lists_invoices(sdk: Any) -> None:  # noqa: ANN401
    made = await create(sdk)

    found = await asyncio.to_thread(
        sdk.get_invoices,
        external_id=made.external_id,
        statuses=[InvoiceStatus("PENDING"), InvoiceStatus("PAID")],
        limit=5.0,
    )

    assert [invoice.id for invoice in found] == [made.id]


async def test_the_sdk_ends_an_invoice(sdk: Any) -> None:  # noqa: ANN401
    made = await create(sdk)

    ended = await asyncio.to_thread(sdk.expire_invoice, made.id)

    assert str(ended.status) == "EXPIRED"


async def test_the_sdk_reads_a_refusal(sdk: Any) -> None:  # noqa: ANN401
    with pytest.raises(xendit.XenditSdkException) as refusal:
        await create(sdk, amount=100000.5)

    assert (refusal.value.status, refusal.value.errorCode) == ("400", "API_VALIDATION_ERROR")
