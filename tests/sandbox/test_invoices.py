"""The life of an invoice at Xendit, as a merchant sees it."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from deploy.sandbox import Settings, serving
from tests.sandbox.support import (
    BITESHIP_KEY,
    KEY,
    TOKEN,
    ShiftedClock,
    a_reference,
    an_invoice,
    control,
    created,
    read,
)


async def test_a_new_invoice_is_pending(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit, amount=275_000, invoice_duration=7200)

    assert invoice["status"] == "PENDING"
    assert (invoice["amount"], invoice["currency"]) == (275_000, "IDR")
    assert len(invoice["id"]) == 24
    assert "paid_at" not in invoice


@pytest.mark.parametrize("path", ["/v2/invoices", "/v2/invoices/"])
async def test_a_slash_at_the_end_makes_no_difference(xendit: httpx.AsyncClient, path: str) -> None:
    answer = await xendit.post(path, json=an_invoice())

    assert answer.status_code == 200


async def test_every_answer_names_the_request_and_the_rate_limit(
    xendit: httpx.AsyncClient,
) -> None:
    answer = await xendit.get("/v2/invoices/unknown")

    assert answer.headers["request-id"]
    assert int(answer.headers["rate-limit-remaining"]) < int(answer.headers["rate-limit-limit"])
    assert float(answer.headers["rate-limit-reset"]) <= 60


async def test_amounts_stay_whole_rupiah(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit, amount=100000.0)

    assert isinstance(invoice["amount"], int)


async def test_one_reference_may_have_two_invoices(xendit: httpx.AsyncClient) -> None:
    first = await created(xendit)
    second = await created(xendit, external_id=first["external_id"])

    found = await xendit.get("/v2/invoices", params={"external_id": first["external_id"]})

    assert [invoice["id"] for invoice in found.json()] == [second["id"], first["id"]]


async def test_invoices_are_listed_by_status_and_limit(xendit: httpx.AsyncClient) -> None:
    reference = a_reference()
    paid, _, _ = [await created(xendit, external_id=reference) for _ in range(3)]
    await control(xendit, paid, "pay")

    asked = {"external_id": reference}
    by_status = await xendit.get("/v2/invoices", params=asked | {"statuses[]": "PAID"})
    limited = await xendit.get("/v2/invoices", params=asked | {"limit": "2"})

    assert [invoice["id"] for invoice in by_status.json()] == [paid["id"]]
    assert len(limited.json()) == 2


async def test_invoices_are_listed_by_time_and_page(xendit: httpx.AsyncClient) -> None:
    reference = a_reference()
    oldest, middle, newest = [await created(xendit, external_id=reference) for _ in range(3)]

    asked = {"external_id": reference}
    after = await xendit.get("/v2/invoices", params=asked | {"last_invoice": newest["id"]})
    unpaid = await xendit.get("/v2/invoices", params=asked | {"paid_after": oldest["created"]})

    assert [invoice["id"] for invoice in after.json()] == [middle["id"], oldest["id"]]
    assert unpaid.json() == []


async def test_a_payment_is_on_the_invoice(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit, payment_methods=["QRIS", "BCA"])

    await control(xendit, invoice, "pay")

    paid = await read(xendit, invoice)
    assert (paid["status"], paid["paid_amount"]) == ("PAID", invoice["amount"])
    assert (paid["payment_method"], paid["payment_channel"]) == ("QR_CODE", "QRIS")
    assert invoice["created"] <= paid["paid_at"] <= paid["expiry_date"]


async def test_of_racing_payments_one_counts(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    answers = await asyncio.gather(*(control(xendit, invoice, "pay") for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_a_payment_may_be_of_the_wrong_amount(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit, amount=275_000)

    await control(xendit, invoice, "pay", amount=1_000, payment_channel="ALFAMART")

    paid = await read(xendit, invoice)
    assert (paid["amount"], paid["paid_amount"]) == (275_000, 1_000)
    assert paid["payment_method"] == "RETAIL_OUTLET"


async def test_a_paid_invoice_is_settled(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    too_early = await control(xendit, invoice, "settle")
    await control(xendit, invoice, "pay")
    settled = await control(xendit, invoice, "settle")

    assert too_early.status_code == 409
    assert settled.json()["status"] == "SETTLED"


async def test_an_invoice_expires_after_its_duration(
    xendit: httpx.AsyncClient, clock: ShiftedClock
) -> None:
    invoice = await created(xendit, invoice_duration=7200)

    clock.advance(seconds=7000)
    before = await read(xendit, invoice)
    clock.advance(seconds=201)
    after = await read(xendit, invoice)

    assert (before["status"], after["status"]) == ("PENDING", "EXPIRED")


async def test_the_merchant_ends_an_invoice_once(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    first, again = [await xendit.post(f"/invoices/{invoice['id']}/expire!") for _ in range(2)]

    assert first.json()["status"] == "EXPIRED"
    assert again.json() == first.json()


async def test_a_paid_invoice_cannot_be_ended(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "pay")

    answer = await xendit.post(f"/invoices/{invoice['id']}/expire!")

    assert answer.status_code == 400
    assert (await read(xendit, invoice))["status"] == "PAID"


async def test_money_may_come_after_the_expiry(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "expire")

    await control(xendit, invoice, "pay")

    late = await read(xendit, invoice)
    assert (late["status"], late["paid_amount"]) == ("PAID", invoice["amount"])


async def test_late_money_is_late_even_in_the_same_millisecond() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    settings = Settings(KEY, TOKEN, BITESHIP_KEY)
    async with (
        serving(settings, lambda: noon) as base_url,
        httpx.AsyncClient(base_url=base_url, auth=(KEY, ""), trust_env=False) as frozen,
    ):
        invoice = await created(frozen)
        expired = (await control(frozen, invoice, "expire")).json()
        late = (await control(frozen, invoice, "pay")).json()

    assert late["paid_at"] > expired["expiry_date"] == late["expiry_date"]


@pytest.mark.parametrize("auth", [None, ("xnd_development_other", ""), (KEY, "password")])
async def test_only_the_key_opens_the_api(sandbox: str, auth: tuple[str, str] | None) -> None:
    async with httpx.AsyncClient(base_url=sandbox, auth=auth, trust_env=False) as stranger:
        answer = await stranger.post("/v2/invoices", json=an_invoice())

    assert answer.status_code == 401
    assert answer.json()["error_code"] == "INVALID_API_KEY"


async def test_an_unknown_invoice_is_not_found(xendit: httpx.AsyncClient) -> None:
    found = await xendit.get("/v2/invoices/6741f2a9c1d2e3f4a5b6c7d8")
    ended = await xendit.post("/invoices/6741f2a9c1d2e3f4a5b6c7d8/expire!")

    assert (found.status_code, ended.status_code) == (404, 404)
    assert found.json()["error_code"] == "INVOICE_NOT_FOUND_ERROR"


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"external_id": 7}, ["external_id"], "string.base"),
        ({"amount": "275000"}, ["amount"], "number.base"),
        ({"amount": 100000.5}, ["amount"], "number.integer"),
        ({"amount": 0}, ["amount"], "number.positive"),
        ({"items": [{"name": "Kopi", "price": 1}]}, ["items", 0, "quantity"], "any.required"),
        ({"payment_methods": [{}]}, ["payment_methods"], "array.includes"),
    ],
)
async def test_a_wrong_field_is_named(
    xendit: httpx.AsyncClient, changes: dict[str, object], field: list[str | int], kind: str
) -> None:
    answer = await xendit.post("/v2/invoices", json=an_invoice(**changes))

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "API_VALIDATION_ERROR"
    (problem,) = answer.json()["errors"]
    assert (problem["field"], problem["location"]) == (field, "body")
    assert problem["types"] == [kind]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": "USD"}, "UNSUPPORTED_CURRENCY"),
        ({"payer_email": "sari"}, "EMAIL_FORMAT_ERROR"),
        ({"payment_methods": ["BARTER"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
    ],
)
async def test_some_refusals_have_a_code_of_their_own(
    xendit: httpx.AsyncClient, changes: dict[str, object], code: str
) -> None:
    answer = await xendit.post("/v2/invoices", json=an_invoice(**changes))

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)


async def test_a_body_that_is_no_json_is_refused(xendit: httpx.AsyncClient) -> None:
    answer = await xendit.post("/v2/invoices", content=b"{")

    assert answer.json()["error_code"] == "API_VALIDATION_ERROR"
