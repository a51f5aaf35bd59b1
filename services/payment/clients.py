"""What the payment service asks its neighbours, in its own words."""

from uuid import UUID

import grpc

from gotong.order.v1 import order_pb2 as order
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceStub
from services.kit.channel import Refused, ask, translated
from services.kit.ids import derived_id
from services.kit.mapping import money_from_proto, money_to_proto, time_from_proto, time_to_proto
from services.payment.domain.payment import AmountDue, Payment
from services.payment.domain.refusals import OrderNotFound


class OrderContradicts(Exception):
    """An order refuses money that by the rules it must take: for an operator to look at."""


class Orders:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self._stub = OrderInternalServiceStub(channel)

    async def amount_due(self, order_id: UUID, buyer_id: UUID) -> AmountDue:
        """What an order of that buyer costs. Raises OrderNotFound."""
        request = order.GetAmountDueRequest(order_id=str(order_id), user_id=str(buyer_id))
        try:
            due = await ask(self._stub.GetAmountDue, request)
        except Refused as refusal:
            raise translated(refusal, {"ORDER_NOT_FOUND": OrderNotFound}) from None
        return AmountDue(
            order_id=order_id,
            total_amount=money_from_proto(due.total),
            shipping_amount=money_from_proto(due.shipping_amount),
            waits_for_payment=due.state == order.Order.STATE_PENDING_PAYMENT,
            expire_time=time_from_proto(due.expire_time),
        )

    async def mark_paid(self, payment: Payment) -> None:
        """Tell an order that its money is here; again changes nothing. Raises OrderContradicts."""
        request = order.MarkOrderPaidRequest(
            order_id=str(payment.order_id),
            payment_id=str(payment.id),
            amount=money_to_proto(payment.captured_amount),
            pay_time=time_to_proto(payment.capture_time),
            request_id=str(derived_id(payment.id, "mark_order_paid")),
        )
        try:
            await ask(self._stub.MarkOrderPaid, request)
        except Refused as refusal:
            raise OrderContradicts(f"order {payment.order_id}: {refusal}") from refusal
