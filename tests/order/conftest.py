from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import grpc
import pytest
from sqlalchemy import text

from deploy.local import tokens
from gotong.logistics.v1.logistics_pb2_grpc import (
    add_LogisticsInternalServiceServicer_to_server as add_logistics,
)
from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceStub, OrderServiceStub
from gotong.payment.v1.payment_pb2_grpc import (
    add_PaymentInternalServiceServicer_to_server as add_payment,
)
from gotong.product.v1 import product_pb2 as product
from gotong.product.v1.product_pb2_grpc import (
    add_ProductInternalServiceServicer_to_server as add_product,
)
from gotong.warehouse.v1.warehouse_pb2_grpc import (
    add_WarehouseInternalServiceServicer_to_server as add_warehouse,
)
from services.kit.app import App
from services.order.__main__ import Settings, running
from tests.order.neighbours import Catalogue, Quotes, Stock, Till
from tests.order.requests import PLATFORM, a_quote, a_variant, create_order, mark_order_paid
from tests.support import Realm, VirtualClock, an_id, eventually, neighbour

PAYMENT_WINDOW = timedelta(minutes=60)
_TOKEN_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class Orders:
    """The real service on a real port, with neighbours in miniature and a clock to move."""

    realm: Realm
    app: App
    clock: VirtualClock
    stack: AsyncExitStack
    quotes: Quotes
    catalogue: Catalogue
    stock: Stock
    till: Till

    async def user(self, *roles: str, sub: str = "", org_id: str = "") -> OrderServiceStub:
        return OrderServiceStub(await self.channel(*roles, sub=sub, org_id=org_id))

    async def channel(self, *roles: str, sub: str = "", org_id: str = "") -> grpc.aio.Channel:
        """Of a user whose token outlives the clock's moves."""
        token = tokens.mint(
            self.realm.keys,
            sub=sub or an_id(),
            roles=roles,
            org_id=org_id or None,
            lifetime=_TOKEN_LIFETIME,
            now=self.clock(),
        )
        channel = self.realm.channel(self.app.port, "order", token=token)
        return await self.stack.enter_async_context(channel)

    async def service(self, name: str) -> OrderInternalServiceStub:
        channel = self.realm.channel(self.app.port, "order", own=name)
        return OrderInternalServiceStub(await self.stack.enter_async_context(channel))

    async def pay(self, order: pb.Order) -> pb.Order:
        """Capture an order's money and say so."""
        payment_id = self.till.capture(order.id)
        assert payment_id
        payment = await self.service("payment")
        return await payment.MarkOrderPaid(mark_order_paid(order, payment_id=payment_id))

    async def catch_up(self) -> None:
        """Do at once what the service does by and by."""
        for sweep in self.app.jobs.sweeps:
            await sweep()
        while await self.app.jobs.run_due():
            pass

    async def settle(self, order_id: str) -> None:
        """Let time pass until nothing is left to be done about an order."""

        async def settled() -> bool:
            self.clock.move(PAYMENT_WINDOW)
            await self.catch_up()
            return not await self.tasks(order_id)

        await eventually(settled)

    async def sql(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        """What a statement of the service's own role returns."""
        async with self.app.db.transaction() as tx:
            result = await tx.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    async def tasks(self, order_id: str) -> list[str]:
        """What is still to be done about an order."""
        rows = await self.sql("SELECT kind FROM tasks WHERE key = :key", key=UUID(order_id))
        return [kind for (kind,) in rows]


@dataclass(frozen=True)
class Buyer:
    """Somebody who buys."""

    id: str
    stub: OrderServiceStub
    orders: Orders

    def quote(
        self,
        *items: tuple[int, int],
        shipping: int = 18_000,
        seller: product.Owner = PLATFORM,
        lifetime: timedelta = timedelta(minutes=15),
    ) -> str:
        """A quote for (unit price, quantity) each; its only option is "jne:reg"."""
        orders = self.orders
        variants = [a_variant(price, seller) for price, _ in items or [(250_000, 1)]]
        quantities = [quantity for _, quantity in items or [(250_000, 1)]]
        quote = a_quote(
            self.id,
            [(v.variant_id, q) for v, q in zip(variants, quantities, strict=True)],
            shipping=shipping,
            expire_time=orders.clock() + lifetime,
        )
        orders.catalogue.variants |= {variant.variant_id: variant for variant in variants}
        orders.quotes.known[quote.id] = quote
        return quote.id

    async def place(
        self, *items: tuple[int, int], shipping: int = 18_000, seller: product.Owner = PLATFORM
    ) -> pb.Order:
        quote_id = self.quote(*items, shipping=shipping, seller=seller)
        return await self.stub.CreateOrder(create_order(quote_id))

    async def get(self, order_id: str) -> pb.Order:
        return await self.stub.GetOrder(pb.GetOrderRequest(order_id=order_id))

    async def history(self, order_id: str) -> list[pb.OrderEvent]:
        request = pb.ListOrderEventsRequest(order_id=order_id, page_size=100)
        return list((await self.stub.ListOrderEvents(request)).events)

    def location_of(self, quote_id: str) -> str:
        return self.orders.quotes.known[quote_id].location_id


@pytest.fixture(scope="session")
async def orders(realm: Realm) -> AsyncIterator[Orders]:
    clock = VirtualClock(datetime.now(UTC))
    quotes, catalogue, till = Quotes(clock), Catalogue(), Till()
    stock = Stock()  # type: ignore[abstract] # orders ask nothing else of it
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        settings = Settings(
            **asdict(realm.settings("order")),
            logistics_address=await enter(neighbour(realm, "logistics", (add_logistics, quotes))),
            product_address=await enter(neighbour(realm, "product", (add_product, catalogue))),
            warehouse_address=await enter(neighbour(realm, "warehouse", (add_warehouse, stock))),
            payment_address=await enter(neighbour(realm, "payment", (add_payment, till))),
        )
        app = await enter(running(settings, clock))
        yield Orders(realm, app, clock, stack, quotes, catalogue, stock, till)


@pytest.fixture(scope="session")
async def payment(orders: Orders) -> OrderInternalServiceStub:
    """As the payment service."""
    return await orders.service("payment")


@pytest.fixture(scope="session")
async def admin(orders: Orders) -> OrderServiceStub:
    return await orders.user("admin")


@pytest.fixture
async def buyer(orders: Orders) -> Buyer:
    """Somebody without orders."""
    return await a_buyer(orders)


async def a_buyer(orders: Orders) -> Buyer:
    id = an_id()
    return Buyer(id, await orders.user("buyer", sub=id), orders)
