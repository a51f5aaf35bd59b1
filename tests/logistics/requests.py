"""Valid requests. A test names only what it is about."""

from itertools import count

from gotong.logistics.v1 import logistics_pb2 as pb
from tests.support import an_id, idr

_postal_codes = count(60_000)
_provinces = count(32)  # after 31, where addresses are by default


def a_postal_code() -> str:
    """Nobody else sends from or to it."""
    return str(next(_postal_codes))


def a_province() -> str:
    """Nobody else sets its rate."""
    return str(next(_provinces))


def a_village_in(province_code: str) -> str:
    return f"{province_code}.01.01.1001"


def quote_shipping(
    address_id: str, items: dict[str, int], *, request_id: str = ""
) -> pb.QuoteShippingRequest:
    return pb.QuoteShippingRequest(
        address_id=address_id,
        items=[
            pb.ShippingQuote.Item(variant_id=variant_id, quantity=quantity)
            for variant_id, quantity in items.items()
        ],
        request_id=request_id or an_id(),
    )


def get_quote(quote: pb.ShippingQuote) -> pb.GetShippingQuoteRequest:
    return pb.GetShippingQuoteRequest(shipping_quote_id=quote.id)


def redeem(quote: pb.ShippingQuote, user_id: str) -> pb.RedeemShippingQuoteRequest:
    return pb.RedeemShippingQuoteRequest(shipping_quote_id=quote.id, user_id=user_id)


def set_zone_rate(
    province_code: str, price_per_kg: int = 12_000, *, request_id: str = ""
) -> pb.SetZoneRateRequest:
    return pb.SetZoneRateRequest(
        province_code=province_code,
        price_per_kg=idr(price_per_kg),
        request_id=request_id or an_id(),
    )


def get_zone_rate(province_code: str) -> pb.GetZoneRateRequest:
    return pb.GetZoneRateRequest(province_code=province_code)


def delete_zone_rate(province_code: str, *, request_id: str = "") -> pb.DeleteZoneRateRequest:
    return pb.DeleteZoneRateRequest(province_code=province_code, request_id=request_id or an_id())
