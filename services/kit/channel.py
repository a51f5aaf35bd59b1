"""How do we call a neighbour? One channel each, a deadline on every call, typed refusals."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from services.kit.deadline import time_left
from services.kit.errors import ServiceError, Unavailable

Req = TypeVar("Req", bound=Message)
Resp = TypeVar("Resp", bound=Message)

_TRANSIENT = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
    }
)
_QUERIES = ("Get", "List", "BatchGet", "Check", "Locate", "Price", "Redeem")
_RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.05s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


class NeighbourUnavailable(Unavailable):
    """A service that is needed does not answer."""


class Refused(Exception):
    """A neighbour said no, for a reason that its contract names."""

    def __init__(self, reason: str, message: str, metadata: Mapping[str, str]) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.metadata = metadata


@dataclass(frozen=True, slots=True)
class Certificates:
    """A service's own certificate and key, and the authority that signed everybody's."""

    authority: bytes
    certificate: bytes
    key: bytes

    @classmethod
    def of(cls, directory: str, name: str) -> "Certificates":
        folder = Path(directory)
        return cls(
            (folder / "ca.crt").read_bytes(),
            (folder / f"{name}.crt").read_bytes(),
            (folder / f"{name}.key").read_bytes(),
        )


def translated(refusal: Refused, known: Mapping[str, type[ServiceError]]) -> Exception:
    """A neighbour's refusal as one of our own, by its reason; one not known is a bug of ours."""
    if kind := known.get(refusal.reason):
        return kind(refusal.message, **refusal.metadata)
    return refusal


def connect(
    address: str,
    neighbour: str,
    contracts: Iterable[str],
    certificates: Certificates | None,
    *,
    own_name: str,
    interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
) -> grpc.aio.Channel:
    """A channel to a neighbour, whose certificate must carry its name.

    In plaintext, which only benchmarks use, the name of the caller travels as its user agent.

    The policy comes from its contracts: what has a request_id or only reads is tried again when
    the neighbour was not reached.
    """
    options = [
        ("grpc.service_config", _service_config(contracts)),
        ("grpc.keepalive_time_ms", 30_000),
    ]
    if certificates is None:
        agent = ("grpc.primary_user_agent", f"gotong-{own_name}")
        return grpc.aio.insecure_channel(
            address, options=[*options, agent], interceptors=interceptors
        )
    own = certificates
    credentials = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
    name = ("grpc.ssl_target_name_override", f"{neighbour}.gotong.internal")
    return grpc.aio.secure_channel(
        address, credentials, options=[*options, name], interceptors=interceptors
    )


async def ask(
    method: "grpc.aio.UnaryUnaryMultiCallable[Req, Resp]",
    request: Req,
    *,
    metadata: tuple[tuple[str, str], ...] = (),
) -> Resp:
    """Call within the time that is left. Raises Refused or NeighbourUnavailable."""
    try:
        return await method(request, timeout=time_left(), metadata=metadata)
    except grpc.aio.AioRpcError as error:
        status = rpc_status.from_call(error)  # type: ignore[arg-type]
        info = ErrorInfo()
        if error.code() in _TRANSIENT:
            raise NeighbourUnavailable("a service that is needed does not answer") from error
        if status and any(detail.Unpack(info) for detail in status.details):
            raise Refused(info.reason, status.message, dict(info.metadata)) from error
        raise


def _service_config(contracts: Iterable[str]) -> str:
    pool = descriptor_pool.Default()
    names = [
        {"service": contract, "method": method.name}
        for contract in contracts
        for method in pool.FindServiceByName(contract).methods
        if _repeatable(method)
    ]
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": _RETRY}]})


def _repeatable(method: MethodDescriptor) -> bool:
    return method.name.startswith(_QUERIES) or "request_id" in method.input_type.fields_by_name
