"""What logistics asks of its neighbours, in its own words."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import grpc

from gotong.address.v1 import address_pb2 as address
from gotong.address.v1.address_pb2_grpc import AddressInternalServiceStub
from gotong.product.v1 import product_pb2 as product
from gotong.product.v1.product_pb2_grpc import ProductInternalServiceStub
from gotong.warehouse.v1 import warehouse_pb2 as warehouse
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseInternalServiceStub
from services.kit.channel import Refused, Req, Resp, ask, translated
from services.kit.mapping import money_from_proto
from services.logistics.domain.packing import Size
from services.logistics.domain.quotes import (
    AddressNotFound,
    Destination,
    Item,
    Origin,
    OutOfStock,
    ProductUnavailable,
    Variant,
)

_REFUSALS = {
    "ADDRESS_NOT_FOUND": AddressNotFound,
    "PRODUCT_UNAVAILABLE": ProductUnavailable,
    "OUT_OF_STOCK": OutOfStock,
}


class Addresses:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = AddressInternalServiceStub(channel)

    async def copy(self, address_id: UUID, *, user_id: UUID) -> Destination:
        """An address of a user as it is now."""
        request = address.GetAddressSnapshotRequest(
            address_id=str(address_id), user_id=str(user_id)
        )
        snapshot = await _ask(self._stub.GetAddressSnapshot, request)
        return Destination(
            snapshot.village_code, snapshot.postal_code, snapshot.SerializeToString()
        )


class Products:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = ProductInternalServiceStub(channel)

    async def price(self, variant_ids: Sequence[UUID]) -> Mapping[UUID, Variant]:
        """What it takes to ship each of the variants, and what it is worth."""
        request = product.PriceProductsRequest(variant_ids=map(str, variant_ids))
        reply = await _ask(self._stub.PriceProducts, request)
        return dict(zip(variant_ids, map(_variant, reply.variants), strict=True))


class Warehouses:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = WarehouseInternalServiceStub(channel)

    async def locate(self, items: Sequence[Item]) -> Origin:
        """The location that has all the items."""
        request = warehouse.LocateStockRequest(
            items=[
                warehouse.Item(variant_id=str(item.variant_id), quantity=item.quantity)
                for item in items
            ]
        )
        location = await _ask(self._stub.LocateStock, request)
        return Origin(UUID(location.id), location.postal_code)


def _variant(priced: product.PricedVariant) -> Variant:
    return Variant(
        owner=(priced.owner.kind, priced.owner.id),
        size=Size(priced.length_cm, priced.width_cm, priced.height_cm),
        weight_grams=priced.weight_grams,
        unit_price=money_from_proto(priced.unit_price),
    )


async def _ask(method: "grpc.aio.UnaryUnaryMultiCallable[Req, Resp]", request: Req) -> Resp:
    try:
        return await ask(method, request)
    except Refused as refusal:
        raise translated(refusal, _REFUSALS) from None
