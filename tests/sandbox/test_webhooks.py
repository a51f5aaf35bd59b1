"""What the merchant hears of an invoice, and how often."""

from uuid import UUID

import httpx

from tests.sandbox.support import (
    TOKEN,
    Merchant,
    ShiftedClock,
    control,
    created,
    fault,
    finished,
    read,
)


async def test_a_payment_is_told_with_the_token(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit, description="Pesanan")
    await control(xendit, invoice, "pay", amount=270_000)

    (news,) = await merchant.heard(invoice["external_id"])

    assert news.token == TOKEN
    assert UUID(news.webhook_id).version == 4
    assert (news.body["id"], news.body["status"]) == (invoice["id"], "PAID")
    assert (news.body["amount"], news.body["paid_amount"]) == (275_000, 270_000)
    assert news.body["payment_id"].startswith("py-")


async def test_the_end_of_an_invoice_is_told(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "expire")

    (news,) = await merchant.heard(invoice["external_id"])

    assert news.body["status"] == "EXPIRED"
    assert "paid_at" not in news.body


async def test_an_expiry_noticed_by_reading_is_told_once(
    xendit: httpx.AsyncClient, merchant: Merchant, clock: ShiftedClock
) -> None:
    invoice = await created(xendit, invoice_duration=60)
    clock.advance(seconds=61)

    await read(xendit, invoice)
    await read(xendit, invoice)

    await finished(xendit, invoice["external_id"])
    assert len(await merchant.heard(invoice["external_id"])) == 1


async def test_a_refused_webhook_is_sent_again_with_the_same_id(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit)
    merchant.refusals[invoice["external_id"]] = 2

    await control(xendit, invoice, "pay")

    delivery = await finished(xendit, invoice["external_id"])
    assert delivery["state"] == "delivered"
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["503", "503", "200"]
    news = await merchant.heard(invoice["external_id"], times=3)
    assert {one.webhook_id for one in news} == {delivery["webhook_id"]}


async def test_after_six_retries_it_is_given_up(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit)
    merchant.refusals[invoice["external_id"]] = 100

    await control(xendit, invoice, "pay")

    delivery = await finished(xendit, invoice["external_id"])
    assert delivery["state"] == "given_up"
    assert len(delivery["attempts"]) == 7


async def test_a_payment_can_be_kept_quiet_and_told_later(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "pay", notify=False)

    await control(xendit, invoice, "notify", times=3, concurrently=True)

    news = await merchant.heard(invoice["external_id"], times=3)
    assert len({one.webhook_id for one in news}) == 1


async def test_a_webhook_can_carry_another_token(
    xendit: httpx.AsyncClient, merchant: Merchant
) -> None:
    invoice = await created(xendit)
    await control(xendit, invoice, "pay", notify=False)

    await control(xendit, invoice, "notify", token="forged")

    (news,) = await merchant.heard(invoice["external_id"])
    assert news.token == "forged"


async def test_of_a_pending_invoice_there_is_nothing_to_tell(xendit: httpx.AsyncClient) -> None:
    invoice = await created(xendit)

    answer = await control(xendit, invoice, "notify")

    assert answer.status_code == 409


async def test_webhooks_follow_the_address(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    elsewhere = {"provider": "xendit", "url": "http://127.0.0.1:9/nobody"}

    await xendit.post("/__sandbox__/webhooks", json=elsewhere)
    await control(xendit, invoice, "pay")
    lost = await finished(xendit, invoice["external_id"])
    await xendit.post("/__sandbox__/webhooks", json=elsewhere | {"url": merchant.url})
    await control(xendit, invoice, "notify")

    assert lost["attempts"][0]["outcome"] == "ConnectError"
    assert len(await merchant.heard(invoice["external_id"])) == 1


async def test_an_address_must_be_absolute(xendit: httpx.AsyncClient) -> None:
    answer = await xendit.post(
        "/__sandbox__/webhooks", json={"provider": "xendit", "url": "/webhooks"}
    )

    assert answer.status_code == 400


async def test_a_webhook_can_be_doubled(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    await fault(xendit, "webhook_duplicate")

    await control(xendit, invoice, "pay")

    first, second = await merchant.heard(invoice["external_id"], times=2)
    assert first.webhook_id == second.webhook_id


async def test_a_webhook_can_be_forged(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    await fault(xendit, "webhook_wrong_token")

    await control(xendit, invoice, "pay")

    (news,) = await merchant.heard(invoice["external_id"])
    assert news.token != TOKEN


async def test_a_webhook_can_be_lost(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    await fault(xendit, "webhook_drop")

    await control(xendit, invoice, "pay")

    delivery = await finished(xendit, invoice["external_id"])
    assert (delivery["state"], delivery["attempts"]) == ("dropped", [])
    assert merchant.received[invoice["external_id"]] == []


async def test_webhooks_can_change_places(xendit: httpx.AsyncClient, merchant: Merchant) -> None:
    invoice = await created(xendit)
    await fault(xendit, "webhook_out_of_order")

    await control(xendit, invoice, "expire")
    await control(xendit, invoice, "pay")

    news = await merchant.heard(invoice["external_id"], times=2)
    assert [one.body["status"] for one in news] == ["PAID", "EXPIRED"]
