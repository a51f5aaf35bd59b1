"""What a person sees in a browser."""

import httpx

from tests.sandbox.support import Merchant, control, created, read


async def test_a_person_pays_in_the_browser(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit, amount=275_000)

    page = await xendit.get(invoice["invoice_url"])
    paid = await xendit.post(invoice["invoice_url"] + "/pay", follow_redirects=True)

    assert "Toko Contoh" in page.text
    assert "Rp 275.000" in page.text
    assert "<button>Pay" in page.text
    assert "<button>" not in paid.text
    assert (await read(xendit, invoice))["status"] == "PAID"
    assert len(await merchant.heard(invoice["external_id"])) == 1


async def test_an_expired_invoice_has_no_button(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "expire")

    page = await xendit.post(invoice["invoice_url"] + "/pay", follow_redirects=True)

    assert "EXPIRED" in page.text
    assert "<button>" not in page.text


async def test_what_the_merchant_wrote_is_only_text(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit, description="<script>")

    page = await xendit.get(invoice["invoice_url"])

    assert "<script>" not in page.text


async def test_the_first_page_shows_what_the_sandbox_knows(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "pay")
    await merchant.heard(invoice["external_id"])

    page = await xendit.get("/")

    assert invoice["id"] in page.text
    assert f"PAID {invoice['external_id']}" in page.text


async def test_the_sandbox_lists_all_invoices(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    listed = (await xendit.get("/__sandbox__/xendit/invoices")).json()["invoices"]

    assert invoice in listed


async def test_it_says_that_it_is_well(xendit: httpx.AsyncClient) -> None:
    assert (await xendit.get("/healthz")).text == "ok"
