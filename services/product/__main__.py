"""Runs the product service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gotong.product.v1.catalogue_pb2_grpc import add_CatalogueServiceServicer_to_server
from gotong.product.v1.product_pb2_grpc import (
    add_ProductInternalServiceServicer_to_server,
    add_ProductServiceServicer_to_server,
)
from services.kit.app import App, main, starting
from services.kit.clock import Clock, system_clock
from services.kit.settings import ServiceSettings
from services.product.handlers.catalogue import CatalogueService
from services.product.handlers.internal import ProductInternalService
from services.product.handlers.product import ProductService

NAME = "product"
Settings = ServiceSettings


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    async with starting(NAME, settings, clock) as app:
        await app.serve(
            (add_ProductServiceServicer_to_server, ProductService(app.db, clock)),
            (add_ProductInternalServiceServicer_to_server, ProductInternalService(app.db, clock)),
            (add_CatalogueServiceServicer_to_server, CatalogueService(app.db, clock)),
        )
        yield app


if __name__ == "__main__":
    main(NAME, Settings, running)
