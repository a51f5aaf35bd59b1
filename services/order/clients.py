"""What the order service asks its neighbours, in its own words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import grpc

from gotong.logistics.v1 import logistics_pb2 as logistics
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsInternalServiceStub
from gotong.payment.v1 import payment_pb2 as payment
from gotong.payment.v1.payment_pb2_grpc import PaymentInternalServiceStub
from gotong.product.v1 import product_pb2 as product
from gotong.product.v1.product_pb2_grpc import ProductInternalServiceStub
from gotong.warehouse.v1 import warehouse_pb2 as warehouse
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseInternalServiceStub
from services.kit.channel import Refused, ask, translated
from services.kit.ids import derived_id
from services.kit.mapping import time_to_proto
from services.order import domain
from services.order.domain import Item, Price, Quote
from services.order.mapping import price_from_proto, quote_from_proto

_ORDER = warehouse.Reservation.OWNER_TYPE_ORDER
_QUOTE_REFUSALS = {"QUOTE_NOT_FOUND": domain.QuoteNotFound, "QUOTE_EXPIRED": domain.QuoteExpired}
_PRICE_REFUSALS = {"PRODUCT_UNAVAILABLE": domain.ProductUnavailable}
_STOCK_REFUSALS = {
    "OUT_OF_STOCK": domain.OutOfStock,
    "LOCATION_NOT_FOUND": domain.LocationClosed,
    "LOCATION_INACTIVE": domain.LocationClosed,
}


class Logistics:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = LogisticsInternalServiceStub(channel)

    async def quote(self, quote_id: str, buyer_id: UUID) -> Quote:
        """A quote whose prices hold. Raises QuoteNotFound or QuoteExpired."""
        request = logistics.RedeemShippingQuoteRequest(
            shipping_quote_id=quote_id, user_id=str(buyer_id)
        )
        try:
            return quote_from_proto(await ask(self._stub.RedeemShippingQuote, request))
        except Refused as refusal:
            raise translated(refusal, _QUOTE_REFUSALS) from None


class Products:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = ProductInternalServiceStub(channel)

    async def prices(self, items: Sequence[Item]) -> Mapping[UUID, Price]:
        """Today's price of each variant. Raises ProductUnavailable."""
        request = product.PriceProductsRequest(variant_ids=[str(i.variant_id) for i in items])
        try:
            answer = await ask(self._stub.PriceProducts, request)
        except Refused as refusal:
            raise translated(refusal, _PRICE_REFUSALS) from None
        prices = map(price_from_proto, answer.variants)
        return {price.variant_id: price for price in prices}


class Warehouse:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = WarehouseInternalServiceStub(channel)

    async def reserve(
        self, order_id: UUID, location_id: UUID, items: Sequence[Item], expire_time: datetime
    ) -> None:
        """Set the items aside for the order. Raises OutOfStock or LocationClosed."""
        request = warehouse.CreateReservationRequest(
            owner_type=_ORDER,
            owner_id=str(order_id),
            location_id=str(location_id),
            items=[
                warehouse.Item(variant_id=str(i.variant_id), quantity=i.quantity) for i in items
            ],
            expire_time=time_to_proto(expire_time),
            request_id=str(derived_id(order_id, f"reserve until {expire_time}")),
        )
        try:
            await ask(self._stub.CreateReservation, request)
        except Refused as refusal:
            raise translated(refusal, _STOCK_REFUSALS) from None

    async def confirm(self, order_id: UUID) -> None:
        """Keep the items for good; one that cannot be kept stays a task until somebody helps."""
        request = warehouse.ConfirmReservationRequest(
            owner_type=_ORDER,
            owner_id=str(order_id),
            request_id=str(derived_id(order_id, "confirm")),
        )
        await ask(self._stub.ConfirmReservation, request)

    async def release(self, order_id: UUID) -> None:
        request = warehouse.ReleaseReservationRequest(
            owner_type=_ORDER,
            owner_id=str(order_id),
            request_id=str(derived_id(order_id, "release")),
        )
        await ask(self._stub.ReleaseReservation, request)


class Payments:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = PaymentInternalServiceStub(channel)

    async def close(self, order_id: UUID) -> bool:
        """See to it that the order cannot be paid any more; False if it is paid already."""
        request = payment.ClosePayableRequest(
            order_id=str(order_id), request_id=str(derived_id(order_id, "close"))
        )
        try:
            await ask(self._stub.ClosePayable, request)
        except Refused as refusal:
            if refusal.reason == "ORDER_ALREADY_PAID":
                return False
            raise
        return True
