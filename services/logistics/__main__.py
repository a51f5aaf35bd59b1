"""Runs the logistics service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gotong.logistics.v1.logistics_pb2_grpc import (
    add_LogisticsInternalServiceServicer_to_server,
    add_LogisticsServiceServicer_to_server,
)
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings
from services.logistics.biteship import Biteship, client
from services.logistics.clients import Addresses, Products, Warehouses
from services.logistics.handlers import LogisticsInternalService, LogisticsService, Neighbours

NAME = "logistics"


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    biteship_base_url: str
    biteship_api_key: str = field(repr=False)
    biteship_couriers: str = "jne,sicepat,anteraja,jnt"
    address_address: str
    product_address: str
    warehouse_address: str


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    """The HTTP client outlives the calls that are being drained."""
    async with (
        client(settings.biteship_base_url, settings.biteship_api_key) as http,
        starting(NAME, settings, clock) as app,
    ):
        neighbours = Neighbours(
            Addresses(await app.connect("address", settings.address_address)),
            Products(await app.connect("product", settings.product_address)),
            Warehouses(await app.connect("warehouse", settings.warehouse_address)),
            Biteship(http, settings.biteship_couriers),
        )
        await app.serve(
            (
                add_LogisticsServiceServicer_to_server,
                LogisticsService(app.db, clock, neighbours),
            ),
            (
                add_LogisticsInternalServiceServicer_to_server,
                LogisticsInternalService(app.db, clock),
            ),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
