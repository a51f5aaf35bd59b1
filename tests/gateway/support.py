"""Words for the tests of the gateway."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from grpc.aio import insecure_channel

from deploy.local import tokens
from gateway.contracts import Contracts
from gateway.envoy import bootstrap
from gateway.generate import DESCRIPTORS
from gateway.process import Gateway, running
from gateway.settings import Certificate, Identity, Limits, Settings, Tokens, Upstream
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.gateway.services import Addresses, Service, Webhooks

OUR_PAGE = "https://app.example"
ADDRESS = "/v1/addresses/0190f0c0-0000-7000-8000-000000000001"
PENDING_SECONDS = 10
PLENTY = Limits(requests_per_second_per_user=10_000, requests_per_second_per_address=10_000)


@dataclass(frozen=True)
class Neighbourhood:
    """The services, and what the gateway needs to trust them."""

    directory: Path
    addresses: Addresses
    webhooks: Webhooks
    address: Service
    payment: Service

    def token(self, *roles: str, sub: str | None = None, lifetime: int = 3600) -> str:
        return tokens.mint(
            self.directory,
            sub=sub or str(uuid4()),
            roles=roles or ("buyer",),
            lifetime=timedelta(seconds=lifetime),
            now=datetime.now(UTC),
        )

    def settings(self, limits: Limits = PLENTY) -> Settings:
        keys = tokens.public_keys(self.directory)
        return Settings(
            upstreams={
                "address": Upstream("127.0.0.1", self.address.port),
                "payment": Upstream("localhost", self.payment.port),
            },
            tokens=Tokens(tokens.ISSUER, tokens.AUDIENCE, keys),
            descriptors=DESCRIPTORS,
            identity=Identity(self.certificate("gateway"), self.directory / "ca.crt"),
            origins=(OUR_PAGE,),
            limits=limits,
        )

    def certificate(self, name: str) -> Certificate:
        return Certificate(self.directory / f"{name}.crt", self.directory / f"{name}.key")


class Client:
    """A REST client of the gateway, and a gRPC one beside it."""

    def __init__(self, gateway: Gateway, http: httpx.AsyncClient, grpc: AddressServiceStub) -> None:
        self.gateway = gateway
        self.grpc = grpc
        self._http = http

    async def get(self, path: str, token: str = "", **headers: str) -> httpx.Response:
        return await self._send("GET", path, token, b"", headers)

    async def post(
        self, path: str, token: str = "", *, content: bytes = b"", **headers: str
    ) -> httpx.Response:
        return await self._send("POST", path, token, content, headers)

    async def send(
        self, method: str, path: str, token: str = "", *, content: bytes = b"", **headers: str
    ) -> httpx.Response:
        return await self._send(method, path, token, content, headers)

    async def _send(
        self, method: str, path: str, token: str, content: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        authorization = {"authorization": f"Bearer {token}"} if token else {}
        return await self._http.request(
            method, path, content=content or None, headers={**named, **authorization}
        )


@asynccontextmanager
async def client_of(gateway: Gateway) -> AsyncIterator[Client]:
    async with (
        httpx.AsyncClient(base_url=f"http://{gateway.address}", timeout=20) as http,
        insecure_channel(gateway.address) as channel,
    ):
        yield Client(gateway, http, AddressServiceStub(channel))


@asynccontextmanager
async def gateway_with(
    settings: Settings, directory: Path, *, wait: bool = True
) -> AsyncIterator[Client]:
    contracts = Contracts(DESCRIPTORS.read_bytes())
    async with (
        running(bootstrap(contracts, settings), directory) as gateway,
        client_of(gateway) as client,
    ):
        if wait:
            await until_ready(client)
        yield client


async def until_ready(client: Client) -> None:
    async def is_ready() -> bool:
        return (await client.get("/readyz")).is_success

    await until(is_ready)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PENDING_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


def refusal(response: httpx.Response) -> tuple[int, int, str]:
    """The HTTP status, the code and the reason of a google.rpc.Status."""
    assert response.headers["content-type"] == "application/json", response.text
    status: dict[str, Any] = response.json()
    (info,) = (d for d in status["details"] if d["@type"].endswith("google.rpc.ErrorInfo"))
    assert not [name for name in response.headers if name.startswith(("grpc-", "x-envoy-"))]
    return response.status_code, status["code"], info["reason"]
