"""`gotong demo`: a direct order from the first look to the money in the ledger, over REST."""

import asyncio
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4  # noqa: TID251 (a client makes its own ids)

import httpx

from deploy.local import tokens
from deploy.local.catalogue import STAFF
from deploy.local.rest import RequestFailed, Rest, rupiah
from deploy.local.run import RUNNING

_WAIT_SECONDS = 30


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--quantity", type=int, default=2)


def run(given: Namespace) -> None:
    try:
        running = json.loads((given.state / RUNNING).read_text())
    except FileNotFoundError:
        sys.exit("nothing is running here: start it with make run, in another terminal")
    try:
        asyncio.run(_demo(given.state, running, given.quantity))
    except (RequestFailed, httpx.HTTPError) as error:
        sys.exit(f"the demo failed: {error}")


async def _demo(state: Path, running: Mapping[str, str], quantity: int) -> None:
    buyer = _id()
    async with (
        httpx.AsyncClient(base_url=running["gateway"], timeout=30) as gateway,
        httpx.AsyncClient(base_url=running["sandbox"], timeout=30) as sandbox,
    ):
        rest = Rest(gateway, _token(state, buyer, "buyer"))
        staff = Rest(gateway, _token(state, STAFF, "admin"))
        order = await place(rest, quantity)
        payment = await _pay(rest, sandbox, order)
        await _paid(rest, order["id"])
        await _explain(rest, staff, order, payment)


async def place(rest: Rest, quantity: int) -> Any:  # noqa: ANN401 - JSON
    """Find a product, give an address, quote the shipping, order with the cheapest courier."""
    [product, *_] = (await rest.get("/v1/products", query="kopi"))["products"]
    variant = product["variants"][0]
    _say("found", f"{product['name']} {variant['name']} at {_rp(variant['unitPrice'])}")
    address = await rest.post("/v1/addresses", _address(), requestId=_id())
    _say("address", address["areaName"])
    quote = await rest.post(
        "/v1/shippingQuotes",
        {
            "addressId": address["id"],
            "items": [{"variantId": variant["id"], "quantity": quantity}],
            "requestId": _id(),
        },
    )
    for option in quote["options"]:
        name = f"{option['courierName']} {option['serviceName']}"
        _say("shipping", f"{name}: {_rp(option['price'])}, {option['duration'] or 'some days'}")
    order = await rest.post(
        "/v1/orders",
        {
            "shippingQuoteId": quote["id"],
            "shippingOptionId": quote["options"][0]["id"],
            "requestId": _id(),
        },
    )
    sums = f"{_rp(order['subtotal'])} + shipping {_rp(order['shippingAmount'])}"
    _say("order", f"{sums} = {_rp(order['total'])}, {order['state']}")
    return order


async def _pay(rest: Rest, sandbox: httpx.AsyncClient, order: Any) -> Any:  # noqa: ANN401 - JSON
    """At the provider, as the buyer would on the invoice's page; it tells us by webhook."""
    amount = int(order["total"]["units"])
    payment = await rest.post(
        "/v1/payments", {"orderId": order["id"], "amount": rupiah(amount), "requestId": _id()}
    )
    _say("invoice", f"{payment['state']} {payment['invoiceUrl']}")
    answer = await sandbox.post(
        f"/__sandbox__/xendit/invoices/{payment['providerInvoiceId']}/pay", json={}
    )
    answer.raise_for_status()
    _say("paid", f"{_rp(order['total'])} at the provider")
    return payment


async def _paid(rest: Rest, order_id: str) -> None:
    started = time.monotonic()
    while (order := await rest.get(f"/v1/orders/{order_id}"))["state"] != "STATE_PAID":
        if time.monotonic() - started > _WAIT_SECONDS:
            sys.exit(f"the order is still {order['state']} after {_WAIT_SECONDS} s")
        await asyncio.sleep(0.05)
    _say("webhook", f"order {order['state']} after {(time.monotonic() - started) * 1000:.0f} ms")


async def _explain(rest: Rest, staff: Rest, order: Any, payment: Any) -> None:  # noqa: ANN401 - JSON
    """Whoever asks sees the same: the order's history, the stock, the ledger."""
    for event in (await rest.get(f"/v1/orders/{order['id']}/events"))["events"]:
        _say("history", f"{event['toState']} by {event['actor']}")
    reservations = await staff.get("/v1/reservations", ownerId=order["id"])
    _say("stock", reservations["reservations"][0]["state"])
    found = await staff.get("/v1/ledger/transactions", paymentId=payment["id"])
    for transaction in found["transactions"]:
        for entry in transaction["entries"]:
            units = int(entry["amount"].get("units", "0"))
            side = "debit " if units > 0 else "credit"
            _say(
                "ledger",
                f"{transaction['recipe']} {side} {_rupiah(abs(units)):>14} {entry['account']}",
            )
    balance = await staff.get("/v1/ledger/trialBalance")
    debit, credit = (int(balance[side].get("units", "0")) for side in ("totalDebit", "totalCredit"))
    _say(
        "balance", f"debit {_rupiah(debit)} - credit {_rupiah(credit)} = {_rupiah(debit - credit)}"
    )
    health = await staff.get("/v1/ledger/health")
    _say("health", f"{len(health['violations'])} contradictions")
    if debit != credit or health["violations"]:
        sys.exit("the ledger does not agree with itself")


def _address() -> dict[str, str]:
    return {
        "label": "Rumah",
        "recipientName": "Sari",
        "phoneNumber": "0812-3456-7890",
        "street": "Jalan Melawai 5",
        "villageCode": "31.74.07.1001",
        "postalCode": "12160",
    }


def _token(state: Path, sub: str, role: str) -> str:
    now = datetime.now(UTC)  # noqa: TID251 (a demo runs in real time)
    return tokens.mint(state / "tokens", sub=sub, roles=[role], now=now)


def _id() -> str:
    return str(uuid4())


def _rp(money: Mapping[str, str]) -> str:
    return _rupiah(int(money.get("units", "0")))


def _rupiah(units: int) -> str:
    return f"Rp {units:,}".replace(",", ".")


def _say(what: str, text: str) -> None:
    print(f"{what:>9}  {text}", flush=True)
