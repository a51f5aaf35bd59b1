import pytest

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceStub
from tests.order.conftest import Buyer, Orders, a_buyer
from tests.order.requests import a_seller, cancel_order
from tests.support import an_id, idr, invalid, refused


def get_amount_due(order_id: str, user_id: str) -> pb.GetAmountDueRequest:
    return pb.GetAmountDueRequest(order_id=order_id, user_id=user_id)


async def test_what_is_due_is_the_total(buyer: Buyer, payment: OrderInternalServiceStub) -> None:
    order = await buyer.place((125_000, 2), shipping=18_000)

    due = await payment.GetAmountDue(get_amount_due(order.id, buyer.id))

    assert due == pb.AmountDue(
        order_id=order.id,
        buyer_id=buyer.id,
        state=pb.Order.STATE_PENDING_PAYMENT,
        total=idr(268_000),
        goods_amount=idr(250_000),
        shipping_amount=idr(18_000),
        expire_time=order.expire_time,
    )


async def test_it_says_whether_the_order_can_still_be_paid(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    paid, cancelled = await buyer.place(), await buyer.place()
    await orders.pay(paid)
    await buyer.stub.CancelOrder(cancel_order(cancelled.id))

    states = [
        (await payment.GetAmountDue(get_amount_due(order.id, buyer.id))).state
        for order in (paid, cancelled)
    ]

    assert states == [pb.Order.STATE_PAID, pb.Order.STATE_CANCELLED]


async def test_somebody_elses_order_is_not_found(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    seller = a_seller()
    order = await buyer.place(seller=seller)

    for stranger in ((await a_buyer(orders)).id, seller.id):
        with refused("ORDER_NOT_FOUND"):
            await payment.GetAmountDue(get_amount_due(order.id, stranger))


async def test_an_unknown_order_is_not_found(
    buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    with refused("ORDER_NOT_FOUND"):
        await payment.GetAmountDue(get_amount_due(an_id(), buyer.id))


@pytest.mark.parametrize("role", ["buyer", "admin"])
async def test_users_do_not_ask_it(orders: Orders, buyer: Buyer, role: str) -> None:
    order = await buyer.place()
    user = OrderInternalServiceStub(await orders.channel(role, sub=buyer.id))

    with refused("ROLE_REQUIRED"):
        await user.GetAmountDue(get_amount_due(order.id, buyer.id))


async def test_a_malformed_request_is_refused_by_field(payment: OrderInternalServiceStub) -> None:
    with invalid("order_id", "user_id"):
        await payment.GetAmountDue(get_amount_due("1", ""))
