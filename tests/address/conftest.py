from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from gotong.address.v1.address_pb2_grpc import AddressInternalServiceStub, AddressServiceStub
from services.address import store
from services.address.__main__ import running
from tests.address.areas import AREAS
from tests.support import Realm, an_id


@dataclass(frozen=True)
class Addresses:
    """The real service on a real port, for whoever calls."""

    realm: Realm
    port: int
    stack: AsyncExitStack

    async def user(self, *, sub: str = "", role: str = "buyer") -> AddressServiceStub:
        token = self.realm.token(role, sub=sub or an_id())
        channel = self.realm.channel(self.port, "address", token=token)
        return AddressServiceStub(await self.stack.enter_async_context(channel))

    async def service(self, name: str) -> AddressInternalServiceStub:
        channel = self.realm.channel(self.port, "address", own=name)
        return AddressInternalServiceStub(await self.stack.enter_async_context(channel))


@pytest.fixture(scope="session")
async def addresses(realm: Realm) -> AsyncIterator[Addresses]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(realm.settings("address")))
        async with app.db.transaction() as tx:
            await store.put_areas(tx, AREAS)
        yield Addresses(realm, app.port, stack)


@pytest.fixture
async def buyer(addresses: Addresses) -> AddressServiceStub:
    """Somebody with an empty address book."""
    return await addresses.user()
