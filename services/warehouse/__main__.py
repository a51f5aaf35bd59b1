"""Runs the warehouse service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from gotong.warehouse.v1.warehouse_pb2_grpc import (
    add_WarehouseInternalServiceServicer_to_server,
    add_WarehouseServiceServicer_to_server,
)
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings
from services.warehouse.handlers.internal import WarehouseInternalService
from services.warehouse.handlers.warehouse import WarehouseService
from services.warehouse.jobs import expire_reservations

NAME = "warehouse"
Settings = ServiceSettings


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    async with starting(NAME, settings, clock) as app:
        app.jobs.sweeps.append(partial(expire_reservations, app.db, clock))
        await app.serve(
            (add_WarehouseServiceServicer_to_server, WarehouseService(app.db, clock)),
            (
                add_WarehouseInternalServiceServicer_to_server,
                WarehouseInternalService(app.db, clock),
            ),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
