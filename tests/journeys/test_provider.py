"""What the provider tells us: twice, late, wrongly, or not at all."""

import httpx

from tests.journeys.people import Buyer, People
from tests.support import an_id, eventually


async def _pending(people: People) -> tuple[Buyer, dict[str, str], dict[str, str]]:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    return buyer, order, await buyer.opens_payment(order)


async def _postings(people: People, payment: dict[str, str]) -> list[dict[str, object]]:
    found = await people.staff().get("/v1/ledger/transactions", paymentId=payment["id"])
    return list(found["transactions"])


async def test_a_webhook_delivered_20_times_at_once_captures_once(people: People) -> None:
    buyer, order, payment = await _pending(people)
    await people.pays(payment, notify=False)

    await people.at_provider(payment, "notify", {"times": 20, "concurrently": True})

    await buyer.sees_order(order["id"], "STATE_PAID")
    assert len(await _postings(people, payment)) == 1


async def test_a_webhook_with_a_wrong_token_is_refused_and_changes_nothing(people: People) -> None:
    buyer, _, payment = await _pending(people)
    body = {"id": payment["providerInvoiceId"], "external_id": payment["id"], "status": "PAID"}

    answer = await people.gateway.post(
        "/webhooks/xendit/invoice", json=body, headers={"x-callback-token": "guessed"}
    )

    assert (answer.status_code, answer.json()["code"]) == (httpx.codes.UNAUTHORIZED, 16)
    assert (await buyer.payment(payment["id"]))["state"] == "STATE_PENDING"


async def test_a_forged_notice_with_the_right_token_is_not_believed(people: People) -> None:
    buyer, _, payment = await _pending(people)
    body = {"id": payment["providerInvoiceId"], "external_id": payment["id"], "status": "PAID"}
    token = people.platform.environment["XENDIT_CALLBACK_TOKEN"]

    answer = await people.gateway.post(
        "/webhooks/xendit/invoice", json=body, headers={"x-callback-token": token}
    )
    synced = await buyer.rest.post(f"/v1/payments/{payment['id']}:sync", {"requestId": an_id()})

    assert (answer.status_code, synced["state"]) == (httpx.codes.OK, "STATE_PENDING")


async def test_one_rupiah_too_little_goes_to_suspense_and_pays_nothing(people: People) -> None:
    buyer, order, payment = await _pending(people)

    await people.pays(payment, amount=int(order["total"]["units"]) - 1)  # type: ignore[index]

    await buyer.sees_payment(payment["id"], "STATE_SUSPENSE")
    assert (await buyer.order(order["id"]))["state"] == "STATE_PENDING_PAYMENT"


async def test_a_payment_after_expiry_is_owed_back_and_pays_nothing(people: People) -> None:
    buyer, order, payment = await _pending(people)
    await people.at_provider(payment, "expire")
    await buyer.sees_payment(payment["id"], "STATE_EXPIRED")

    await people.pays(payment)

    await buyer.sees_payment(payment["id"], "STATE_CAPTURED_LATE")
    late = await buyer.payment(payment["id"])
    assert late["refundDue"] == order["total"]
    assert (await buyer.order(order["id"]))["state"] == "STATE_PENDING_PAYMENT"


async def test_a_payment_for_a_cancelled_order_is_owed_back(people: People) -> None:
    buyer, order, payment = await _pending(people)
    await buyer.rest.post(f"/v1/orders/{order['id']}:cancel", {"requestId": an_id()})

    await people.pays(payment)

    await buyer.sees_payment(payment["id"], "STATE_CAPTURED_LATE")
    assert (await buyer.order(order["id"]))["state"] == "STATE_CANCELLED"


async def test_a_payment_nobody_told_us_of_is_found_by_asking(people: People) -> None:
    buyer, order, payment = await _pending(people)
    await people.pays(payment, notify=False)

    await buyer.rest.post(f"/v1/payments/{payment['id']}:sync", {"requestId": an_id()})

    await buyer.sees_order(order["id"], "STATE_PAID")


async def test_a_lost_answer_makes_one_invoice(people: People) -> None:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    fault = {
        "provider": "xendit",
        "fault": "reset_after_processing",
        "operation": "POST /v2/invoices",
    }
    (await people.sandbox.post("/__sandbox__/faults", json=fault)).raise_for_status()

    payment = await buyer.opens_payment(order)
    await buyer.sees_payment(payment["id"], "STATE_PENDING")

    invoices = (await people.sandbox.get("/__sandbox__/xendit/invoices")).json()["invoices"]
    assert len([i for i in invoices if i["external_id"] == payment["id"]]) == 1


async def test_couriers_that_do_not_answer_are_replaced_by_what_is_known(people: People) -> None:
    buyer = people.buyer()
    variant = await people.variant(stock=5)
    await buyer.quotes(variant)
    fault = {"provider": "biteship", "fault": "status_500", "times": 3}
    (await people.sandbox.post("/__sandbox__/faults", json=fault)).raise_for_status()

    quote = await buyer.quotes(variant)

    assert {option["source"] for option in quote["options"]} == {"SOURCE_CACHED"}


async def test_nothing_contradicts_anything_after_all_this(people: People) -> None:
    async def agree() -> bool:
        return await people.contradictions() == []

    await eventually(agree)
