"""A buyer finds a product, quotes the shipping, orders, pays; the stock is theirs."""

import asyncio

import httpx
import pytest

from deploy.local.rest import RequestFailed
from tests.journeys.people import People
from tests.support import eventually


async def test_an_order_that_is_paid_is_explained_by_the_ledger(people: People) -> None:
    buyer, staff = people.buyer(), people.staff()
    order = await buyer.places(await people.variant(stock=5, price=125_000), quantity=2)

    payment = await buyer.opens_payment(order)
    await people.pays(payment)
    await buyer.sees_order(order["id"], "STATE_PAID")

    [posted] = (await staff.get("/v1/ledger/transactions", paymentId=payment["id"]))["transactions"]
    amounts = {
        e["account"].partition(order["id"])[0]: int(e["amount"]["units"]) for e in posted["entries"]
    }
    shipping = int(order["shippingAmount"]["units"])
    assert amounts == {
        "asset:gateway:xendit": 250_000 + shipping,
        "liab:escrow:order:": -250_000,
        "liab:ship:leg2:": -shipping,
    }


async def test_the_invoice_is_for_the_total_of_the_order(people: People) -> None:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5), quantity=3)

    payment = await buyer.opens_payment(order)

    invoices = (await people.sandbox.get("/__sandbox__/xendit/invoices")).json()["invoices"]
    [amount] = [i["amount"] for i in invoices if i["id"] == payment["providerInvoiceId"]]
    assert amount == int(order["total"]["units"])


async def test_the_stock_of_a_paid_order_is_kept(people: People) -> None:
    buyer, staff = people.buyer(), people.staff()
    order = await buyer.places(await people.variant(stock=5))

    await people.pays(await buyer.opens_payment(order))

    async def kept() -> bool:
        found = await staff.get("/v1/reservations", ownerId=order["id"])
        return bool(found["reservations"][0]["state"] == "STATE_CONFIRMED")

    await eventually(kept)


async def test_nobody_else_sees_the_order_or_its_payment(people: People) -> None:
    buyer, other = people.buyer(), people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    payment = await buyer.opens_payment(order)

    for path in (f"/v1/orders/{order['id']}", f"/v1/payments/{payment['id']}"):
        with pytest.raises(RequestFailed) as refusal:
            await other.rest.get(path)
        assert refusal.value.status_code == httpx.codes.NOT_FOUND


async def test_of_200_buyers_for_a_stock_of_50_50_get_it(people: People) -> None:
    variant, staff = await people.variant(stock=50), people.staff()
    buyers = [people.buyer() for _ in range(200)]
    quotes = await asyncio.gather(*(buyer.quotes(variant) for buyer in buyers))

    outcomes = await asyncio.gather(
        *(buyer.orders(quote) for buyer, quote in zip(buyers, quotes, strict=True)),
        return_exceptions=True,
    )

    refusals = [o for o in outcomes if isinstance(o, BaseException)]
    assert len(refusals) == 150
    assert all("OUT_OF_STOCK" in str(refusal) for refusal in refusals), refusals[:3]
    [level] = (await staff.get("/v1/stockLevels", variantId=variant))["stockLevels"]
    assert level["reserved"] == "50"


async def test_a_sold_out_stock_is_reserved_to_the_last_piece(people: People) -> None:
    variant, staff = await people.variant(stock=3), people.staff()
    buyers = [people.buyer() for _ in range(8)]
    quotes = await asyncio.gather(*(buyer.quotes(variant) for buyer in buyers))

    await asyncio.gather(
        *(buyer.orders(quote) for buyer, quote in zip(buyers, quotes, strict=True)),
        return_exceptions=True,
    )

    [level] = (await staff.get("/v1/stockLevels", variantId=variant))["stockLevels"]
    assert [level["quantity"], level["reserved"], level["available"]] == ["3", "3", "0"]


async def test_a_cancelled_order_gives_its_stock_back(people: People) -> None:
    buyer = people.buyer()
    variant = await people.variant(stock=1)
    order = await buyer.places(variant)
    await buyer.opens_payment(order)

    await buyer.rest.post(f"/v1/orders/{order['id']}:cancel", {"requestId": order["id"]})

    async def back() -> bool:
        found = await buyer.rest.get("/v1/availability", variantIds=variant)
        return bool(found["availabilities"][0]["available"] == "1")

    await eventually(back)


async def test_nothing_contradicts_anything_afterwards(people: People) -> None:
    buyer = people.buyer()
    order = await buyer.places(await people.variant(stock=5))
    await people.pays(await buyer.opens_payment(order))
    await buyer.sees_order(order["id"], "STATE_PAID")

    assert await people.contradictions() == []
