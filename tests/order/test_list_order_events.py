from typing import Any

import pytest

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from tests.order.conftest import Buyer, Orders, a_buyer
from tests.order.requests import a_seller, cancel_order
from tests.support import an_id, invalid, refused


def list_events(order_id: str, **fields: Any) -> pb.ListOrderEventsRequest:  # noqa: ANN401 - a request's
    return pb.ListOrderEventsRequest(order_id=order_id, **fields)


async def test_a_history_begins_when_the_order_is_placed(buyer: Buyer) -> None:
    order = await buyer.place()

    (event,) = (await buyer.stub.ListOrderEvents(list_events(order.id))).events

    assert event == pb.OrderEvent(
        id=event.id,
        from_state=pb.Order.STATE_UNSPECIFIED,
        to_state=pb.Order.STATE_PENDING_PAYMENT,
        actor=f"buyer:{buyer.id}",
        create_time=order.create_time,
    )


async def test_events_are_listed_first_to_last_page_by_page(orders: Orders, buyer: Buyer) -> None:
    order = await buyer.place()
    await orders.pay(order)
    request = list_events(order.id, page_size=1)

    first = await buyer.stub.ListOrderEvents(request)
    request.page_token = first.next_page_token
    second = await buyer.stub.ListOrderEvents(request)

    states = [event.to_state for event in (*first.events, *second.events)]
    assert states == [pb.Order.STATE_PENDING_PAYMENT, pb.Order.STATE_PAID]
    assert second.next_page_token == ""


async def test_events_are_those_of_the_order(buyer: Buyer) -> None:
    order, other = await buyer.place(), await buyer.place()
    await buyer.stub.CancelOrder(cancel_order(other.id))

    assert len(await buyer.history(order.id)) == 1


async def test_who_sees_an_order_sees_its_history(orders: Orders, buyer: Buyer) -> None:
    seller = a_seller()
    order = await buyer.place(seller=seller)
    callers = [
        await orders.user("seller", org_id=seller.id),
        await orders.user("admin"),
        await orders.user("ops"),
    ]

    for caller in callers:
        assert len((await caller.ListOrderEvents(list_events(order.id))).events) == 1


async def test_the_history_of_somebody_elses_order_is_not_found(
    orders: Orders, buyer: Buyer
) -> None:
    order = await buyer.place(seller=a_seller())
    strangers = [(await a_buyer(orders)).stub, await orders.user("seller", org_id=an_id())]

    for stranger in strangers:
        with refused("ORDER_NOT_FOUND"):
            await stranger.ListOrderEvents(list_events(order.id))


async def test_an_unknown_order_is_not_found(admin: OrderServiceStub) -> None:
    with refused("ORDER_NOT_FOUND"):
        await admin.ListOrderEvents(list_events(an_id()))


async def test_a_page_token_that_no_list_gave_out_is_refused(buyer: Buyer) -> None:
    order = await buyer.place()

    with refused("INVALID_PAGE_TOKEN"):
        await buyer.stub.ListOrderEvents(list_events(order.id, page_token="bm8="))


@pytest.mark.parametrize(
    ("field", "value"),
    [("order_id", "1"), ("page_size", 101), ("page_size", -1), ("page_token", "x" * 201)],
)
async def test_a_malformed_request_is_refused_by_field(
    buyer: Buyer, field: str, value: object
) -> None:
    request = list_events(an_id())
    setattr(request, field, value)

    with invalid(field):
        await buyer.stub.ListOrderEvents(request)
