"""Words for tests."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from google.type.money_pb2 import Money
from grpc_status import rpc_status

from deploy.local import tokens
from services.kit.settings import ServiceSettings

M = TypeVar("M", bound=Message)


@dataclass
class VirtualClock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, duration: timedelta) -> None:
        self.now += duration


@dataclass(frozen=True)
class Realm:
    """What all services of a test run share: databases, certificates, keys."""

    urls: Mapping[str, str]
    certificates: Path
    keys: Path
    superuser_url: str

    def settings(self, service: str) -> ServiceSettings:
        return ServiceSettings(
            database_url=self.urls[service],
            listen_address="127.0.0.1:0",
            token_keys=str(tokens.public_keys(self.keys)),
            token_issuer=tokens.ISSUER,
            tls_directory=str(self.certificates),
        )

    def token(self, *roles: str, sub: str = "", org_id: str = "") -> str:
        return tokens.mint(
            self.keys, sub=sub or an_id(), roles=roles, org_id=org_id or None, now=datetime.now(UTC)
        )

    def credentials(self, *, own: str = "operator", token: str = "") -> grpc.ChannelCredentials:
        """A service's by its certificate, or a user's by a token."""
        files = ("ca.crt", f"{own}.key", f"{own}.crt")
        credentials = grpc.ssl_channel_credentials(
            *((self.certificates / name).read_bytes() for name in files)
        )
        if not token:
            return credentials
        return grpc.composite_channel_credentials(
            credentials, grpc.access_token_call_credentials(token)
        )

    def channel(
        self, port: int, neighbour: str, *, own: str = "operator", token: str = ""
    ) -> grpc.aio.Channel:
        """To a service: as another service by its certificate, or as a user by a token."""
        name = ("grpc.ssl_target_name_override", f"{neighbour}.gotong.internal")
        credentials = self.credentials(own=own, token=token)
        return grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=[name])


@contextmanager
def refused(reason: str, **metadata: str) -> Iterator[None]:
    """The call inside is refused for exactly this reason; metadata that is named must match."""
    with pytest.raises(grpc.RpcError) as refusal:
        yield
    info = _detail(refusal.value, ErrorInfo())
    assert info is not None, f"no reason: {refusal.value.code()} {refusal.value.details()}"
    assert (info.reason, {name: info.metadata[name] for name in metadata}) == (reason, metadata)


@contextmanager
def invalid(*fields: str) -> Iterator[None]:
    """The call inside is refused because exactly these fields are wrong."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        yield
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT, refusal.value
    bad = _detail(refusal.value, BadRequest())
    assert bad is not None, refusal.value
    assert [violation.field for violation in bad.field_violations] == list(fields)


@contextmanager
def denied(code: grpc.StatusCode) -> Iterator[None]:
    """The call inside is refused with this code."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        yield
    assert refusal.value.code() is code, refusal.value


def reason_of(error: BaseException) -> str:
    """Why a call was refused, for outcomes of races."""
    assert isinstance(error, grpc.aio.AioRpcError), error
    info = _detail(error, ErrorInfo())
    return info.reason if info else str(error.code())


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 15) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come true"
        await asyncio.sleep(0.01)


def idr(units: int) -> Money:
    return Money(currency_code="IDR", units=units)


def an_id() -> str:
    return str(uuid4())


@asynccontextmanager
async def neighbour(
    realm: Realm, name: str, *servicers: tuple[Callable[..., None], object]
) -> AsyncIterator[str]:
    """A fake of another service, a generated servicer on a real port; yields its address."""
    key, certificate, authority = (
        (realm.certificates / file).read_bytes()
        for file in (f"{name}.key", f"{name}.crt", "ca.crt")
    )
    server = grpc.aio.server()
    for register, servicer in servicers:
        register(servicer, server)
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority, require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


def _detail(error: grpc.RpcError, message: M) -> M | None:
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    found = status and any(detail.Unpack(message) for detail in status.details)
    return message if found else None


async def refuse(
    context: "grpc.aio.ServicerContext[Any, Any]", code: int, reason: str, **metadata: str
) -> NoReturn:
    """What a fake neighbour does to say no as our services do."""
    status = Status(code=code, message=reason)
    status.details.add().Pack(ErrorInfo(reason=reason, metadata=metadata))
    await context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError
