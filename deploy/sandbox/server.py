"""The sandbox on a port, in the event loop of whoever needs it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import uvicorn
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
    """Serve until the block ends; yields the base URL."""
    listener = socket.create_server((_HOST, settings.port))
    base_url = f"http://{_HOST}:{listener.getsockname()[1]}"
    settings = replace(settings, public_url=settings.public_url or base_url)
    config = uvicorn.Config(
        create_app(settings, clock),
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await server.up.wait()
    try:
        yield base_url
    finally:
        server.should_exit = True
        await running
