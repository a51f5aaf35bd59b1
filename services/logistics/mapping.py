"""Quotes and zone rates <-> gotong.logistics.v1."""

from collections.abc import Iterable
from uuid import UUID

from gotong.address.v1.address_pb2 import AddressSnapshot
from gotong.logistics.v1 import logistics_pb2 as pb
from services.kit.mapping import money_to_proto, time_to_proto
from services.logistics.domain.quotes import Item, PackedSize, Quote
from services.logistics.domain.rates import Option, Source
from services.logistics.domain.zones import ZoneRate

_SOURCE = {
    Source.COURIER: pb.ShippingQuote.Option.SOURCE_COURIER,
    Source.CACHED: pb.ShippingQuote.Option.SOURCE_CACHED,
    Source.ZONE_TABLE: pb.ShippingQuote.Option.SOURCE_ZONE_TABLE,
}


def items_from_proto(items: Iterable[pb.ShippingQuote.Item]) -> list[Item]:
    return [Item(UUID(item.variant_id), item.quantity) for item in items]


def quote_to_proto(quote: Quote) -> pb.ShippingQuote:
    return pb.ShippingQuote(
        id=str(quote.id),
        buyer_id=str(quote.buyer_id),
        items=map(_item_to_proto, quote.items),
        destination=AddressSnapshot.FromString(quote.destination),
        location_id=str(quote.location_id),
        parcels=map(_parcel_to_proto, quote.parcels),
        options=map(_option_to_proto, quote.options),
        create_time=time_to_proto(quote.create_time),
        expire_time=time_to_proto(quote.expire_time),
    )


def zone_rate_to_proto(rate: ZoneRate) -> pb.ZoneRate:
    return pb.ZoneRate(
        province_code=rate.province_code,
        price_per_kg=money_to_proto(rate.price_per_kg),
        update_time=time_to_proto(rate.update_time),
    )


def _item_to_proto(item: Item) -> pb.ShippingQuote.Item:
    return pb.ShippingQuote.Item(variant_id=str(item.variant_id), quantity=item.quantity)


def _parcel_to_proto(parcel: PackedSize) -> pb.ShippingQuote.Parcel:
    return pb.ShippingQuote.Parcel(
        length_cm=parcel.size.length,
        width_cm=parcel.size.width,
        height_cm=parcel.size.height,
        weight_grams=parcel.weight_grams,
        chargeable_grams=parcel.chargeable_grams,
    )


def _option_to_proto(option: Option) -> pb.ShippingQuote.Option:
    rate = option.rate
    return pb.ShippingQuote.Option(
        id=rate.id,
        courier_code=rate.courier_code,
        courier_name=rate.courier_name,
        service_code=rate.service_code,
        service_name=rate.service_name,
        price=money_to_proto(rate.price),
        duration=rate.duration,
        source=_SOURCE[option.source],
    )
