"""What stands around the payment service: orders in miniature, the provider, and its way in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeAlias

import grpc
import httpx
from google.api.httpbody_pb2 import HttpBody
from google.protobuf import any_pb2
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc.aio import ServicerContext
from grpc_status import rpc_status
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.server import listen, running
from gotong.order.v1 import order_pb2 as order
from gotong.order.v1.order_pb2_grpc import OrderInternalServiceServicer
from gotong.payment.v1 import payment_pb2 as pb
from gotong.payment.v1 import webhook_pb2 as webhook
from gotong.payment.v1.webhook_pb2_grpc import PaymentWebhookServiceStub
from services.kit.mapping import time_to_proto
from tests.support import an_id, idr

Json: TypeAlias = dict[str, Any]
Context: TypeAlias = "ServicerContext[Any, Any]"

KEY = "xnd_development_payments"
TOKEN = "callback-token-of-payments"
HOUR = timedelta(hours=1)


@dataclass
class Orders(OrderInternalServiceServicer):
    """The order service: knows what is due, and keeps what it is told."""

    known: dict[str, order.AmountDue] = field(default_factory=dict)
    told: list[order.MarkOrderPaidRequest] = field(default_factory=list)
    # How often an order does not answer before it does.
    away: dict[str, int] = field(default_factory=dict)
    refusing: set[str] = field(default_factory=set)

    def place(
        self,
        *,
        buyer_id: str = "",
        total: int = 275_000,
        shipping: int = 25_000,
        state: order.Order.State.ValueType = order.Order.STATE_PENDING_PAYMENT,
        lasts: timedelta = HOUR,
    ) -> order.AmountDue:
        due = order.AmountDue(
            order_id=an_id(),
            buyer_id=buyer_id or an_id(),
            state=state,
            total=idr(total),
            goods_amount=idr(total - shipping),
            shipping_amount=idr(shipping),
            expire_time=time_to_proto(datetime.now(UTC) + lasts),
        )
        self.known[due.order_id] = due
        return due

    def told_of(self, order_id: str) -> list[order.MarkOrderPaidRequest]:
        return [request for request in self.told if request.order_id == order_id]

    async def GetAmountDue(
        self, request: order.GetAmountDueRequest, context: Context
    ) -> order.AmountDue:
        await self._answer(request.order_id, context)
        due = self.known.get(request.order_id)
        if due is None or due.buyer_id != request.user_id:
            await refuse(context, code_pb2.NOT_FOUND, "ORDER_NOT_FOUND")
        return due

    async def MarkOrderPaid(
        self, request: order.MarkOrderPaidRequest, context: Context
    ) -> order.Order:
        await self._answer(request.order_id, context)
        self.told.append(request)
        if request.order_id in self.refusing:
            await refuse(context, code_pb2.FAILED_PRECONDITION, "ORDER_NOT_PAYABLE")
        return order.Order(id=request.order_id, state=order.Order.STATE_PAID)

    async def _answer(self, order_id: str, context: Context) -> None:
        if self.away.get(order_id, 0):
            self.away[order_id] -= 1
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "not now")


async def refuse(context: Context, code: int, reason: str) -> NoReturn:
    """Say no as our services do."""
    detail = any_pb2.Any()
    detail.Pack(ErrorInfo(reason=reason))
    await context.abort_with_status(
        rpc_status.to_status(Status(code=code, message=reason, details=[detail]))
    )
    raise AssertionError


@dataclass(frozen=True)
class Xendit:
    """The sandbox, by its levers."""

    http: httpx.AsyncClient

    async def invoices(self, payment: pb.Payment) -> list[Json]:
        """All of that payment's name."""
        answer = await self.http.get("/__sandbox__/xendit/invoices")
        found: list[Json] = answer.json()["invoices"]
        return [invoice for invoice in found if invoice["external_id"] == payment.id]

    async def pay(
        self, payment: pb.Payment, amount: int | None = None, *, notify: bool = False
    ) -> None:
        different = {} if amount is None else {"amount": amount}
        await self.pull(payment, "pay", notify=notify, **different)

    async def pull(self, payment: pb.Payment, lever: str, **body: object) -> None:
        """The lever of the invoice: pay, expire, settle or notify."""
        (invoice,) = await self.invoices(payment)
        path = f"/__sandbox__/xendit/invoices/{invoice['id']}/{lever}"
        (await self.http.post(path, json=body)).raise_for_status()

    @asynccontextmanager
    async def failing(
        self,
        operation: str,
        fault: str = "status_500",
        *,
        times: int = 1_000_000,
        seconds: float = 0,
    ) -> AsyncIterator[None]:
        """While the block runs, calls of the operation go wrong."""
        body = {
            "provider": "xendit",
            "fault": fault,
            "operation": operation,
            "times": times,
            "seconds": seconds,
        }
        (await self.http.post("/__sandbox__/faults", json=body)).raise_for_status()
        try:
            yield
        finally:
            (await self.http.delete("/__sandbox__/faults")).raise_for_status()


@dataclass
class WayIn:
    """What the gateway is to webhooks: HTTP in, the same bytes and headers out as gRPC."""

    url: str
    stub: PaymentWebhookServiceStub | None = None

    async def pass_on(self, request: Request) -> Response:
        assert self.stub
        body = HttpBody(content_type="application/json", data=await request.body())
        names = ("x-callback-token", "webhook-id")
        metadata = tuple((name, request.headers[name]) for name in names)
        try:
            await self.stub.ReceiveXenditInvoice(
                webhook.ReceiveXenditInvoiceRequest(body=body), metadata=metadata
            )
        except grpc.aio.AioRpcError:
            return Response(status_code=503)
        return Response(status_code=200)


@asynccontextmanager
async def way_in() -> AsyncIterator[WayIn]:
    listener, base_url = listen()
    way = WayIn(f"{base_url}/webhooks/xendit/invoice")
    route = Route("/webhooks/xendit/invoice", way.pass_on, methods=["POST"])
    async with running(Starlette(routes=[route]), listener):
        yield way
