"""How do bad requests stop, and how do exceptions become google.rpc.Status?

One interceptor stands before every RPC: who calls, may they, is the request well formed; and after
it: the status, one log line, one measurement.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, NoReturn, TypeAlias, cast

import grpc
import protovalidate
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from gotong.options.v1.access_pb2 import Access
from services.kit.actor import ANONYMOUS, Actor
from services.kit.deadline import start_deadline
from services.kit.identity import Identity, require
from services.kit.status import status_of
from services.kit.telemetry import record_rpc

Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"
Unary = Callable[[Message, "Context"], Awaitable[Message]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"

_actor: ContextVar[Actor] = ContextVar("actor", default=ANONYMOUS)


def current_actor() -> Actor:
    """Who called the RPC that is being worked on."""
    return _actor.get()


class Edge(grpc.aio.ServerInterceptor):
    """Stands before and after every RPC of a service's own contracts."""

    def __init__(self, domain: str, access: Mapping[str, Access], identity: Identity) -> None:
        self._domain = domain
        self._access = access
        self._identity = identity
        self._handlers: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler":
        method = str(handler_call_details.method)
        if known := self._handlers.get(method):
            return known
        handler = await continuation(handler_call_details)
        if method not in self._access or handler is None:
            return handler
        guarded: Handler = grpc.unary_unary_rpc_method_handler(
            self._guard(method, cast("Unary", handler.unary_unary)),
            handler.request_deserializer,
            handler.response_serializer,
        )
        self._handlers[method] = guarded
        return guarded

    def _guard(self, method: str, unary: Unary) -> Unary:
        access = self._access[method]

        async def guarded(request: Message, context: "Context") -> Message:
            started = time.perf_counter()
            actor = ANONYMOUS
            try:
                actor = await self._identity.of(context)
                require(access, actor)
                _actor.set(actor)
                start_deadline(context.time_remaining())
                protovalidate.validate(request)
                response = await unary(request, context)
            except Exception as error:  # noqa: BLE001 - every outcome becomes a status
                status = status_of(error, self._domain)
                record_rpc(method, actor, started, status, error)
                await _abort(context, status)
            record_rpc(method, actor, started, _OK)
            return response

        return guarded


_OK = Status(code=code_pb2.OK)


async def _abort(context: Context, status: Status) -> NoReturn:
    await context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("unreachable")
