import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import Engine, event

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from services.kit.edge import current_actor
from tests.order.conftest import Buyer, Orders, a_buyer
from tests.order.requests import a_factory, a_seller, cancel_order
from tests.support import an_id, invalid, refused

PENDING, PAID, CANCELLED = (
    pb.Order.STATE_PENDING_PAYMENT,
    pb.Order.STATE_PAID,
    pb.Order.STATE_CANCELLED,
)


async def ids(caller: OrderServiceStub, **fields: Any) -> list[str]:  # noqa: ANN401 - a request's
    response = await caller.ListOrders(pb.ListOrdersRequest(**fields))
    return [order.id for order in response.orders]


async def walk(caller: OrderServiceStub, request: pb.ListOrdersRequest) -> list[list[str]]:
    """The ids of all pages."""
    pages = []
    while True:
        response = await caller.ListOrders(request)
        pages.append([order.id for order in response.orders])
        if not response.next_page_token:
            return pages
        request.page_token = response.next_page_token


@contextmanager
def statements_of(buyer: Buyer) -> Iterator[list[str]]:
    """What the service asks its database while it answers this buyer."""
    seen: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        if current_actor().name == buyer.id:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


async def test_the_newest_order_comes_first(buyer: Buyer) -> None:
    first, second, third = [await buyer.place() for _ in range(3)]

    response = await buyer.stub.ListOrders(pb.ListOrdersRequest())

    assert list(response.orders) == [third, second, first]
    assert response.next_page_token == ""


async def test_who_has_no_orders_sees_none(buyer: Buyer) -> None:
    assert await walk(buyer.stub, pb.ListOrdersRequest()) == [[]]


@pytest.mark.parametrize("page_size", [1, 2, 6, 7, 12, 13, 14, 100])
async def test_every_order_is_on_one_page_whatever_its_size(buyer: Buyer, page_size: int) -> None:
    placed = await asyncio.gather(*(buyer.place() for _ in range(13)))

    pages = await walk(buyer.stub, pb.ListOrdersRequest(page_size=page_size))

    assert list(chain(*pages)) == sorted((order.id for order in placed), reverse=True)
    assert all(len(page) == page_size for page in pages[:-1])
    assert 1 <= len(pages[-1]) <= page_size


async def test_a_page_is_twenty_unless_said_otherwise(buyer: Buyer) -> None:
    await asyncio.gather(*(buyer.place() for _ in range(21)))

    assert list(map(len, await walk(buyer.stub, pb.ListOrdersRequest()))) == [20, 1]


async def test_an_order_placed_meanwhile_moves_no_page(buyer: Buyer) -> None:
    placed = [(await buyer.place()).id for _ in range(3)]
    request = pb.ListOrdersRequest(page_size=2)
    request.page_token = (await buyer.stub.ListOrders(request)).next_page_token

    await buyer.place()

    assert await walk(buyer.stub, request) == [placed[:1]]


async def test_a_list_takes_as_many_statements_for_many_orders_as_for_one(buyer: Buyer) -> None:
    request = pb.ListOrdersRequest(page_size=100)
    await buyer.place((1_000, 1))
    with statements_of(buyer) as for_one:
        await buyer.stub.ListOrders(request)

    await asyncio.gather(*(buyer.place((1_000, 1), (2_000, 1)) for _ in range(99)))

    with statements_of(buyer) as for_many:
        assert len((await buyer.stub.ListOrders(request)).orders) == 100
    assert len(for_many) == len(for_one) == 1


async def test_orders_are_found_by_their_states(orders: Orders, buyer: Buyer) -> None:
    pending, paid, cancelled = [await buyer.place() for _ in range(3)]
    await orders.pay(paid)
    await buyer.stub.CancelOrder(cancel_order(cancelled.id))

    assert await ids(buyer.stub, states=[PENDING]) == [pending.id]
    assert await ids(buyer.stub, states=[PAID, CANCELLED]) == [cancelled.id, paid.id]
    assert await ids(buyer.stub, states=[pb.Order.STATE_EXPIRED]) == []


async def test_a_page_of_a_filtered_list_is_as_full_as_any(orders: Orders, buyer: Buyer) -> None:
    placed = [await buyer.place() for _ in range(6)]
    for order in placed[::2]:
        await orders.pay(order)

    pages = await walk(buyer.stub, pb.ListOrdersRequest(page_size=2, states=[PENDING]))

    assert pages == [[placed[5].id, placed[3].id], [placed[1].id]]


async def test_buyers_see_only_their_own(orders: Orders, buyer: Buyer) -> None:
    somebody = await a_buyer(orders)
    mine, _ = await buyer.place(), await somebody.place()

    assert await ids(buyer.stub) == [mine.id]


async def test_who_sells_sees_the_orders_for_their_goods(orders: Orders, buyer: Buyer) -> None:
    for role, seller in (("seller", a_seller()), ("factory", a_factory())):
        theirs, _, _ = (
            await buyer.place(seller=seller),
            await buyer.place(seller=a_seller()),
            await buyer.place(),
        )

        assert await ids(await orders.user(role, org_id=seller.id)) == [theirs.id]


async def test_a_seller_without_an_organization_sees_none(orders: Orders, buyer: Buyer) -> None:
    await buyer.place()

    assert await ids(await orders.user("seller")) == []


async def test_who_sells_and_buys_sees_both(orders: Orders, buyer: Buyer) -> None:
    seller = a_seller()
    sold, bought = await buyer.place(seller=seller), await buyer.place()
    both = await orders.user("buyer", "seller", sub=buyer.id, org_id=seller.id)

    assert await ids(both) == [bought.id, sold.id]


@pytest.mark.parametrize("role", ["admin", "ops"])
async def test_staff_see_everybodys(orders: Orders, buyer: Buyer, role: str) -> None:
    somebody = await a_buyer(orders)
    first, second = await buyer.place(), await somebody.place()

    assert await ids(await orders.user(role), page_size=2) == [second.id, first.id]


async def test_staff_name_a_buyer(buyer: Buyer, orders: Orders, admin: OrderServiceStub) -> None:
    mine, _ = await buyer.place(), await (await a_buyer(orders)).place()

    assert await ids(admin, buyer_id=buyer.id) == [mine.id]
    assert await ids(admin, buyer_id=buyer.id, states=[PAID]) == []


async def test_only_staff_name_a_buyer(orders: Orders, buyer: Buyer) -> None:
    for caller in (buyer.stub, await orders.user("seller", org_id=an_id())):
        with refused("STAFF_ONLY"):
            await ids(caller, buyer_id=buyer.id)


@pytest.mark.parametrize(
    "token",
    ["?", "bm8=", "ü", "AAAA", urlsafe_b64encode(b"1" * 40).decode(), "gA==", "x" * 200],
)
async def test_a_page_token_that_no_list_gave_out_is_refused(buyer: Buyer, token: str) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await ids(buyer.stub, page_token=token)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page_size", 101),
        ("page_size", -1),
        ("page_token", "x" * 201),
        ("states", [99]),
        ("states", [0]),
        ("states", [1] * 11),
        ("buyer_id", "sari"),
    ],
)
async def test_a_malformed_request_is_refused_by_field(
    admin: OrderServiceStub, field: str, value: object
) -> None:
    with invalid(field):
        await ids(admin, **{field: value})
