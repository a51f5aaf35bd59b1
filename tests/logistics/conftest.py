from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import grpc
import httpx
import pytest

from deploy import sandbox
from deploy.local import tokens
from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import (
    LogisticsInternalServiceStub,
    LogisticsServiceStub,
)
from services.logistics.__main__ import Settings, running
from tests.logistics.neighbours import World, neighbourhood
from tests.logistics.requests import quote_shipping
from tests.support import Realm, VirtualClock, an_id

BITESHIP_KEY = "biteship_test.logistics"


@dataclass(frozen=True)
class Logistics:
    """The real service on a real port, next door to fakes and the providers' sandbox."""

    realm: Realm
    port: int
    world: World
    clock: VirtualClock
    sandbox: httpx.AsyncClient
    stack: AsyncExitStack

    async def user(self, *, sub: str = "", role: str = "buyer") -> LogisticsServiceStub:
        return LogisticsServiceStub(await self.channel(sub or an_id(), role))

    async def channel(self, sub: str, role: str) -> grpc.aio.Channel:
        """With a token that is fresh by the clock of the service."""
        token = tokens.mint(self.realm.keys, sub=sub, roles=[role], now=self.clock())
        channel = self.realm.channel(self.port, "logistics", token=token)
        return await self.stack.enter_async_context(channel)

    async def buyer(self) -> "Buyer":
        id = an_id()
        return Buyer(id, await self.user(sub=id), self.world)

    async def service(self, name: str) -> LogisticsInternalServiceStub:
        channel = self.realm.channel(self.port, "logistics", own=name)
        return LogisticsInternalServiceStub(await self.stack.enter_async_context(channel))

    @asynccontextmanager
    async def spoilt(
        self, fault: str, *, times: int = 1_000, seconds: float = 0
    ) -> AsyncIterator[None]:
        """The couriers' next answers go wrong, at most until the block ends."""
        body = {"provider": "biteship", "fault": fault, "times": times, "seconds": seconds}
        (await self.sandbox.post("/__sandbox__/faults", json=body)).raise_for_status()
        yield
        (await self.sandbox.delete("/__sandbox__/faults")).raise_for_status()


@dataclass(frozen=True)
class Buyer:
    """Somebody who wants something sent to them."""

    id: str
    stub: LogisticsServiceStub
    world: World

    async def quote(
        self, items: dict[str, int] | None = None, *, request_id: str = "", **place: str
    ) -> pb.ShippingQuote:
        """To a new address of theirs, by default of one packet of coffee."""
        return await self.stub.QuoteShipping(self.request(items, request_id=request_id, **place))

    def request(
        self, items: dict[str, int] | None = None, *, request_id: str = "", **place: str
    ) -> pb.QuoteShippingRequest:
        address = self.world.address(self.id, **place)
        items = items or {self.world.variant(): 1}
        return quote_shipping(address.address_id, items, request_id=request_id)


@pytest.fixture(scope="session")
async def world(realm: Realm) -> AsyncIterator[World]:
    async with neighbourhood(realm) as world:
        yield world


@asynccontextmanager
async def logistics_running(
    realm: Realm, world: World, *, key: str = BITESHIP_KEY, **ports: str
) -> AsyncIterator[Logistics]:
    clock = VirtualClock(datetime.now(UTC))
    providers = sandbox.Settings(
        xendit_secret_key="", xendit_callback_token="", biteship_api_key=BITESHIP_KEY
    )
    async with AsyncExitStack() as stack:
        base_url = await stack.enter_async_context(sandbox.serving(providers))
        client = httpx.AsyncClient(base_url=base_url, trust_env=False)
        await stack.enter_async_context(client)
        settings = Settings(
            **asdict(realm.settings("logistics")),
            biteship_base_url=base_url,
            biteship_api_key=key,
            **{f"{name}_address": port for name, port in (world.ports | ports).items()},
        )
        app = await stack.enter_async_context(running(settings, clock))
        yield Logistics(realm, app.port, world, clock, client, stack)


@pytest.fixture(scope="session")
async def logistics(realm: Realm, world: World) -> AsyncIterator[Logistics]:
    async with logistics_running(realm, world) as logistics:
        yield logistics


@pytest.fixture
async def buyer(logistics: Logistics) -> Buyer:
    return await logistics.buyer()


@pytest.fixture
async def admin(logistics: Logistics) -> LogisticsServiceStub:
    return await logistics.user(role="admin")
