from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gotong.address.v1.address_pb2_grpc import AddressInternalServiceStub, AddressServiceStub
from services.address import areas
from services.address.__main__ import running
from services.kit.db import Database
from tests.support import Realm, an_id

SAMPLE = Path(areas.__file__).with_name("sample_areas.csv")


@dataclass(frozen=True)
class Addresses:
    """The real service on a real port, for whoever calls."""

    realm: Realm
    port: int
    db: Database
    stack: AsyncExitStack

    async def user(self, *, sub: str = "", role: str = "buyer") -> AddressServiceStub:
        return await self.bearer(self.realm.token(role, sub=sub or an_id()))

    async def bearer(self, token: str) -> AddressServiceStub:
        """Whoever this token is of; without one nobody."""
        channel = self.realm.channel(self.port, "address", token=token)
        return AddressServiceStub(await self.stack.enter_async_context(channel))

    async def service(self, name: str, *, token: str = "") -> AddressInternalServiceStub:
        channel = self.realm.channel(self.port, "address", own=name, token=token)
        return AddressInternalServiceStub(await self.stack.enter_async_context(channel))


@pytest.fixture(scope="session")
async def addresses(realm: Realm) -> AsyncIterator[Addresses]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(realm.settings("address")))
        await areas.import_areas(app.db, SAMPLE)
        yield Addresses(realm, app.port, app.db, stack)


@pytest.fixture
async def buyer(addresses: Addresses) -> AddressServiceStub:
    """Somebody with an empty address book."""
    return await addresses.user()
