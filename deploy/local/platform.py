"""The whole platform on one machine: PostgreSQL, sandbox, services and gateway as our children."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local import launch, tokens
from deploy.local.certificates import certify
from deploy.local.child import Child, NotReady
from deploy.local.postgres import Server, provision, running
from deploy.local.services import service_names
from gateway.contracts import Contracts
from gateway.envoy import bootstrap
from gateway.process import running as envoy
from gateway.settings import Certificate, Identity, Limits, Settings, Tokens, Upstream
from services.kit import migrate

ROOT = Path(__file__).parents[2]
DESCRIPTORS = ROOT / "gen" / "descriptors.binpb"
PORTS = {
    "product": 3002,
    "factory": 3003,
    "groupbuying": 3004,
    "order": 3005,
    "payment": 3006,
    "notification": 3007,
    "logistics": 3008,
    "address": 3009,
    "wallet": 3010,
    "warehouse": 3011,
    "whatsapp": 3012,
    "seller": 3013,
    "review": 3014,
    "sandbox": 8090,
}
SANDBOX = "sandbox"
GATEWAY_PORT = 8080
READY_SECONDS = 60
_CONNECTION_RETRIES = 8  # with growing pauses: about half a minute

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How to run it. Ports of None are chosen freely, so that several can run side by side.

    What is not durable forgets its data when it stops.

    database_url is a superuser's, of a PostgreSQL to use instead of the embedded one.
    """

    state: Path
    ports: Mapping[str, int] | None = None
    gateway_port: int = 0
    database_url: str = ""
    durable: bool = True
    tls: bool = True
    limits: Limits = field(default_factory=Limits)


@dataclass
class Platform:
    """A running platform: where to reach it, and its parts, which tests may kill."""

    plan: Plan
    server: Server
    urls: Mapping[str, str]
    ports: Mapping[str, int]
    environment: Mapping[str, str]
    gateway_url: str = ""
    process: Child | None = None

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(name for name in self.ports if name != SANDBOX)

    @property
    def sandbox_url(self) -> str:
        return self.environment["SANDBOX_PUBLIC_URL"]

    @property
    def certificates(self) -> Path:
        return self.plan.state / "certificates"

    def token(self, *roles: str, sub: str, org_id: str | None = None) -> str:
        """Of a user, good for an hour."""
        return tokens.mint(
            self.plan.state / "tokens", sub=sub, roles=roles, org_id=org_id, now=_now()
        )

    async def start_services(self) -> None:
        """All in one process."""
        command = [sys.executable, "-m", "services", *self.services]
        log = self.plan.state / "services.log"
        self.process = await Child.start(command, self.environment, log, ROOT)

    async def stop_services(self, number: int = signal.SIGTERM) -> None:
        if self.process:
            await self.process.stop(number)
            self.process = None

    async def ready(self) -> None:
        """Every service accepts calls, and the gateway knows it."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self.gateway_url) as client:
            while not (await self._listens() and (await client.get("/readyz")).is_success):
                if self.process:
                    self.process.check()
                if asyncio.get_running_loop().time() > deadline:
                    raise NotReady(f"the services did not get ready (see {self.plan.state})")
                await asyncio.sleep(0.05)

    async def _listens(self) -> bool:
        """The gateway notices late that services went away; their ports tell at once."""
        for service in self.services:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.ports[service])
            except OSError:
                return False
            writer.close()
        return True


@asynccontextmanager
async def platform(plan: Plan, progress: Progress = lambda _: None) -> AsyncIterator[Platform]:
    """Everything, until the block ends; then it drains and stops in reverse order."""
    names = service_names()
    plan.state.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        progress("PostgreSQL")
        server = await stack.enter_async_context(_postgres(plan))
        urls = await _schemas(server, names)
        certify(plan.state / "certificates", names, now=_now())
        ports = _ports(plan, [*names, SANDBOX])
        running_ = Platform(plan, server, urls, ports, _environment(plan, urls, ports))
        progress("sandbox")
        await _sandbox(running_, stack)
        progress("services")
        stack.push_async_callback(running_.stop_services)
        await running_.start_services()
        progress("gateway")
        running_.gateway_url = await stack.enter_async_context(_gateway(plan, ports))
        await _send_webhooks_to(running_)
        await running_.ready()
        yield running_


@asynccontextmanager
async def _postgres(plan: Plan) -> AsyncIterator[Server]:
    if plan.database_url:
        yield Server(plan.database_url, plan.state)
        return
    kept = plan.state / "postgres" if plan.durable else None
    async with running(kept, durable=plan.durable) as server:
        yield server


async def _schemas(server: Server, names: list[str]) -> dict[str, str]:
    urls = await provision(server, names)
    for name in names:
        await migrate.upgrade(name, urls[name])
    return urls


async def _sandbox(running_: Platform, stack: AsyncExitStack) -> None:
    command = [sys.executable, "-m", "deploy.sandbox"]
    log = running_.plan.state / "sandbox.log"
    child = await Child.start(command, running_.environment, log, ROOT)
    stack.push_async_callback(child.stop)


async def _send_webhooks_to(running_: Platform) -> None:
    url = f"{running_.gateway_url}/webhooks/xendit/invoice"
    transport = httpx.AsyncHTTPTransport(retries=_CONNECTION_RETRIES)
    async with httpx.AsyncClient(base_url=running_.sandbox_url, transport=transport) as client:
        answer = await client.post("/__sandbox__/webhooks", json={"provider": "xendit", "url": url})
        answer.raise_for_status()


def _secrets() -> dict[str, str]:
    """Of the sandbox, which knows no others."""
    return {
        "XENDIT_SECRET_KEY": "xnd_development_" + secrets.token_hex(16),
        "XENDIT_CALLBACK_TOKEN": secrets.token_hex(16),
        "BITESHIP_API_KEY": "biteship_test." + secrets.token_hex(16),
    }


def _environment(plan: Plan, urls: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    per_service = {
        key: value
        for name, url in urls.items()
        for key, value in (
            (f"{name.upper()}_DATABASE_URL", url),
            (f"{name.upper()}_LISTEN_ADDRESS", f"127.0.0.1:{ports[name]}"),
            (f"{name.upper()}_ADDRESS", f"127.0.0.1:{ports[name]}"),
        )
    }
    sandbox_url = f"http://127.0.0.1:{ports[SANDBOX]}"
    return {
        **per_service,
        **_secrets(),
        "SANDBOX_PORT": str(ports[SANDBOX]),
        "SANDBOX_PUBLIC_URL": sandbox_url,
        "XENDIT_BASE_URL": sandbox_url,
        "BITESHIP_BASE_URL": sandbox_url,
        "TOKEN_KEYS": str(tokens.public_keys(plan.state / "tokens")),
        "TOKEN_ISSUER": tokens.ISSUER,
        "TLS_DIRECTORY": str(plan.state / "certificates") if plan.tls else "",
    }


@asynccontextmanager
async def _gateway(plan: Plan, ports: Mapping[str, int]) -> AsyncIterator[str]:
    config = bootstrap(Contracts(DESCRIPTORS.read_bytes()), _gateway_settings(plan, ports))
    ends_with_us = launch.command(os.geteuid(), os.getegid())
    async with envoy(config, plan.state, launcher=ends_with_us) as gateway:
        yield f"http://{gateway.address}"


def _gateway_settings(plan: Plan, ports: Mapping[str, int]) -> Settings:
    folder = plan.state / "certificates"
    own = Certificate(folder / "gateway.crt", folder / "gateway.key")
    return Settings(
        upstreams={
            name: Upstream("127.0.0.1", port) for name, port in ports.items() if name != SANDBOX
        },
        tokens=Tokens(tokens.ISSUER, tokens.AUDIENCE, tokens.public_keys(plan.state / "tokens")),
        descriptors=DESCRIPTORS,
        identity=Identity(own, folder / "ca.crt") if plan.tls else None,
        port=plan.gateway_port,
        limits=plan.limits,
    )


def _ports(plan: Plan, names: list[str]) -> dict[str, int]:
    if plan.ports is not None:
        return {name: plan.ports[name] for name in names}
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    try:
        return {name: s.getsockname()[1] for name, s in zip(names, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (a platform runs in real time)
