"""gotong.order.v1: ask the neighbours, apply the rules, record the result."""

from datetime import timedelta
from uuid import UUID

from gotong.order.v1 import order_pb2 as pb
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceServicer, OrderServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.health import violations
from services.kit.ids import derived_in_time
from services.kit.jobs import Jobs
from services.kit.mapping import money_from_proto, time_from_proto
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.order import domain, store
from services.order.clients import Logistics, Payments, Products, Warehouse
from services.order.invariants import INVARIANTS
from services.order.jobs import CONFIRM_STOCK, RELEASE_STOCK
from services.order.mapping import (
    amount_due_to_proto,
    event_to_proto,
    order_to_proto,
    state_from_proto,
)


class OrderService(OrderServiceServicer):
    def __init__(  # noqa: PLR0913 - its neighbours
        self,
        db: Database,
        clock: Clock,
        jobs: Jobs,
        *,
        logistics: Logistics,
        products: Products,
        warehouse: Warehouse,
        payments: Payments,
        payment_window: timedelta,
    ) -> None:
        self.db = db
        self.clock = clock
        self._jobs = jobs
        self._logistics = logistics
        self._products = products
        self._warehouse = warehouse
        self._payments = payments
        self._payment_window = payment_window

    @command
    async def CreateOrder(self, request: pb.CreateOrderRequest, call: Call) -> pb.Order:
        """The order's id comes from the quote's: a quote makes one order and one reservation."""
        quote = await self._logistics.quote(request.shipping_quote_id, call.actor.user_id)
        order = domain.place(
            id=derived_in_time(quote.id, "order"),
            buyer_id=call.actor.user_id,
            quote=quote,
            option_id=request.shipping_option_id,
            prices=await self._products.prices(quote.items),
            now=call.now,
            payment_window=self._payment_window,
        )
        await self._warehouse.reserve(
            order.id,
            order.location_id,
            quote.items,
            order.expire_time + domain.RESERVATION_MARGIN,
        )
        if not await store.add(call.tx, order, str(call.actor)):
            raise domain.QuoteAlreadyUsed(
                "an order was placed from this quote", shipping_quote_id=str(quote.id)
            )
        return order_to_proto(order)

    @query
    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.Order:
        audience = domain.audience(call.actor)
        return order_to_proto(await store.get(call.tx, UUID(request.order_id), audience))

    @query
    async def ListOrders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        if request.buyer_id and not call.actor.is_staff:
            raise domain.StaffOnly("only staff may name a buyer")
        window = Window.of(request)
        found = await store.list_visible(
            call.tx,
            domain.audience(call.actor),
            window,
            states=[state_from_proto(state) for state in request.states],
            buyer_id=UUID(request.buyer_id) if request.buyer_id else None,
        )
        orders, next_page_token = window.page(found, lambda order: order.id)
        return pb.ListOrdersResponse(
            orders=map(order_to_proto, orders), next_page_token=next_page_token
        )

    @command
    async def CancelOrder(self, request: pb.CancelOrderRequest, call: Call) -> pb.Order:
        order_id = UUID(request.order_id)
        async with self.db.reading() as tx:
            order = await store.get(tx, order_id)
        domain.may_cancel(order, call.actor)
        if not await self._payments.close(order_id):
            raise domain.not_cancellable(domain.State.PAID)
        cancelled = await store.set_closed(
            call.tx,
            order_id,
            domain.State.CANCELLED,
            actor=str(call.actor),
            reason=request.reason,
            now=call.now,
        )
        order = await store.get(call.tx, order_id)
        if not cancelled:
            raise domain.not_cancellable(order.state)
        await self._jobs.wake(call.tx, RELEASE_STOCK, order_id)
        return order_to_proto(order)

    @query
    async def ListOrderEvents(
        self, request: pb.ListOrderEventsRequest, call: Call
    ) -> pb.ListOrderEventsResponse:
        window = Window.of(request)
        order = await store.get(call.tx, UUID(request.order_id), domain.audience(call.actor))
        found = await store.list_events(call.tx, order.id, window)
        events, next_page_token = window.page(found, lambda event: event.id)
        return pb.ListOrderEventsResponse(
            events=map(event_to_proto, events), next_page_token=next_page_token
        )

    @query
    async def CheckOrderInvariants(
        self, request: pb.CheckOrderInvariantsRequest, call: Call
    ) -> pb.CheckOrderInvariantsResponse:
        found = await violations(self.db, INVARIANTS)
        return pb.CheckOrderInvariantsResponse(
            violations=[
                pb.CheckOrderInvariantsResponse.Violation(invariant=invariant, subject=subject)
                for invariant, subject in found
            ]
        )


class OrderInternalService(OrderInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock, jobs: Jobs) -> None:
        self.db = db
        self.clock = clock
        self._jobs = jobs

    @query
    async def GetAmountDue(self, request: pb.GetAmountDueRequest, call: Call) -> pb.AmountDue:
        buyer = domain.Audience(everybody=False, buyer_id=UUID(request.user_id), seller_id=None)
        return amount_due_to_proto(await store.get(call.tx, UUID(request.order_id), buyer))

    @command
    async def MarkOrderPaid(self, request: pb.MarkOrderPaidRequest, call: Call) -> pb.Order:
        order_id, payment_id = UUID(request.order_id), UUID(request.payment_id)
        amount = money_from_proto(request.amount)
        order = await store.get(call.tx, order_id)
        if domain.is_paid_by(order, payment_id, amount):
            return order_to_proto(order)
        paid = await store.set_paid(
            call.tx,
            order,
            payment_id=payment_id,
            pay_time=time_from_proto(request.pay_time),
            actor=str(call.actor),
            now=call.now,
        )
        order = await store.get(call.tx, order_id)
        if not paid:
            domain.is_paid_by(order, payment_id, amount)
            return order_to_proto(order)
        await self._jobs.wake(call.tx, CONFIRM_STOCK, order_id)
        return order_to_proto(order)
