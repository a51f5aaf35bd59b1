"""A real service on a real port whose RPCs do what a test tells them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import grpc
from sqlalchemy import text

from gotong.address.v1 import address_pb2
from gotong.address.v1.address_pb2_grpc import (
    AddressInternalServiceServicer,
    AddressInternalServiceStub,
    add_AddressInternalServiceServicer_to_server,
)
from gotong.payment.v1 import payment_pb2
from gotong.payment.v1.payment_pb2_grpc import (
    PaymentInternalServiceServicer,
    PaymentInternalServiceStub,
    add_PaymentInternalServiceServicer_to_server,
)
from services.kit.app import App, starting
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.rpc import Call, command, query
from tests.support import Realm, an_id

NAME = "address"
Act = Callable[[Call], Awaitable[None]]


async def nothing(_: Call) -> None:
    """An RPC without rules and rows."""


@dataclass
class Commands(PaymentInternalServiceServicer):
    """One command: by its order_id it finds what to do."""

    db: Database
    clock: Clock
    acts: dict[str, Act]

    @command
    async def ClosePayable(
        self, request: payment_pb2.ClosePayableRequest, call: Call
    ) -> payment_pb2.ClosePayableResponse:
        await self.acts[request.order_id](call)
        return payment_pb2.ClosePayableResponse()


@dataclass
class Queries(AddressInternalServiceServicer):
    """One query: by its address_id it finds what to do."""

    db: Database
    clock: Clock
    acts: dict[str, Act]

    @query
    async def GetAddressSnapshot(
        self, request: address_pb2.GetAddressSnapshotRequest, call: Call
    ) -> address_pb2.AddressSnapshot:
        await self.acts[request.address_id](call)
        return address_pb2.AddressSnapshot(address_id=request.address_id)


@dataclass
class Tiny:
    """The service, and a neighbour's channel to it."""

    app: App
    url: str
    channel: grpc.aio.Channel
    acts: dict[str, Act] = field(default_factory=dict)

    async def command(
        self, act: Act, *, request_id: str = "", seconds: float | None = None
    ) -> payment_pb2.ClosePayableResponse:
        """The same request_id is the same request."""
        request_id = request_id or an_id()
        self.acts[request_id] = act
        request = payment_pb2.ClosePayableRequest(order_id=request_id, request_id=request_id)
        return await PaymentInternalServiceStub(self.channel).ClosePayable(request, timeout=seconds)

    async def query(self, act: Act, *, seconds: float | None = None) -> address_pb2.AddressSnapshot:
        id = an_id()
        self.acts[id] = act
        request = address_pb2.GetAddressSnapshotRequest(address_id=id, user_id=id)
        return await AddressInternalServiceStub(self.channel).GetAddressSnapshot(
            request, timeout=seconds
        )

    async def count(self, name: str) -> int:
        statement = text("SELECT value FROM counters WHERE name = :name")
        return int((await self.app.db.execute(statement, {"name": name})).scalar() or 0)


async def add_one(call: Call, name: str) -> None:
    """An effect that shows if it happens twice."""
    await call.tx.execute(
        text("""
        INSERT INTO counters AS c VALUES (:name, 1)
        ON CONFLICT (name) DO UPDATE SET value = c.value + 1"""),
        {"name": name},
    )


@asynccontextmanager
async def serving(realm: Realm, url: str, clock: Clock) -> AsyncIterator[Tiny]:
    settings = replace(realm.settings(NAME), database_url=url)
    async with starting(NAME, settings, clock) as app:
        acts: dict[str, Act] = {}
        await app.serve(
            (add_PaymentInternalServiceServicer_to_server, Commands(app.db, clock, acts)),
            (add_AddressInternalServiceServicer_to_server, Queries(app.db, clock, acts)),
        )
        async with realm.channel(app.port, NAME, own=NAME) as channel:
            yield Tiny(app, url, channel, acts)
