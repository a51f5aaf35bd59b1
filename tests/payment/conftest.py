from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass

import grpc
import httpx
import pytest
from sqlalchemy import Row, text

from deploy import sandbox
from gotong.order.v1 import order_pb2 as order
from gotong.order.v1.order_pb2_grpc import add_OrderInternalServiceServicer_to_server
from gotong.payment.v1 import ledger_pb2 as ledger
from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1.ledger_pb2_grpc import LedgerServiceStub
from gotong.payment.v1.payment_pb2_grpc import PaymentInternalServiceStub, PaymentServiceStub
from gotong.payment.v1.webhook_pb2_grpc import PaymentWebhookServiceStub
from services.kit.app import App
from services.kit.clock import Clock
from services.payment.__main__ import Settings, running
from services.payment.clients import Orders as OrdersClient
from services.payment.settlement import Settlement
from services.payment.xendit import Xendit as XenditClient
from services.payment.xendit import connected
from tests.payment.neighbours import KEY, TOKEN, Orders, WayIn, Xendit, way_in
from tests.payment.requests import create_payment
from tests.support import Realm, an_id, eventually, neighbour

_NEWS = """
    SELECT 1 FROM tasks WHERE kind = 'tell_order' AND key = :id OR kind = 'hear' AND key IN (
        SELECT id FROM webhook_events WHERE payment_id = :id)
"""


@dataclass(frozen=True)
class Payments:
    """The real service on a real port, between orders in miniature and the provider's stand-in."""

    realm: Realm
    app: App
    stack: AsyncExitStack
    orders: Orders
    xendit: Xendit
    client: XenditClient
    orders_client: OrdersClient

    async def user(self, *roles: str, sub: str = "") -> PaymentServiceStub:
        token = self.realm.token(*roles, sub=sub or an_id())
        return PaymentServiceStub(await self._channel(token=token))

    async def auditor(self, role: str = "ops") -> LedgerServiceStub:
        return LedgerServiceStub(await self._channel(token=self.realm.token(role)))

    async def service(self, name: str) -> PaymentInternalServiceStub:
        return PaymentInternalServiceStub(await self._channel(own=name))

    async def anybody(self) -> PaymentWebhookServiceStub:
        return PaymentWebhookServiceStub(await self._channel())

    def settlement(self, clock: Clock) -> Settlement:
        """The steps themselves, at another time and as if in another process."""
        return Settlement(self.app.db, self.app.jobs, clock, self.client, self.orders_client)

    async def rows(self, statement: str, **parameters: object) -> list[Row[tuple[object, ...]]]:
        async with self.app.db.reading() as tx:
            return list(await tx.execute(text(statement), parameters))

    async def at_rest(self, payment: pb.Payment) -> None:
        """All news about the payment has been seen to."""

        async def rests() -> bool:
            return not await self.rows(_NEWS, id=payment.id)

        await eventually(rests)

    async def _channel(self, *, own: str = "operator", token: str = "") -> grpc.aio.Channel:
        channel = self.realm.channel(self.app.port, "payment", own=own, token=token)
        return await self.stack.enter_async_context(channel)


@dataclass(frozen=True)
class Buyer:
    """Somebody with orders to pay."""

    id: str
    payments: Payments
    stub: PaymentServiceStub

    def places(self, *, total: int = 275_000, shipping: int = 25_000) -> order.AmountDue:
        return self.payments.orders.place(buyer_id=self.id, total=total, shipping=shipping)

    async def opens(self, due: order.AmountDue | None = None) -> pb.Payment:
        """A payment that waits, for that order or for a new one."""
        payment = await self.stub.CreatePayment(create_payment(due or self.places()))
        assert payment.state == pb.Payment.STATE_PENDING
        return payment

    async def sees(self, payment: pb.Payment) -> pb.Payment:
        return await self.stub.GetPayment(pb.GetPaymentRequest(payment_id=payment.id))

    async def syncs(self, payment: pb.Payment) -> pb.Payment:
        request = pb.SyncPaymentRequest(payment_id=payment.id, request_id=an_id())
        return await self.stub.SyncPayment(request)

    async def cancels(self, payment: pb.Payment) -> pb.Payment:
        request = pb.CancelPaymentRequest(payment_id=payment.id, request_id=an_id())
        return await self.stub.CancelPayment(request)

    async def pays(self, payment: pb.Payment, amount: int | None = None) -> pb.Payment:
        """The money comes and is noticed."""
        await self.payments.xendit.pay(payment, amount)
        return await self.syncs(payment)

    async def sees_at_last(
        self, payment: pb.Payment, state: pb.Payment.State.ValueType
    ) -> pb.Payment:
        async def there() -> bool:
            return (await self.sees(payment)).state == state

        await eventually(there)
        return await self.sees(payment)

    async def order_knows(self, payment: pb.Payment) -> order.MarkOrderPaidRequest:
        """The only thing that the order is told."""

        async def known() -> bool:
            statement = "SELECT 1 FROM payments WHERE id = :id AND order_told_time IS NOT NULL"
            return bool(await self.payments.rows(statement, id=payment.id))

        await eventually(known)
        (told,) = self.payments.orders.told_of(payment.order_id)
        return told


@pytest.fixture(scope="session")
async def way() -> AsyncIterator[WayIn]:
    async with way_in() as way:
        yield way


@pytest.fixture(scope="session")
async def payments(realm: Realm, way: WayIn) -> AsyncIterator[Payments]:
    async with AsyncExitStack() as stack:
        xendit = await stack.enter_async_context(
            sandbox.serving(
                sandbox.Settings(
                    xendit_secret_key=KEY,
                    xendit_callback_token=TOKEN,
                    biteship_api_key="unused",
                    xendit_webhook_url=way.url,
                    webhook_factor=1e-6,
                )
            )
        )
        orders = Orders()
        address = await stack.enter_async_context(
            neighbour(realm, "order", (add_OrderInternalServiceServicer_to_server, orders))
        )
        settings = Settings(
            **asdict(realm.settings("payment")),
            order_address=address,
            xendit_base_url=xendit,
            xendit_secret_key=KEY,
            xendit_callback_token=TOKEN,
        )
        app = await stack.enter_async_context(running(settings))
        http = httpx.AsyncClient(base_url=xendit, trust_env=False)
        yield Payments(
            realm=realm,
            app=app,
            stack=stack,
            orders=orders,
            xendit=Xendit(await stack.enter_async_context(http)),
            client=await stack.enter_async_context(connected(xendit, KEY)),
            orders_client=OrdersClient(await app.connect("order", address)),
        )


@pytest.fixture(scope="session", autouse=True)
async def _told(payments: Payments, way: WayIn) -> None:
    way.stub = await payments.anybody()


@pytest.fixture(autouse=True)
async def _healthy(payments: Payments) -> AsyncIterator[None]:
    """Whatever a test does, every rupiah is explained afterwards."""
    auditor = await payments.auditor()
    yield
    health = await auditor.GetLedgerHealth(ledger.GetLedgerHealthRequest())
    assert list(health.violations) == []


@pytest.fixture
async def buyer(payments: Payments) -> Buyer:
    id = an_id()
    return Buyer(id, payments, await payments.user("buyer", sub=id))
