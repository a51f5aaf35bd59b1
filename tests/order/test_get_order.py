from collections.abc import Callable

import pytest

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderServiceStub
from gotong.product.v1 import product_pb2 as product
from tests.order.conftest import Buyer, Orders, a_buyer
from tests.order.requests import a_factory, a_seller
from tests.support import an_id, invalid, refused


def get_order(order_id: str) -> pb.GetOrderRequest:
    return pb.GetOrderRequest(order_id=order_id)


async def test_a_buyer_reads_their_order(buyer: Buyer) -> None:
    order = await buyer.place()

    assert await buyer.stub.GetOrder(get_order(order.id)) == order


@pytest.mark.parametrize("role", ["admin", "ops"])
async def test_staff_read_any_order(orders: Orders, buyer: Buyer, role: str) -> None:
    order = await buyer.place()
    staff = await orders.user(role)

    assert await staff.GetOrder(get_order(order.id)) == order


@pytest.mark.parametrize(("role", "owner"), [("seller", a_seller), ("factory", a_factory)])
async def test_who_sells_reads_the_orders_for_their_goods(
    orders: Orders, buyer: Buyer, role: str, owner: Callable[[], product.Owner]
) -> None:
    seller = owner()
    order = await buyer.place(seller=seller)
    member = await orders.user(role, org_id=seller.id)

    assert await member.GetOrder(get_order(order.id)) == order


async def strangers(orders: Orders) -> list[OrderServiceStub]:
    return [
        (await a_buyer(orders)).stub,
        await orders.user("seller", org_id=an_id()),
        await orders.user("factory", org_id=an_id()),
        await orders.user("seller"),
    ]


async def test_somebody_elses_order_is_not_found(orders: Orders, buyer: Buyer) -> None:
    for seller in (product.Owner(kind=product.Owner.KIND_PLATFORM), a_seller()):
        order = await buyer.place(seller=seller)

        for stranger in await strangers(orders):
            with refused("ORDER_NOT_FOUND", order_id=order.id):
                await stranger.GetOrder(get_order(order.id))


async def test_the_members_of_an_organization_do_not_read_as_its_buyers(
    orders: Orders, buyer: Buyer
) -> None:
    seller = a_seller()
    order = await buyer.place(seller=seller)
    once_a_member = await orders.user("buyer", org_id=seller.id)

    with refused("ORDER_NOT_FOUND"):
        await once_a_member.GetOrder(get_order(order.id))


async def test_an_unknown_order_is_not_found(buyer: Buyer, admin: OrderServiceStub) -> None:
    for anybody in (buyer.stub, admin):
        with refused("ORDER_NOT_FOUND"):
            await anybody.GetOrder(get_order(an_id()))


async def test_a_malformed_id_is_refused_by_field(buyer: Buyer) -> None:
    with invalid("order_id"):
        await buyer.stub.GetOrder(get_order("1"))
