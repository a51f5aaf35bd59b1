"""The order service's neighbours in miniature: they answer, refuse, and keep what was asked."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message
from google.rpc import code_pb2
from grpc.aio import ServicerContext

from gotong.logistics.v1 import logistics_pb2 as logistics
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsInternalServiceServicer
from gotong.payment.v1 import payment_pb2 as payment
from gotong.payment.v1.payment_pb2_grpc import PaymentInternalServiceServicer
from gotong.product.v1 import product_pb2 as product
from gotong.product.v1.product_pb2_grpc import ProductInternalServiceServicer
from gotong.warehouse.v1 import warehouse_pb2 as warehouse
from gotong.warehouse.v1.warehouse_pb2_grpc import WarehouseInternalServiceServicer
from services.kit.ids import new_id
from services.kit.mapping import time_from_proto
from tests.support import VirtualClock, refuse

Context: TypeAlias = "ServicerContext[Any, Any]"


@dataclass
class Quotes(LogisticsInternalServiceServicer):
    """Logistics: knows quotes."""

    clock: VirtualClock
    known: dict[str, logistics.ShippingQuote] = field(default_factory=dict)

    async def RedeemShippingQuote(
        self, request: logistics.RedeemShippingQuoteRequest, context: Context
    ) -> logistics.ShippingQuote:
        quote = self.known.get(request.shipping_quote_id)
        if quote is None or quote.buyer_id != request.user_id:
            await refuse(context, code_pb2.NOT_FOUND, "QUOTE_NOT_FOUND")
        if time_from_proto(quote.expire_time) <= self.clock():
            await refuse(context, code_pb2.FAILED_PRECONDITION, "QUOTE_EXPIRED")
        return quote


@dataclass
class Catalogue(ProductInternalServiceServicer):
    """Product: knows what is for sale, and for how much."""

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
class Stock(WarehouseInternalServiceServicer):
    """Warehouse: one reservation per order, out of plenty unless `left` says otherwise."""

    reservations: dict[str, warehouse.Reservation] = field(default_factory=dict)
    asked: list[Message] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)

    async def CreateReservation(
        self,
        request: warehouse.CreateReservationRequest,
        context: Context,
    ) -> warehouse.Reservation:
        await self._hear(request, context, {request.owner_id, request.location_id})
        if known := self.reservations.get(request.owner_id):
            return known
        if reason := self.locations.get(request.location_id):
            code = code_pb2.FAILED_PRECONDITION
            await refuse(context, code, reason, location_id=request.location_id)
        for item in request.items:
            if self.left.get(item.variant_id, item.quantity) < item.quantity:
                short = {"variant_id": item.variant_id}
                await refuse(context, code_pb2.FAILED_PRECONDITION, "OUT_OF_STOCK", **short)
        reservation = warehouse.Reservation(
            id=str(new_id()),
            owner_type=request.owner_type,
            owner_id=request.owner_id,
            location_id=request.location_id,
            state=warehouse.Reservation.STATE_ACTIVE,
            items=request.items,
            expire_time=request.expire_time,
        )
        self.reservations[request.owner_id] = reservation
        return reservation

    async def ConfirmReservation(
        self,
        request: warehouse.ConfirmReservationRequest,
        context: Context,
    ) -> warehouse.Reservation:
        await self._hear(request, context, {request.owner_id})
        reservation = await self._reservation_of(request.owner_id, context)
        if reservation.state == warehouse.Reservation.STATE_RELEASED:
            code = code_pb2.FAILED_PRECONDITION
            await refuse(context, code, "RESERVATION_NOT_CONFIRMABLE")
        reservation.state = warehouse.Reservation.STATE_CONFIRMED
        return reservation

    async def ReleaseReservation(
        self,
        request: warehouse.ReleaseReservationRequest,
        context: Context,
    ) -> warehouse.Reservation:
        await self._hear(request, context, {request.owner_id})
        reservation = await self._reservation_of(request.owner_id, context)
        reservation.state = warehouse.Reservation.STATE_RELEASED
        return reservation

    def reservations_at(self, location_id: str) -> list[warehouse.Reservation]:
        return [r for r in self.reservations.values() if r.location_id == location_id]

    def state(self, order_id: str) -> str:
        return warehouse.Reservation.State.Name(self.reservations[order_id].state)

    async def _reservation_of(self, order_id: str, context: Context) -> warehouse.Reservation:
        if order_id not in self.reservations:
            await refuse(context, code_pb2.NOT_FOUND, "RESERVATION_NOT_FOUND")
        return self.reservations[order_id]

    async def _hear(self, request: Message, context: Context, about: set[str]) -> None:
        self.asked.append(request)
        if self.away & about:
            await context.abort(grpc.StatusCode.UNAVAILABLE)


@dataclass
class Till(PaymentInternalServiceServicer):
    """Payment: what comes first, a capture or a close, is decided here and holds."""

    captured: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    asked: list[payment.ClosePayableRequest] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    async def ClosePayable(
        self, request: payment.ClosePayableRequest, context: Context
    ) -> payment.ClosePayableResponse:
        self.asked.append(request)
        if request.order_id in self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE)
        if request.order_id in self.captured:
            await refuse(context, code_pb2.FAILED_PRECONDITION, "ORDER_ALREADY_PAID")
        self.closed.add(request.order_id)
        return payment.ClosePayableResponse()

    def capture(self, order_id: str) -> str | None:
        """The payment that the order's money came with, unless it is closed."""
        if order_id in self.closed:
            return None
        return self.captured.setdefault(order_id, str(new_id()))

    def closes(self, order_id: str) -> list[payment.ClosePayableRequest]:
        return [request for request in self.asked if request.order_id == order_id]
