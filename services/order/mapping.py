"""Order <-> gotong.order.v1, and what its neighbours say."""

from uuid import UUID

from gotong.address.v1 import address_pb2 as address
from gotong.logistics.v1 import logistics_pb2 as logistics
from gotong.order.v1 import order_pb2 as pb
from gotong.product.v1 import product_pb2 as product
from services.kit.mapping import money_from_proto, money_to_proto, time_to_proto
from services.order.domain import (
    Destination,
    Event,
    Item,
    Line,
    Option,
    Order,
    Price,
    Quote,
    Seller,
    SellerKind,
    State,
)

_STATE = {
    State.PENDING_PAYMENT: pb.Order.STATE_PENDING_PAYMENT,
    State.PAID: pb.Order.STATE_PAID,
    State.EXPIRED: pb.Order.STATE_EXPIRED,
    State.CANCELLED: pb.Order.STATE_CANCELLED,
}
_STATE_FROM_PROTO = {proto: state for state, proto in _STATE.items()}
_SELLER_KIND = {
    SellerKind.PLATFORM: product.Owner.KIND_PLATFORM,
    SellerKind.SELLER: product.Owner.KIND_SELLER,
    SellerKind.FACTORY: product.Owner.KIND_FACTORY,
}
_SELLER_KIND_FROM_PROTO = {proto: kind for kind, proto in _SELLER_KIND.items()}


def state_from_proto(state: "pb.Order.State.ValueType") -> State:
    return _STATE_FROM_PROTO[state]


def order_to_proto(order: Order) -> pb.Order:
    return pb.Order(
        id=str(order.id),
        buyer_id=str(order.buyer_id),
        seller=product.Owner(kind=_SELLER_KIND[order.seller.kind], id=str(order.seller.id or "")),
        state=_STATE[order.state],
        lines=map(_line_to_proto, order.lines),
        shipping=pb.Order.Shipping(
            shipping_quote_id=str(order.shipping_quote_id),
            shipping_option_id=order.option.id,
            courier_code=order.option.courier_code,
            service_code=order.option.service_code,
            location_id=str(order.location_id),
            destination=_destination_to_proto(order.destination),
        ),
        subtotal=money_to_proto(order.amounts.subtotal),
        shipping_amount=money_to_proto(order.amounts.shipping),
        tax_amount=money_to_proto(order.amounts.tax),
        discount_amount=money_to_proto(order.amounts.discount),
        total=money_to_proto(order.amounts.total),
        payment_id=str(order.payment_id or ""),
        create_time=time_to_proto(order.create_time),
        update_time=time_to_proto(order.update_time),
        expire_time=time_to_proto(order.expire_time),
        pay_time=time_to_proto(order.pay_time),
    )


def amount_due_to_proto(order: Order) -> pb.AmountDue:
    return pb.AmountDue(
        order_id=str(order.id),
        buyer_id=str(order.buyer_id),
        state=_STATE[order.state],
        total=money_to_proto(order.amounts.total),
        goods_amount=money_to_proto(order.amounts.total - order.amounts.shipping),
        shipping_amount=money_to_proto(order.amounts.shipping),
        expire_time=time_to_proto(order.expire_time),
    )


def event_to_proto(event: Event) -> pb.OrderEvent:
    before = event.from_state
    return pb.OrderEvent(
        id=str(event.id),
        from_state=_STATE[before] if before else pb.Order.STATE_UNSPECIFIED,
        to_state=_STATE[event.to_state],
        actor=event.actor,
        reason=event.reason,
        create_time=time_to_proto(event.create_time),
    )


def quote_from_proto(quote: logistics.ShippingQuote) -> Quote:
    options = (
        Option(o.id, o.courier_code, o.service_code, money_from_proto(o.price))
        for o in quote.options
    )
    return Quote(
        id=UUID(quote.id),
        items=tuple(Item(UUID(item.variant_id), item.quantity) for item in quote.items),
        destination=_destination_from_proto(quote.destination),
        location_id=UUID(quote.location_id),
        options={option.id: option for option in options},
    )


def price_from_proto(variant: product.PricedVariant) -> Price:
    owner = variant.owner
    return Price(
        variant_id=UUID(variant.variant_id),
        product_id=UUID(variant.product_id),
        sku=variant.sku,
        name=variant.name,
        seller=Seller(_SELLER_KIND_FROM_PROTO[owner.kind], UUID(owner.id) if owner.id else None),
        unit_price=money_from_proto(variant.unit_price),
    )


def _line_to_proto(line: Line) -> pb.Order.Line:
    return pb.Order.Line(
        variant_id=str(line.variant_id),
        product_id=str(line.product_id),
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=money_to_proto(line.unit_price),
        amount=money_to_proto(line.amount),
    )


def _destination_from_proto(snapshot: address.AddressSnapshot) -> Destination:
    place = snapshot.coordinates if snapshot.HasField("coordinates") else None
    return Destination(
        address_id=UUID(snapshot.address_id),
        recipient_name=snapshot.recipient_name,
        phone_number=snapshot.phone_number,
        street=snapshot.street,
        notes=snapshot.notes,
        village_code=snapshot.village_code,
        village_name=snapshot.village_name,
        district_name=snapshot.district_name,
        regency_name=snapshot.regency_name,
        province_name=snapshot.province_name,
        postal_code=snapshot.postal_code,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
    )


def _destination_to_proto(destination: Destination) -> address.AddressSnapshot:
    place = None
    if destination.latitude is not None and destination.longitude is not None:
        place = address.Coordinates(latitude=destination.latitude, longitude=destination.longitude)
    return address.AddressSnapshot(
        address_id=str(destination.address_id),
        recipient_name=destination.recipient_name,
        phone_number=destination.phone_number,
        street=destination.street,
        notes=destination.notes,
        village_code=destination.village_code,
        village_name=destination.village_name,
        district_name=destination.district_name,
        regency_name=destination.regency_name,
        province_name=destination.province_name,
        postal_code=destination.postal_code,
        coordinates=place,
    )
