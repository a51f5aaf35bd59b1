import asyncio
from datetime import timedelta

import grpc
import pytest

from gotong.order.v1 import order_pb2 as pb
from gotong.warehouse.v1 import warehouse_pb2 as warehouse
from services.kit.mapping import time_from_proto
from tests.order.conftest import PAYMENT_WINDOW, Buyer, Orders, a_buyer
from tests.order.requests import a_seller, create_order
from tests.support import an_id, denied, idr, invalid, reason_of, refused


async def orders_of(buyer: Buyer) -> list[pb.Order]:
    return list((await buyer.stub.ListOrders(pb.ListOrdersRequest(page_size=100))).orders)


async def test_the_total_is_goods_and_shipping(buyer: Buyer) -> None:
    order = await buyer.place((100_000, 2), (25_000, 2), shipping=18_000)

    assert [line.amount for line in order.lines] == [idr(200_000), idr(50_000)]
    assert order.subtotal == idr(250_000)
    assert order.shipping_amount == idr(18_000)
    assert (order.tax_amount, order.discount_amount) == (idr(0), idr(0))
    assert order.total == idr(268_000)


async def test_an_order_keeps_what_was_agreed(orders: Orders, buyer: Buyer) -> None:
    seller = a_seller()
    quote_id = buyer.quote((50_000, 3), seller=seller)
    quote = orders.quotes.known[quote_id]

    order = await buyer.stub.CreateOrder(create_order(quote_id))

    assert order == pb.Order(
        id=order.id,
        buyer_id=buyer.id,
        seller=seller,
        state=pb.Order.STATE_PENDING_PAYMENT,
        lines=order.lines,
        shipping=pb.Order.Shipping(
            shipping_quote_id=quote_id,
            shipping_option_id="jne:reg",
            courier_code="jne",
            service_code="reg",
            location_id=quote.location_id,
            destination=quote.destination,
        ),
        subtotal=idr(150_000),
        shipping_amount=idr(18_000),
        tax_amount=idr(0),
        discount_amount=idr(0),
        total=idr(168_000),
        create_time=order.create_time,
        update_time=order.create_time,
        expire_time=order.expire_time,
    )
    assert time_from_proto(order.create_time) == orders.clock()
    assert time_from_proto(order.expire_time) == orders.clock() + PAYMENT_WINDOW
    assert await buyer.get(order.id) == order


async def test_a_line_keeps_what_was_priced(orders: Orders, buyer: Buyer) -> None:
    quote_id = buyer.quote((50_000, 3))
    [item] = orders.quotes.known[quote_id].items
    variant = orders.catalogue.variants[item.variant_id]

    order = await buyer.stub.CreateOrder(create_order(quote_id))

    assert order.lines[0] == pb.Order.Line(
        variant_id=variant.variant_id,
        product_id=variant.product_id,
        sku=variant.sku,
        name=variant.name,
        quantity=3,
        unit_price=idr(50_000),
        amount=idr(150_000),
    )


async def test_a_destination_without_coordinates_stays_without(
    orders: Orders, buyer: Buyer
) -> None:
    quote_id = buyer.quote()
    orders.quotes.known[quote_id].destination.ClearField("coordinates")

    order = await buyer.stub.CreateOrder(create_order(quote_id))

    assert not order.shipping.destination.HasField("coordinates")
    assert await buyer.get(order.id) == order


async def test_a_price_that_changes_later_does_not_change_the_order(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place((50_000, 1))

    orders.catalogue.variants[order.lines[0].variant_id].unit_price.CopyFrom(idr(99_000))

    assert await buyer.get(order.id) == order


async def test_the_price_is_that_of_the_order_not_of_the_quote(
    orders: Orders, buyer: Buyer
) -> None:
    quote_id = buyer.quote((50_000, 1), shipping=9_000)
    variant_id = orders.quotes.known[quote_id].items[0].variant_id
    orders.catalogue.variants[variant_id].unit_price.CopyFrom(idr(45_000))

    order = await buyer.stub.CreateOrder(create_order(quote_id))

    assert order.total == idr(54_000)


async def test_the_stock_is_set_aside_for_longer_than_the_order_can_be_paid(
    orders: Orders, buyer: Buyer
) -> None:
    quote_id = buyer.quote((50_000, 3), (10_000, 1))
    quote = orders.quotes.known[quote_id]

    order = await buyer.stub.CreateOrder(create_order(quote_id))

    reservation = orders.stock.reservations[order.id]
    assert reservation.owner_type == warehouse.Reservation.OWNER_TYPE_ORDER
    assert reservation.location_id == quote.location_id
    assert [(item.variant_id, item.quantity) for item in reservation.items] == [
        (item.variant_id, item.quantity) for item in quote.items
    ]
    margin = time_from_proto(reservation.expire_time) - time_from_proto(order.expire_time)
    assert margin == timedelta(minutes=30)


async def test_the_largest_quote_makes_an_order(buyer: Buyer) -> None:
    order = await buyer.place(*[(1_000_000_000, 10_000)] * 50, shipping=10_000_000)

    assert order.total == idr(500_000_000_000_000 + 10_000_000)
    assert await buyer.get(order.id) == order


async def test_an_unknown_quote_is_refused(buyer: Buyer) -> None:
    with refused("QUOTE_NOT_FOUND"):
        await buyer.stub.CreateOrder(create_order(an_id()))


async def test_somebody_elses_quote_is_not_found(orders: Orders, buyer: Buyer) -> None:
    somebody = await a_buyer(orders)

    with refused("QUOTE_NOT_FOUND"):
        await buyer.stub.CreateOrder(create_order(somebody.quote()))


async def test_an_expired_quote_is_refused(buyer: Buyer) -> None:
    quote_id = buyer.quote(lifetime=timedelta(0))

    with refused("QUOTE_EXPIRED"):
        await buyer.stub.CreateOrder(create_order(quote_id))


async def test_an_option_that_the_quote_has_not_is_refused(orders: Orders, buyer: Buyer) -> None:
    quote_id = buyer.quote()

    with refused("SHIPPING_OPTION_NOT_FOUND", shipping_option_id="jne:yes"):
        await buyer.stub.CreateOrder(create_order(quote_id, option_id="jne:yes"))
    assert orders.stock.reservations_at(buyer.location_of(quote_id)) == []


async def test_nothing_is_set_aside_when_a_variant_is_not_for_sale(
    orders: Orders, buyer: Buyer
) -> None:
    quote_id = buyer.quote((1_000, 1), (2_000, 1))
    variant_id = orders.quotes.known[quote_id].items[1].variant_id
    del orders.catalogue.variants[variant_id]

    with refused("PRODUCT_UNAVAILABLE", variant_id=variant_id):
        await buyer.stub.CreateOrder(create_order(quote_id))
    assert orders.stock.reservations_at(buyer.location_of(quote_id)) == []
    assert await orders_of(buyer) == []


async def test_there_is_no_order_without_stock(orders: Orders, buyer: Buyer) -> None:
    quote_id = buyer.quote((1_000, 2))
    variant_id = orders.quotes.known[quote_id].items[0].variant_id
    orders.stock.left[variant_id] = 1

    with refused("OUT_OF_STOCK", variant_id=variant_id):
        await buyer.stub.CreateOrder(create_order(quote_id))
    assert await orders_of(buyer) == []


@pytest.mark.parametrize("reason", ["LOCATION_NOT_FOUND", "LOCATION_INACTIVE"])
async def test_a_location_that_does_not_ship_any_more_is_refused(
    orders: Orders, buyer: Buyer, reason: str
) -> None:
    quote_id = buyer.quote()
    location_id = buyer.location_of(quote_id)
    orders.stock.locations[location_id] = reason

    with refused("LOCATION_CLOSED", location_id=location_id):
        await buyer.stub.CreateOrder(create_order(quote_id))
    assert await orders_of(buyer) == []


async def test_a_quote_refused_for_want_of_stock_can_be_used_when_there_is_some(
    orders: Orders, buyer: Buyer
) -> None:
    request = create_order(buyer.quote((1_000, 2)))
    variant_id = orders.quotes.known[request.shipping_quote_id].items[0].variant_id
    orders.stock.left[variant_id] = 1
    with refused("OUT_OF_STOCK"):
        await buyer.stub.CreateOrder(request)

    orders.stock.left[variant_id] = 2

    assert (await buyer.stub.CreateOrder(request)).total == idr(20_000)


async def test_an_order_waits_for_the_warehouse(orders: Orders, buyer: Buyer) -> None:
    request = create_order(buyer.quote())
    location_id = buyer.location_of(request.shipping_quote_id)
    orders.stock.away.add(location_id)
    with denied(grpc.StatusCode.UNAVAILABLE):
        await buyer.stub.CreateOrder(request)
    assert await orders_of(buyer) == []

    orders.stock.away.remove(location_id)
    order = await buyer.stub.CreateOrder(request)

    assert await orders_of(buyer) == [order]


async def test_a_quote_makes_one_order(orders: Orders, buyer: Buyer) -> None:
    quote_id = buyer.quote()

    answers = await asyncio.gather(
        *(buyer.stub.CreateOrder(create_order(quote_id)) for _ in range(8)),
        return_exceptions=True,
    )

    placed = [answer for answer in answers if isinstance(answer, pb.Order)]
    reasons = [reason_of(error) for error in answers if isinstance(error, BaseException)]
    assert await orders_of(buyer) == placed
    assert reasons == ["QUOTE_ALREADY_USED"] * 7
    assert len(orders.stock.reservations_at(buyer.location_of(quote_id))) == 1


async def test_a_used_quote_is_refused_by_name(buyer: Buyer) -> None:
    order = await buyer.place()
    quote_id = order.shipping.shipping_quote_id

    with refused("QUOTE_ALREADY_USED", shipping_quote_id=quote_id):
        await buyer.stub.CreateOrder(create_order(quote_id))


@pytest.mark.parametrize("times", [8, 64])
async def test_retries_return_the_first_order(orders: Orders, buyer: Buyer, times: int) -> None:
    request = create_order(buyer.quote())

    first, *retries = await asyncio.gather(*(buyer.stub.CreateOrder(request) for _ in range(times)))

    assert retries == [first] * (times - 1)
    assert await orders_of(buyer) == [first]
    assert len(await buyer.history(first.id)) == 1
    location_id = buyer.location_of(request.shipping_quote_id)
    assert len(orders.stock.reservations_at(location_id)) == 1


async def test_a_retry_after_the_order_was_paid_returns_it_as_it_was_placed(
    orders: Orders, buyer: Buyer
) -> None:
    request = create_order(buyer.quote())
    order = await buyer.stub.CreateOrder(request)
    await orders.pay(order)

    assert await buyer.stub.CreateOrder(request) == order


async def test_the_same_request_id_for_another_quote_is_refused(buyer: Buyer) -> None:
    request_id = an_id()
    await buyer.stub.CreateOrder(create_order(buyer.quote(), request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.stub.CreateOrder(create_order(buyer.quote(), request_id=request_id))


async def test_a_seller_places_no_orders(orders: Orders, buyer: Buyer) -> None:
    seller = await orders.user("seller", org_id=an_id())

    with refused("ROLE_REQUIRED"):
        await seller.CreateOrder(create_order(buyer.quote()))


async def test_a_malformed_request_is_refused_by_field(buyer: Buyer) -> None:
    with invalid("shipping_quote_id", "shipping_option_id", "request_id"):
        await buyer.stub.CreateOrder(
            pb.CreateOrderRequest(
                shipping_quote_id="1", shipping_option_id="x" * 81, request_id="1"
            )
        )
