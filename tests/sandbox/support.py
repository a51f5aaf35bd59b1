"""Words for the tests of the sandbox."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.server import listen, running

Json: TypeAlias = dict[str, Any]

KEY = "xnd_development_tests"
TOKEN = "callback-token-of-tests"
BITESHIP_KEY = "biteship_test.tests"
DEADLINE = 10


class ShiftedClock:
    """The real time, and as much later as a test asks for."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def advance(self, *, seconds: int) -> None:
        self._shift += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Received:
    body: Json
    token: str
    webhook_id: str


@dataclass
class Merchant:
    """Whoever the webhooks go to; refuses as often as it is told to."""

    url: str
    refusals: Counter[str] = field(default_factory=Counter)
    received: defaultdict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self, request: Request) -> Response:
        body = await request.json()
        reference = body["external_id"]
        headers = request.headers
        async with self.news:
            self.received[reference].append(
                Received(body, headers["x-callback-token"], headers["webhook-id"])
            )
            self.news.notify_all()
        if self.refusals[reference]:
            self.refusals[reference] -= 1
            return Response(status_code=503)
        return Response(status_code=200)

    async def heard(self, reference: str, times: int = 1) -> list[Received]:
        """Wait until as many webhooks about this reference have come."""
        async with asyncio.timeout(DEADLINE), self.news:
            await self.news.wait_for(lambda: len(self.received[reference]) >= times)
            return self.received[reference]


@asynccontextmanager
async def merchant_running() -> AsyncIterator[Merchant]:
    listener, base_url = listen()
    merchant = Merchant(base_url + "/webhooks/xendit")
    route = Route("/webhooks/xendit", merchant.hear, methods=["POST"])
    async with running(Starlette(routes=[route]), listener):
        yield merchant


async def eventually(ask: Callable[[], Awaitable[Json | None]]) -> Json:
    """Ask until there is an answer."""
    async with asyncio.timeout(DEADLINE):
        while (found := await ask()) is None:
            pass
    return found


async def finished(client: httpx.AsyncClient, reference: str, nth: int = 0) -> Json:
    """The nth delivery about a reference, once it is no longer under way."""

    async def ask() -> Json | None:
        deliveries = (await client.get("/__sandbox__/deliveries")).json()["deliveries"]
        about = [d for d in deliveries if d["body"]["external_id"] == reference]
        return about[nth] if len(about) > nth and about[nth]["state"] != "pending" else None

    return await eventually(ask)


def a_reference() -> str:
    return f"ord-{uuid4()}"


def an_invoice(**changes: object) -> Json:
    return {"external_id": a_reference(), "amount": 275_000, "currency": "IDR"} | changes


async def created(xendit: httpx.AsyncClient, **changes: object) -> Json:
    answer = await xendit.post("/v2/invoices", json=an_invoice(**changes))
    assert answer.status_code == 200, answer.text
    invoice: Json = answer.json()
    return invoice


async def read(xendit: httpx.AsyncClient, invoice: Json) -> Json:
    answer = await xendit.get(f"/v2/invoices/{invoice['id']}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def control(
    xendit: httpx.AsyncClient, invoice: Json, verb: str, **body: object
) -> httpx.Response:
    return await xendit.post(f"/__sandbox__/xendit/invoices/{invoice['id']}/{verb}", json=body)


async def fault(client: httpx.AsyncClient, name: str, **details: object) -> None:
    body = {"provider": "xendit", "fault": name} | details
    answer = await client.post("/__sandbox__/faults", json=body)
    assert answer.status_code == 204, answer.text
