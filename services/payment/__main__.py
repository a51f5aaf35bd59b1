"""Runs the payment service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gotong.payment.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from gotong.payment.v1.payment_pb2_grpc import (
    add_PaymentInternalServiceServicer_to_server,
    add_PaymentServiceServicer_to_server,
)
from gotong.payment.v1.webhook_pb2_grpc import add_PaymentWebhookServiceServicer_to_server
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings
from services.payment.clients import Orders
from services.payment.handlers.ledger import LedgerService
from services.payment.handlers.payments import PaymentInternalService, PaymentService
from services.payment.handlers.webhooks import PaymentWebhookService
from services.payment.settlement import HEAR, TELL_ORDER, WATCH, Settlement
from services.payment.xendit import connected

NAME = "payment"


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    order_address: str
    xendit_base_url: str
    xendit_secret_key: str = field(repr=False)
    xendit_callback_token: str = field(repr=False)


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    async with (
        connected(settings.xendit_base_url, settings.xendit_secret_key) as xendit,
        starting(NAME, settings, clock) as app,
    ):
        orders = Orders(await app.connect("order", settings.order_address))
        settlement = Settlement(app.db, app.jobs, clock, xendit, orders)
        app.jobs.on(HEAR, settlement.hear)
        app.jobs.on(WATCH, settlement.watch)
        app.jobs.on(TELL_ORDER, settlement.tell_order)
        payments = PaymentService(app.db, clock, app.jobs, orders, settlement)
        internal = PaymentInternalService(app.db, clock, settlement)
        webhooks = PaymentWebhookService(app.db, clock, app.jobs, settings.xendit_callback_token)
        await app.serve(
            (add_PaymentServiceServicer_to_server, payments),
            (add_PaymentInternalServiceServicer_to_server, internal),
            (add_LedgerServiceServicer_to_server, LedgerService(app.db, clock)),
            (add_PaymentWebhookServiceServicer_to_server, webhooks),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
