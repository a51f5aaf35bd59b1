"""How does a service run? Its database, its neighbours, its jobs and its server, as one block."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import grpc
import uvloop
from google.protobuf import descriptor_pool
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.kit.channel import Certificates, connect
from services.kit.clock import Clock, system_clock
from services.kit.db import Database
from services.kit.edge import Edge
from services.kit.identity import Identity, access_rules
from services.kit.jobs import Jobs
from services.kit.keys import Keys
from services.kit.settings import ServiceSettings, from_env
from services.kit.telemetry import start_logging, start_metrics
from services.kit.tracing import Tracing
from services.kit.worker import working

S = TypeVar("S", bound=ServiceSettings)
Register = Callable[[Any, grpc.aio.Server], None]

_DRAIN_SECONDS = 10
_MAX_MESSAGE_BYTES = 4 * 1024 * 1024


class App:
    """One running service."""

    def __init__(
        self, name: str, settings: ServiceSettings, clock: Clock, stack: AsyncExitStack
    ) -> None:
        self.name = name
        self.clock = clock
        self.db = Database(settings.database_url, name)
        self.jobs = Jobs(name, self.db, clock)
        self.port = 0
        self._settings = settings
        self._stack = stack
        self._tracing = Tracing(name, settings.otlp_endpoint)
        stack.push_async_callback(asyncio.to_thread, self._tracing.close)
        self._certificates = (
            Certificates.of(settings.tls_directory, name) if settings.tls_directory else None
        )
        stack.push_async_callback(self.db.close)

    async def connect(self, neighbour: str, address: str) -> grpc.aio.Channel:
        """A channel to a neighbour, closed when the service stops."""
        contracts = _contracts(neighbour)
        channel = connect(
            address,
            neighbour,
            contracts,
            self._certificates,
            own_name=self.name,
            interceptors=self._tracing.client_interceptors(),
        )
        return await self._stack.enter_async_context(channel)

    async def serve(self, *servicers: tuple[Register, Any]) -> None:
        """Accept calls, then do jobs; at the end drain both before the database goes."""
        names = [_contract_of(servicer) for _, servicer in servicers]
        server = await self._server(names)
        for register, servicer in servicers:
            register(servicer, server)
        checks = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
        reflection.enable_server_reflection((*names, *_INFRASTRUCTURE), server)
        self.port = _listen(server, self._settings.listen_address, self._certificates)
        await self._stack.enter_async_context(working(self.jobs, self._settings.database_url))
        await server.start()
        self._stack.push_async_callback(server.stop, _DRAIN_SECONDS)
        for name in ("", *names):
            await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
        self._stack.push_async_callback(checks.enter_graceful_shutdown)

    async def _server(self, contracts: list[str]) -> grpc.aio.Server:
        keys = Keys(self._settings.token_keys)
        await keys.read()
        identity = Identity(
            keys,
            issuer=self._settings.token_issuer,
            audience=self._settings.token_audience,
            clock=self.clock,
            plaintext=self._certificates is None,
        )
        return grpc.aio.server(
            interceptors=[
                *self._tracing.server_interceptors(),
                Edge(self.name, access_rules(contracts), identity),
            ],
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
            ],
        )


_INFRASTRUCTURE = (health.SERVICE_NAME, reflection.SERVICE_NAME)


@asynccontextmanager
async def starting(
    name: str, settings: ServiceSettings, clock: Clock = system_clock
) -> AsyncIterator[App]:
    """A service that is being put together; what it holds is released in reverse order."""
    async with AsyncExitStack() as stack:
        yield App(name, settings, clock, stack)


Running = Callable[[S], AbstractAsyncContextManager[App]]


def main(name: str, settings: type[S], running: Running[S]) -> None:
    """Run one service until SIGTERM or SIGINT."""
    start_logging()
    configured = from_env(settings, name)
    start_metrics(configured.metrics_port)
    run_until_stopped([running(configured)])


def run_until_stopped(services: Iterable[AbstractAsyncContextManager[App]]) -> None:
    """On uvloop, which costs a fifth less CPU per order than asyncio's own loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(services))


async def _until_stopped(services: Iterable[AbstractAsyncContextManager[App]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        for service in services:
            await stack.enter_async_context(service)
        await stop.wait()


def _listen(server: grpc.aio.Server, address: str, own: Certificates | None) -> int:
    if own is None:
        return server.add_insecure_port(address)
    credentials = grpc.ssl_server_credentials(
        [(own.key, own.certificate)], root_certificates=own.authority, require_client_auth=True
    )
    return server.add_secure_port(address, credentials)


def _contract_of(servicer: Any) -> str:  # noqa: ANN401 - any generated servicer
    """The proto service that a servicer implements: gotong.order.v1.OrderService."""
    for base in type(servicer).__mro__:
        if base.__name__.endswith("Servicer"):
            package = base.__module__.rpartition(".")[0]
            return f"{package}.{base.__name__.removesuffix('Servicer')}"
    raise TypeError(f"{type(servicer)} is no servicer")


def _contracts(neighbour: str) -> list[str]:
    """The proto services of a neighbour that this process has loaded."""
    name = f"gotong.{neighbour}.v1.{neighbour.capitalize()}InternalService"
    return [descriptor_pool.Default().FindServiceByName(name).full_name]
