from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import httpx
import pytest

from deploy import sandbox
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
        token = self.realm.token(role, sub=sub or an_id())
        channel = self.realm.channel(self.port, "logistics", token=token)
        return LogisticsServiceStub(await self.stack.enter_async_context(channel))

    async def service(self, name: str) -> LogisticsInternalServiceStub:
        channel = self.realm.channel(self.port, "logistics", own=name)
        return LogisticsInternalServiceStub(await self.stack.enter_async_context(channel))

    async def spoil(self, fault: str, *, times: int, seconds: float = 0) -> None:
        """Let the couriers' next answers go wrong."""
        body = {"provider": "biteship", "fault": fault, "times": times, "seconds": seconds}
        (await self.sandbox.post("/__sandbox__/faults", json=body)).raise_for_status()


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
        address = self.world.address(self.id, **place)
        items = items or {self.world.variant(): 1}
        return await self.stub.QuoteShipping(
            quote_shipping(address.address_id, items, request_id=request_id)
        )


@pytest.fixture(scope="session")
async def world(realm: Realm) -> AsyncIterator[World]:
    async with neighbourhood(realm) as world:
        yield world


@pytest.fixture
async def logistics(realm: Realm, world: World) -> AsyncIterator[Logistics]:
    """Of each test its own, because faults and the clock are."""
    clock = VirtualClock(datetime.now(UTC))
    providers = sandbox.Settings(
        xendit_secret_key="", xendit_callback_token="", biteship_api_key=BITESHIP_KEY
    )
    async with AsyncExitStack() as stack:
        base_url = await stack.enter_async_context(sandbox.serving(providers))
        client = httpx.AsyncClient(base_url=base_url, trust_env=False)
        settings = Settings(
            **asdict(realm.settings("logistics")),
            biteship_base_url=base_url,
            biteship_api_key=BITESHIP_KEY,
            address_address=world.ports["address"],
            product_address=world.ports["product"],
            warehouse_address=world.ports["warehouse"],
        )
        app = await stack.enter_async_context(running(settings, clock))
        yield Logistics(
            realm, app.port, world, clock, await stack.enter_async_context(client), stack
        )


@pytest.fixture
async def buyer(logistics: Logistics) -> Buyer:
    id = an_id()
    return Buyer(id, await logistics.user(sub=id), logistics.world)
