"""Runs the order service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from gotong.order.v1.order_pb2_grpc import (
    add_OrderInternalServiceServicer_to_server,
    add_OrderServiceServicer_to_server,
)
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings
from services.order.clients import Logistics, Payments, Products, Warehouse
from services.order.handlers import OrderInternalService, OrderService
from services.order.jobs import OrderJobs

NAME = "order"


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    logistics_address: str
    product_address: str
    warehouse_address: str
    payment_address: str
    payment_window_minutes: str = "60"


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    async with starting(NAME, settings, clock) as app:
        warehouse = Warehouse(await app.connect("warehouse", settings.warehouse_address))
        payments = Payments(await app.connect("payment", settings.payment_address))
        service = OrderService(
            app.db,
            clock,
            app.jobs,
            logistics=Logistics(await app.connect("logistics", settings.logistics_address)),
            products=Products(await app.connect("product", settings.product_address)),
            warehouse=warehouse,
            payments=payments,
            payment_window=timedelta(minutes=int(settings.payment_window_minutes)),
        )
        OrderJobs(app.db, clock, app.jobs, payments, warehouse)
        await app.serve(
            (add_OrderServiceServicer_to_server, service),
            (
                add_OrderInternalServiceServicer_to_server,
                OrderInternalService(app.db, clock, app.jobs),
            ),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
