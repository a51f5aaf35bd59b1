"""Whatever a caller sends: a clear 4xx with a Status, never a 5xx, nobody else's data."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local import tokens
from deploy.local.platform import Platform
from tests.journeys.people import ADDRESS, People
from tests.support import an_id

QUOTE = {"addressId": an_id(), "items": [{"variantId": an_id(), "quantity": 1}]}
MONEY = {"currencyCode": "IDR", "units": "1"}


def _refused(answer: httpx.Response, status: int) -> None:
    """With this HTTP status and a body that says why."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["message"], body
    assert {"code", "message", "details"} <= body.keys()


async def _sends(
    people: People, method: str, path: str, *, content: bytes, role: str = "buyer"
) -> httpx.Response:
    token = people.platform.token(role, sub=an_id())
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return await people.gateway.request(method, path, content=content, headers=headers)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b'"text"',
        b"{'addressId': 1}",
        b'{"addressId": {"a": 1}}',
        b'{"items": {"variantId": 5}}',
        b'{"items": [{"quantity": "many"}]}',
        b'{"items": [{"quantity": 1e40}]}',
        b'{"items": [{"quantity": 1.5}]}',
        b"[" * 2000 + b"]" * 2000,
    ],
)
async def test_malformed_json_is_refused(people: People, content: bytes) -> None:
    _refused(await _sends(people, "POST", "/v1/shippingQuotes", content=content), 400)


@pytest.mark.parametrize("quantity", [-1, 0, 10_001, 2**31 - 1, -(2**31)])
async def test_senseless_quantities_are_refused(people: People, quantity: int) -> None:
    body = QUOTE | {"requestId": an_id()}
    body = body | {"items": [{"variantId": an_id(), "quantity": quantity}]}

    answer = await _sends(people, "POST", "/v1/shippingQuotes", content=json.dumps(body).encode())

    _refused(answer, 400)
    assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "items.quantity"


@pytest.mark.parametrize(
    "amount",
    [
        MONEY | {"units": "-1"},
        MONEY | {"units": "0"},
        MONEY | {"units": "9223372036854775807"},
        MONEY | {"units": "9223372036854775808"},
        MONEY | {"nanos": 500_000_000},
        MONEY | {"currencyCode": "USD"},
        MONEY | {"units": "1.5"},
        {},
        None,
        "10000",
        10_000,
    ],
)
async def test_senseless_amounts_are_refused(people: People, amount: object) -> None:
    body = {"orderId": an_id(), "amount": amount, "requestId": an_id()}

    answer = await _sends(people, "POST", "/v1/payments", content=json.dumps(body).encode())

    _refused(answer, 400)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products?unknown=1",
        "/v1/products?pageSize=-1",
        "/v1/products?pageSize=101",
        "/v1/products?pageSize=many",
        "/v1/products?pageToken=forged",
        "/v1/products?states=NO_SUCH_STATE",
        "/v1/products?categoryId=5",
        "/v1/products/not-a-uuid",
        "/v1/availability",
        "/v1/postalCodes/00000",
        "/v1/areas?parentCode=%00",
    ],
)
async def test_senseless_questions_are_refused(people: People, path: str) -> None:
    _refused(await people.gateway.get(path), 400)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v2/products", "/v1/orders/x/y/z"])
async def test_what_is_nowhere_is_not_found(people: People, path: str) -> None:
    token = people.platform.token("buyer", sub=an_id())
    answer = await people.gateway.get(path, headers={"authorization": f"Bearer {token}"})

    _refused(answer, 404)


async def test_a_body_of_two_megabytes_is_refused(people: People) -> None:
    content = json.dumps(ADDRESS | {"notes": "x" * 2**21}).encode()

    _refused(await _sends(people, "POST", "/v1/addresses", content=content), 413)


async def test_a_token_that_expired_is_refused(people: People, running: Platform) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    token = tokens.mint(running.plan.state / "tokens", sub=an_id(), roles=["buyer"], now=long_ago)

    _refused(await _with(people, token), 401)


async def test_a_token_of_another_issuer_is_refused(people: People, tmp_path: Path) -> None:
    token = tokens.mint(tmp_path, sub=an_id(), roles=["buyer"], now=datetime.now(UTC))

    _refused(await _with(people, token), 401)


async def test_a_token_that_was_changed_is_refused(people: People, running: Platform) -> None:
    head, _, signature = running.token("buyer", sub=an_id()).split(".")
    claims = running.token("admin", sub=an_id()).split(".")[1]

    _refused(await _with(people, f"{head}.{claims}.{signature}"), 401)


async def test_without_a_token_nothing_private_is_told(people: People) -> None:
    _refused(await people.gateway.get("/v1/orders"), 401)


async def test_a_buyer_is_no_staff(people: People, running: Platform) -> None:
    token = running.token("buyer", sub=an_id())
    headers = {"authorization": f"Bearer {token}"}

    _refused(await people.gateway.get("/v1/ledger/trialBalance", headers=headers), 403)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/orders/{order}", None),
        ("GET", "/v1/orders/{order}/events", None),
        ("GET", "/v1/orders/{mine}?orderId={order}", None),
        ("GET", "/v1/payments/{payment}", None),
        ("POST", "/v1/orders/{order}:cancel", {}),
        ("POST", "/v1/payments/{payment}:cancel", {}),
        ("POST", "/v1/payments/{payment}:sync", {}),
        ("POST", "/v1/payments", {"orderId": "{order}", "amount": MONEY}),
        ("POST", "/v1/orders", {"shippingQuoteId": "{quote}", "shippingOptionId": "jne:reg"}),
        ("GET", "/v1/shippingQuotes/{quote}", None),
    ],
)
async def test_what_belongs_to_somebody_else_is_not_found(
    people: People,
    somebody_elses: Mapping[str, str],
    method: str,
    path: str,
    body: dict[str, object] | None,
) -> None:
    stranger = people.platform.token("buyer", sub=somebody_elses["stranger"])
    content = None if body is None else json.dumps(body | {"requestId": an_id()})
    for name, id in somebody_elses.items():
        path = path.replace(f"{{{name}}}", id)
        content = content and content.replace(f"{{{name}}}", id)

    answer = await people.gateway.request(
        method,
        path,
        content=content,
        headers={"authorization": f"Bearer {stranger}", "content-type": "application/json"},
    )

    _refused(answer, 404)
    assert somebody_elses["buyer"] not in answer.text


@pytest.fixture(scope="session")
async def somebody_elses(people: People) -> dict[str, str]:
    """An order with its payment and quote, and a stranger with an order of their own."""
    variant = await people.variant(stock=5)
    owner, stranger = people.buyer(), people.buyer()
    quote = await owner.quotes(variant)
    order = await owner.orders(quote)
    payment = await owner.opens_payment(order)
    mine = await stranger.places(variant)
    return {
        "order": order["id"],
        "buyer": order["buyerId"],
        "payment": payment["id"],
        "quote": quote["id"],
        "mine": mine["id"],
        "stranger": mine["buyerId"],
    }


async def _with(people: People, token: str) -> httpx.Response:
    return await people.gateway.get("/v1/orders", headers={"authorization": f"Bearer {token}"})
