"""Services as the gateway sees them: the generated servicers, over mutual TLS, with a health."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import (
    AddressInternalServiceServicer,
    AddressServiceServicer,
    add_AddressInternalServiceServicer_to_server,
    add_AddressServiceServicer_to_server,
)
from gotong.payment.v1 import webhook_pb2
from gotong.payment.v1.webhook_pb2_grpc import (
    PaymentWebhookServiceServicer,
    add_PaymentWebhookServiceServicer_to_server,
)

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
Act: TypeAlias = Callable[[Context], Awaitable[None]]


async def answer(_: Context) -> None:
    """As if nothing were the matter."""


async def refuse(context: Context) -> None:
    details = AnyMessage()
    details.Pack(ErrorInfo(reason="ADDRESS_NOT_FOUND", domain="address", metadata={"id": "7"}))
    await context.abort_with_status(
        rpc_status.to_status(Status(code=5, message="no such address", details=[details]))
    )


async def be_away(context: Context) -> None:
    await context.abort(grpc.StatusCode.UNAVAILABLE, "away")


@dataclass
class Addresses(AddressServiceServicer, AddressInternalServiceServicer):
    """Answers what it was asked, and remembers how it was asked."""

    act: Act = answer
    metadata: dict[str, str | bytes] = field(default_factory=dict)
    calls: int = 0
    asked: str = ""
    time_left: float = 0

    async def GetAddress(self, request: pb.GetAddressRequest, context: Context) -> pb.Address:
        await self._handle(context, request.address_id)
        return pb.Address(id=request.address_id, street="Jalan Sabang 1")

    async def CreateAddress(self, request: pb.CreateAddressRequest, context: Context) -> pb.Address:
        await self._handle(context, request.request_id)
        return request.address

    async def SetDefaultAddress(
        self, request: pb.SetDefaultAddressRequest, context: Context
    ) -> pb.Address:
        await self._handle(context, request.address_id)
        return pb.Address(id=request.address_id)

    async def ListAreas(
        self, request: pb.ListAreasRequest, context: Context
    ) -> pb.ListAreasResponse:
        await self._handle(context, request.parent_code)
        area = pb.Area(code="31", name="DKI Jakarta", level=pb.Area.LEVEL_PROVINCE)
        return pb.ListAreasResponse(areas=[area] * max(request.page_size, 1))

    async def _handle(self, context: Context, asked: str) -> None:
        self.calls += 1
        self.asked = asked
        self.metadata = dict(context.invocation_metadata() or ())
        self.time_left = context.time_remaining() or 0
        await self.act(context)


def some_addresses() -> Addresses:
    return Addresses()  # type: ignore[abstract] # the other methods are not called


@dataclass
class Webhooks(PaymentWebhookServiceServicer):
    body: bytes = b""
    content_type: str = ""
    metadata: dict[str, str | bytes] = field(default_factory=dict)

    async def ReceiveXenditInvoice(
        self, request: webhook_pb2.ReceiveXenditInvoiceRequest, context: Context
    ) -> webhook_pb2.ReceiveXenditInvoiceResponse:
        self.body = request.body.data
        self.content_type = request.body.content_type
        self.metadata = dict(context.invocation_metadata() or ())
        return webhook_pb2.ReceiveXenditInvoiceResponse()


@dataclass
class Service:
    port: int
    server: grpc.aio.Server
    health: health.HealthServicer

    async def feel(self, *, well: bool) -> None:
        status = HealthCheckResponse.SERVING if well else HealthCheckResponse.NOT_SERVING
        await self.health.set("", status)


Register: TypeAlias = Callable[[grpc.aio.Server], None]


def addresses_on(addresses: Addresses) -> Register:
    def register(server: grpc.aio.Server) -> None:
        add_AddressServiceServicer_to_server(addresses, server)
        add_AddressInternalServiceServicer_to_server(addresses, server)
        reflection.enable_server_reflection(["gotong.address.v1.AddressService"], server)

    return register


def webhooks_on(webhooks: Webhooks) -> Register:
    def register(server: grpc.aio.Server) -> None:
        add_PaymentWebhookServiceServicer_to_server(webhooks, server)

    return register


@asynccontextmanager
async def serving(name: str, certificates: Path, register: Register) -> AsyncIterator[Service]:
    server = grpc.aio.server()
    register(server)
    healthy = health.HealthServicer()
    add_HealthServicer_to_server(healthy, server)
    port = server.add_secure_port("127.0.0.1:0", _credentials(certificates, name))
    await server.start()
    service = Service(port, server, healthy)
    await service.feel(well=True)
    try:
        yield service
    finally:
        await server.stop(grace=None)


def _credentials(certificates: Path, name: str) -> grpc.ServerCredentials:
    key, chain, authority = (
        (certificates / file).read_bytes() for file in (f"{name}.key", f"{name}.crt", "ca.crt")
    )
    return grpc.ssl_server_credentials([(key, chain)], authority, require_client_auth=True)
