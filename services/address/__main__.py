"""Runs the address service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gotong.address.v1.address_pb2_grpc import (
    add_AddressInternalServiceServicer_to_server,
    add_AddressServiceServicer_to_server,
)
from services.address.handlers import AddressInternalService, AddressService
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings

NAME = "address"
Settings = ServiceSettings


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    async with starting(NAME, settings, clock) as app:
        await app.serve(
            (add_AddressServiceServicer_to_server, AddressService(app.db, clock)),
            (add_AddressInternalServiceServicer_to_server, AddressInternalService(app.db, clock)),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
