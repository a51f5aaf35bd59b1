"""Valid requests, and what neighbours would say. A test names only what it is about."""

from collections.abc import Sequence
from datetime import datetime

from gotong.address.v1 import address_pb2 as address
from gotong.logistics.v1 import logistics_pb2 as logistics
from gotong.order.v1 import order_pb2 as pb
from gotong.product.v1 import product_pb2 as product
from services.kit.ids import new_id
from services.kit.mapping import time_to_proto
from tests.support import an_id, idr

PLATFORM = product.Owner(kind=product.Owner.KIND_PLATFORM)


def create_order(
    quote_id: str, *, option_id: str = "jne:reg", request_id: str = ""
) -> pb.CreateOrderRequest:
    return pb.CreateOrderRequest(
        shipping_quote_id=quote_id,
        shipping_option_id=option_id,
        request_id=request_id or an_id(),
    )


def cancel_order(order_id: str, *, reason: str = "", request_id: str = "") -> pb.CancelOrderRequest:
    return pb.CancelOrderRequest(order_id=order_id, reason=reason, request_id=request_id or an_id())


def mark_order_paid(
    order: pb.Order, *, payment_id: str = "", amount: int = 0, request_id: str = ""
) -> pb.MarkOrderPaidRequest:
    return pb.MarkOrderPaidRequest(
        order_id=order.id,
        payment_id=payment_id or an_id(),
        amount=idr(amount or order.total.units),
        pay_time=order.create_time,
        request_id=request_id or an_id(),
    )


def a_seller() -> product.Owner:
    return product.Owner(kind=product.Owner.KIND_SELLER, id=an_id())


def a_factory() -> product.Owner:
    return product.Owner(kind=product.Owner.KIND_FACTORY, id=an_id())


def a_variant(price: int, seller: product.Owner = PLATFORM) -> product.PricedVariant:
    variant_id = an_id()
    return product.PricedVariant(
        variant_id=variant_id,
        product_id=an_id(),
        sku=f"KAOS-{variant_id[:8]}",
        name="Kaos, M",
        owner=seller,
        unit_price=idr(price),
    )


def a_quote(
    buyer_id: str, items: Sequence[tuple[str, int]], *, shipping: int, expire_time: datetime
) -> logistics.ShippingQuote:
    return logistics.ShippingQuote(
        id=str(new_id()),
        buyer_id=buyer_id,
        items=[
            logistics.ShippingQuote.Item(variant_id=variant_id, quantity=quantity)
            for variant_id, quantity in items
        ],
        destination=a_destination(),
        location_id=an_id(),
        options=[
            logistics.ShippingQuote.Option(
                id="jne:reg", courier_code="jne", service_code="reg", price=idr(shipping)
            )
        ],
        expire_time=time_to_proto(expire_time),
    )


def a_destination() -> address.AddressSnapshot:
    return address.AddressSnapshot(
        address_id=an_id(),
        recipient_name="Sari",
        phone_number="+6281234567890",
        street="Jalan Melawai 5",
        notes="Pagar hijau",
        village_code="31.74.07.1001",
        village_name="Melawai",
        district_name="Kebayoran Baru",
        regency_name="Kota Administrasi Jakarta Selatan",
        province_name="DKI Jakarta",
        postal_code="12160",
        coordinates=address.Coordinates(latitude=-6.2436, longitude=106.8007),
    )
