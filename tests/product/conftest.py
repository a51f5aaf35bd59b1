from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from sqlalchemy import Engine, event

from gotong.product.v1.catalogue_pb2_grpc import CatalogueServiceStub
from gotong.product.v1.product_pb2_grpc import ProductInternalServiceStub, ProductServiceStub
from services.kit.db import Database, Prepared, Row, Tx
from services.product.__main__ import running
from tests.support import Realm, an_id


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, or without one."""

    channel: grpc.aio.Channel
    org_id: str = ""

    @property
    def products(self) -> ProductServiceStub:
        return ProductServiceStub(self.channel)

    @property
    def catalogue(self) -> CatalogueServiceStub:
        return CatalogueServiceStub(self.channel)

    @property
    def prices(self) -> ProductInternalServiceStub:
        return ProductInternalServiceStub(self.channel)


@dataclass(frozen=True)
class Products:
    """The real service on a real port, for whoever calls."""

    realm: Realm
    port: int
    db: Database
    stack: AsyncExitStack

    async def user(self, *roles: str, org_id: str = "") -> Caller:
        token = self.realm.token(*roles, org_id=org_id)
        return Caller(await self._channel(token=token), org_id)

    async def merchant(self, role: str = "seller") -> Caller:
        """A seller or a factory, new and without products."""
        return await self.user(role, org_id=an_id())

    async def nobody(self) -> Caller:
        return Caller(await self._channel())

    async def service(self, name: str) -> Caller:
        return Caller(await self._channel(own=name))

    async def _channel(self, *, own: str = "operator", token: str = "") -> grpc.aio.Channel:
        channel = self.realm.channel(self.port, "product", own=own, token=token)
        return await self.stack.enter_async_context(channel)


@pytest.fixture(scope="session")
async def service(realm: Realm) -> AsyncIterator[Products]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(realm.settings("product")))
        yield Products(realm, app.port, app.db, stack)


@pytest.fixture
async def seller(service: Products) -> Caller:
    return await service.merchant()


@pytest.fixture
async def rival(service: Products) -> Caller:
    """Another seller, whom none of the products belong to."""
    return await service.merchant()


@pytest.fixture
async def admin(service: Products) -> Caller:
    return await service.user("admin")


@pytest.fixture
async def ops(service: Products) -> Caller:
    return await service.user("ops")


@pytest.fixture
async def buyer(service: Products) -> Caller:
    return await service.user("buyer")


@pytest.fixture
async def nobody(service: Products) -> Caller:
    return await service.nobody()


@pytest.fixture
async def order(service: Products) -> Caller:
    """The order service, by its certificate."""
    return await service.service("order")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that this process sends to PostgreSQL, prepared or not."""
    sent: list[str] = []
    fetch = Tx.fetch

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    async def noted(tx: Tx, statement: Prepared, *parameters: Any) -> list[Row]:  # noqa: ANN401 - whatever fetch takes
        sent.append(statement.sql)
        return await fetch(tx, statement, *parameters)

    event.listen(Engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Tx, "fetch", noted)
        try:
            yield sent
        finally:
            event.remove(Engine, "before_cursor_execute", note)
