"""gotong.payment.v1: paying for orders, and what other services ask of payments."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from uuid import UUID

from grpc.aio import ServicerContext

from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1.payment_pb2_grpc import (
    PaymentInternalServiceServicer,
    PaymentServiceServicer,
)
from services.kit.actor import Actor
from services.kit.clock import Clock
from services.kit.db import Database, Tx
from services.kit.edge import current_actor
from services.kit.ids import new_id
from services.kit.jobs import Jobs
from services.kit.mapping import money_from_proto
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.payment.clients import Orders
from services.payment.domain import rules
from services.payment.domain.payment import ASK_AGAIN_AFTER, Payment
from services.payment.mapping import payment_to_proto, state_from_proto
from services.payment.settlement import WATCH, Settlement
from services.payment.store import payments as store


@dataclass
class Intent:
    """One call's try at recording a payment: by its id the call knows whether it was the one."""

    db: Database
    clock: Clock
    jobs: Jobs
    orders: Orders
    id: UUID = field(default_factory=new_id)
    payment: Payment | None = None

    @command
    async def record(self, request: pb.CreatePaymentRequest, call: Call) -> pb.Payment:
        """The payment as asked for, and the task that brings it on should this process end here."""
        order_id, buyer_id = UUID(request.order_id), call.actor.user_id
        due = await self.orders.amount_due(order_id, buyer_id)
        rules.check_payable(due, money_from_proto(request.amount), call.now)
        created = rules.opened(due, id=self.id, buyer_id=buyer_id, now=call.now)
        now = self.clock()
        asked = rules.asked(created, now)
        await self._add(call, created, asked)
        await self.jobs.wake(call.tx, WATCH, self.id, now + ASK_AGAIN_AFTER)
        self.payment = asked
        return payment_to_proto(asked)

    async def _add(self, call: Call, *steps: Payment) -> None:
        is_added = False
        while not is_added:
            payable, is_added = await store.add(
                call.tx, steps, by=str(call.actor), reason="asked for an invoice"
            )
            rules.check_open(payable)
            if not is_added:
                rules.check_free(await store.find_live(call.tx, payable.order_id))


class PaymentService(PaymentServiceServicer):
    def __init__(
        self, db: Database, clock: Clock, jobs: Jobs, orders: Orders, settlement: Settlement
    ) -> None:
        self.db = db
        self.clock = clock
        self._jobs = jobs
        self._orders = orders
        self._settlement = settlement

    async def CreatePayment(
        self,
        request: pb.CreatePaymentRequest,
        context: ServicerContext[pb.CreatePaymentRequest, Awaitable[pb.Payment]],
    ) -> pb.Payment:
        """Recorded once per request; a retry also sees how far it has come since."""
        by = str(current_actor())
        intent = Intent(self.db, self.clock, self._jobs, self._orders)
        async with self._settlement.turn(intent.id):
            recorded = await intent.record(request, context)
            if intent.payment and recorded.id == str(intent.id):
                return payment_to_proto(await self._settlement.ask(intent.payment, by=by))
        return payment_to_proto(await self._settlement.open(UUID(recorded.id), by=by))

    @query
    async def GetPayment(self, request: pb.GetPaymentRequest, call: Call) -> pb.Payment:
        return payment_to_proto(await _get(call.tx, request.payment_id, call.actor))

    @query
    async def ListPayments(
        self, request: pb.ListPaymentsRequest, call: Call
    ) -> pb.ListPaymentsResponse:
        window = Window.of(request)
        found = await store.list_payments(
            call.tx,
            window,
            buyer_id=_owner(call.actor),
            order_id=UUID(request.order_id) if request.order_id else None,
            states=[state_from_proto(state) for state in request.states],
        )
        payments, next_page_token = window.page(found, lambda payment: payment.id)
        return pb.ListPaymentsResponse(
            payments=map(payment_to_proto, payments), next_page_token=next_page_token
        )

    @command
    async def CancelPayment(self, request: pb.CancelPaymentRequest, call: Call) -> pb.Payment:
        request_id = UUID(request.request_id)
        async with self.db.reading() as tx:
            payment = await _get(tx, request.payment_id, call.actor)
        rules.check_cancellable(payment, request_id)
        await self._settlement.close(payment.id, request_id=request_id, by=str(call.actor))
        payment = await store.get(call.tx, payment.id)
        rules.check_cancelled(payment)
        return payment_to_proto(payment)

    @command
    async def SyncPayment(self, request: pb.SyncPaymentRequest, call: Call) -> pb.Payment:
        async with self.db.reading() as tx:
            payment = await _get(tx, request.payment_id, call.actor)
        await self._settlement.look(payment.id, by=str(call.actor))
        return payment_to_proto(await store.get(call.tx, payment.id))


class PaymentInternalService(PaymentInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock, settlement: Settlement) -> None:
        self.db = db
        self.clock = clock
        self._settlement = settlement

    @command
    async def ClosePayable(
        self, request: pb.ClosePayableRequest, call: Call
    ) -> pb.ClosePayableResponse:
        order_id, request_id = UUID(request.order_id), UUID(request.request_id)
        async with self.db.reading() as tx:
            live = await store.find_live(tx, order_id)
        if live:
            await self._settlement.close(live.id, request_id=request_id, by=str(call.actor))
        payable = await store.lock_payable(call.tx, order_id)
        rules.check_closable(payable, await store.find_live(call.tx, order_id))
        await store.close_payable(call.tx, order_id, call.now)
        return pb.ClosePayableResponse()


async def _get(tx: Tx, payment_id: str, actor: Actor) -> Payment:
    return await store.get(tx, UUID(payment_id), buyer_id=_owner(actor))


def _owner(actor: Actor) -> UUID | None:
    """Whose payments the caller may see: staff everybody's."""
    return None if actor.is_staff else actor.user_id
