"""The sandbox on a port, in the event loop of whoever needs it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from deploy.sandbox.app import create_app
from deploy.sandbox.clock import Clock, utc_now
from deploy.sandbox.edge import ABORT
from deploy.sandbox.settings import Settings

_HOST = "127.0.0.1"
_PATIENCE = 1


class _Server(uvicorn.Server):
    """Leaves the signals to the process, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class _Protocol(H11Protocol):
    """Lets the application drop a connection without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, ABORT: transport.abort}


@asynccontextmanager
async def serving(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[str]:
    """Serve the sandbox until the block ends; yields its base URL."""
    listener, base_url = listen(settings.port)
    settings = replace(settings, public_url=settings.public_url or base_url)
    async with running(create_app(settings, clock), listener):
        yield base_url


def listen(port: int = 0) -> tuple[socket.socket, str]:
    """Named as TCP: else asyncio leaves Nagle on, and each answer takes 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_HOST, port))
    return listener, f"http://{_HOST}:{listener.getsockname()[1]}"


@asynccontextmanager
async def running(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve any application until the block ends."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.up.wait()
        yield
    finally:
        server.should_exit = True
        await running
