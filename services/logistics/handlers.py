"""gotong.logistics.v1: ask, apply the rules, record the result."""

import asyncio
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import (
    LogisticsInternalServiceServicer,
    LogisticsServiceServicer,
)
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.mapping import money_from_proto
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.logistics.biteship import Biteship
from services.logistics.clients import Addresses, Products, Warehouses
from services.logistics.domain import quotes, rates
from services.logistics.domain.packing import pack
from services.logistics.domain.quotes import Consignment
from services.logistics.domain.zones import ZoneRate
from services.logistics.mapping import items_from_proto, quote_to_proto, zone_rate_to_proto
from services.logistics.store import quotes as quote_store
from services.logistics.store import zones as zone_store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Neighbours:
    addresses: Addresses
    products: Products
    warehouses: Warehouses
    couriers: Biteship


class LogisticsService(LogisticsServiceServicer):
    def __init__(self, db: Database, clock: Clock, neighbours: Neighbours) -> None:
        self.db = db
        self.clock = clock
        self._neighbours = neighbours

    @command
    async def QuoteShipping(self, request: pb.QuoteShippingRequest, call: Call) -> pb.ShippingQuote:
        consignment = await self._consignment(request, call.actor.user_id)
        answer = await self._neighbours.couriers.rates(consignment.lane, consignment.parcels)
        quote = quotes.quote(
            id=new_id(),
            buyer_id=call.actor.user_id,
            consignment=consignment,
            options=await self._options(answer, consignment, call),
            now=call.now,
        )
        await quote_store.add(call.tx, quote)
        return quote_to_proto(quote)

    @query
    async def GetShippingQuote(
        self, request: pb.GetShippingQuoteRequest, call: Call
    ) -> pb.ShippingQuote:
        buyer_id = None if call.actor.is_staff else call.actor.user_id
        quote_id = UUID(request.shipping_quote_id)
        return quote_to_proto(await quote_store.get(call.tx, quote_id, buyer_id=buyer_id))

    @command
    async def SetZoneRate(self, request: pb.SetZoneRateRequest, call: Call) -> pb.ZoneRate:
        price_per_kg = money_from_proto(request.price_per_kg)
        rate = ZoneRate(request.province_code, price_per_kg, update_time=call.now)
        await zone_store.put(call.tx, rate)
        return zone_rate_to_proto(rate)

    @query
    async def GetZoneRate(self, request: pb.GetZoneRateRequest, call: Call) -> pb.ZoneRate:
        return zone_rate_to_proto(await zone_store.get(call.tx, request.province_code))

    @query
    async def ListZoneRates(
        self, request: pb.ListZoneRatesRequest, call: Call
    ) -> pb.ListZoneRatesResponse:
        window = Window.of(request)
        found = await zone_store.list_all(call.tx, window)
        page, next_page_token = window.page(found, lambda rate: rate.province_code)
        return pb.ListZoneRatesResponse(
            zone_rates=map(zone_rate_to_proto, page), next_page_token=next_page_token
        )

    @command
    async def DeleteZoneRate(
        self, request: pb.DeleteZoneRateRequest, call: Call
    ) -> pb.DeleteZoneRateResponse:
        await zone_store.remove(call.tx, request.province_code)
        return pb.DeleteZoneRateResponse()

    async def _consignment(self, request: pb.QuoteShippingRequest, buyer_id: UUID) -> Consignment:
        """Ask the neighbours at the same time; of several refusals the first in order counts."""
        items = quotes.distinct(items_from_proto(request.items))
        destination, variants, origin = await asyncio.gather(
            self._neighbours.addresses.copy(UUID(request.address_id), user_id=buyer_id),
            self._neighbours.products.price([item.variant_id for item in items]),
            self._neighbours.warehouses.locate(items),
            return_exceptions=True,
        )
        to = _answered(destination)
        loads = quotes.loads(items, _answered(variants))
        return Consignment(items, to, _answered(origin), pack(loads))

    async def _options(
        self, answer: rates.Answer, consignment: Consignment, call: Call
    ) -> tuple[rates.Option, ...]:
        fallback = rates.Fallback()
        if answer.needs_fallback:
            fallback = await quote_store.find_fallback(
                call.tx, consignment.lane, consignment.province_code, call.now
            )
        return rates.options(answer, fallback, consignment.lane)


class LogisticsInternalService(LogisticsInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @query
    async def RedeemShippingQuote(
        self, request: pb.RedeemShippingQuoteRequest, call: Call
    ) -> pb.ShippingQuote:
        quote_id, user_id = UUID(request.shipping_quote_id), UUID(request.user_id)
        quote = await quote_store.get(call.tx, quote_id, buyer_id=user_id)
        return quote_to_proto(quotes.redeemable(quote, call.now))


def _answered(outcome: T | BaseException) -> T:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
