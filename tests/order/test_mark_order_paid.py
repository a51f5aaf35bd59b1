from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceStub
from tests.order.conftest import Buyer, Orders
from tests.order.requests import mark_order_paid
from tests.support import an_id, eventually


async def test_a_paid_order_keeps_its_stock(
    orders: Orders, buyer: Buyer, payment: OrderInternalServiceStub
) -> None:
    order = await buyer.place()

    paid = await payment.MarkOrderPaid(mark_order_paid(order))

    assert paid.state == pb.Order.STATE_PAID

    async def confirmed() -> bool:
        return orders.stock.state(order.id) == "STATE_CONFIRMED"

    await eventually(confirmed)
