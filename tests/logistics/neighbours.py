"""Who stands in for address, product and warehouse: each knows what a test told it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeAlias

import grpc
from google.rpc import code_pb2

from deploy.local.certificates import certify
from gotong.address.v1 import address_pb2 as address
from gotong.address.v1.address_pb2_grpc import (
    AddressInternalServiceServicer,
    add_AddressInternalServiceServicer_to_server,
)
from gotong.product.v1 import product_pb2 as product
from gotong.product.v1.product_pb2_grpc import (
    ProductInternalServiceServicer,
    add_ProductInternalServiceServicer_to_server,
)
from gotong.warehouse.v1 import warehouse_pb2 as warehouse
from gotong.warehouse.v1.warehouse_pb2_grpc import (
    WarehouseInternalServiceServicer,
    add_WarehouseInternalServiceServicer_to_server,
)
from tests.support import Realm, an_id, neighbour, refuse

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass
class FakeAddresses(AddressInternalServiceServicer):
    books: dict[tuple[str, str], address.AddressSnapshot] = field(default_factory=dict)

    async def GetAddressSnapshot(
        self, request: address.GetAddressSnapshotRequest, context: Context
    ) -> address.AddressSnapshot:
        found = self.books.get((request.user_id, request.address_id))
        if found is None:
            await refuse(
                context, code_pb2.NOT_FOUND, "ADDRESS_NOT_FOUND", address_id=request.address_id
            )
        return found


@dataclass
class FakeProducts(ProductInternalServiceServicer):
    variants: dict[str, product.PricedVariant] = field(default_factory=dict)

    async def PriceProducts(
        self, request: product.PriceProductsRequest, context: Context
    ) -> product.PriceProductsResponse:
        for variant_id in request.variant_ids:
            if variant_id not in self.variants:
                await refuse(
                    context,
                    code_pb2.FAILED_PRECONDITION,
                    "PRODUCT_UNAVAILABLE",
                    variant_id=variant_id,
                )
        return product.PriceProductsResponse(
            variants=[self.variants[variant_id] for variant_id in request.variant_ids]
        )


@dataclass
class FakeWarehouses(WarehouseInternalServiceServicer):
    """A location has any number of the variants that are said to be there."""

    locations: dict[str, warehouse.Location] = field(default_factory=dict)
    # Which location has a variant.
    places: dict[str, str] = field(default_factory=dict)

    async def LocateStock(
        self, request: warehouse.LocateStockRequest, context: Context
    ) -> warehouse.Location:
        first = self.places.get(request.items[0].variant_id, "")
        for item in request.items:
            place = self.places.get(item.variant_id)
            if place is None or place != first:
                await refuse(
                    context,
                    code_pb2.FAILED_PRECONDITION,
                    "OUT_OF_STOCK",
                    variant_id=item.variant_id,
                )
        return self.locations[first]

    async def _never(self, request: Any, context: Context) -> NoReturn:  # noqa: ANN401 - any request
        raise AssertionError("logistics only asks where stock is", request, context)

    CreateReservation = ConfirmReservation = ReleaseReservation = ConsumeReservation = _never


@dataclass(frozen=True)
class World:
    """What address, product and warehouse know."""

    addresses: FakeAddresses
    products: FakeProducts
    warehouses: FakeWarehouses
    ports: dict[str, str]

    def address(self, user_id: str, **different: str) -> address.AddressSnapshot:
        """In the book of a user."""
        fields = {
            "address_id": an_id(),
            "recipient_name": "Sari",
            "phone_number": "+6281234567890",
            "street": "Jalan Melawai 5",
            "village_code": "31.74.07.1001",
            "village_name": "Melawai",
            "postal_code": "12160",
        }
        snapshot = address.AddressSnapshot(**(fields | different))  # type: ignore[arg-type]
        self.addresses.books[user_id, snapshot.address_id] = snapshot
        return snapshot

    def location(self, *, postal_code: str = "66218") -> str:
        location = warehouse.Location(
            id=an_id(),
            code="TLG-1",
            name="Tulungagung",
            postal_code=postal_code,
            active=True,
        )
        location.create_time.FromDatetime(datetime.now(UTC))
        self.warehouses.locations[location.id] = location
        return location.id

    def variant(
        self,
        *,
        location: str = "",
        seller: str = "",
        size: tuple[int, int, int] = (20, 12, 8),
        weight_grams: int = 300,
        price: int = 125_000,
        in_stock: bool = True,
    ) -> str:
        """A variant on sale, at a location of its own unless said otherwise."""
        variant = product.PricedVariant(
            variant_id=an_id(),
            name="Kopi Gayo, 250 g",
            owner=product.Owner(kind=product.Owner.KIND_SELLER, id=seller or an_id()),
            weight_grams=weight_grams,
            length_cm=size[0],
            width_cm=size[1],
            height_cm=size[2],
        )
        variant.unit_price.currency_code, variant.unit_price.units = "IDR", price
        self.products.variants[variant.variant_id] = variant
        if in_stock:
            self.warehouses.places[variant.variant_id] = location or self.location()
        return variant.variant_id


@asynccontextmanager
async def neighbourhood(realm: Realm) -> AsyncIterator[World]:
    certify(realm.certificates, ["address", "product", "warehouse"], now=datetime.now(UTC))
    addresses, products, warehouses = FakeAddresses(), FakeProducts(), FakeWarehouses()
    servicers: dict[str, tuple[Callable[..., None], object]] = {
        "address": (add_AddressInternalServiceServicer_to_server, addresses),
        "product": (add_ProductInternalServiceServicer_to_server, products),
        "warehouse": (add_WarehouseInternalServiceServicer_to_server, warehouses),
    }
    async with AsyncExitStack() as stack:
        ports = {
            name: await stack.enter_async_context(neighbour(realm, name, servicer))
            for name, servicer in servicers.items()
        }
        yield World(addresses, products, warehouses, ports)
