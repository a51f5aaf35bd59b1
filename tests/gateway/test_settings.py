"""What a deployment may want: TLS for clients, an issuer on the network, a proxy in front."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from deploy.local import tokens
from gateway.contracts import Contracts
from gateway.envoy import bootstrap
from gateway.generate import DESCRIPTORS
from gateway.process import running
from gateway.settings import RemoteKeys
from tests.gateway.support import (
    ADDRESS,
    PLENTY,
    Neighbourhood,
    gateway_with,
    until,
)


async def test_clients_over_tls(services: Neighbourhood, tmp_path: Path) -> None:
    secure = replace(services.settings(), certificate=services.certificate("gateway"))
    trust = ssl.create_default_context(cafile=services.directory / "ca.crt")
    config = bootstrap(Contracts(DESCRIPTORS.read_bytes()), secure)
    async with (
        running(config, tmp_path) as gateway,
        httpx.AsyncClient(base_url=f"https://{gateway.address}", verify=trust) as client,
    ):

        async def is_ready() -> bool:
            return (await client.get("/readyz")).is_success

        await until(is_ready)
        response = await client.get("/v1/areas")

    assert response.status_code == 200


@asynccontextmanager
async def issuer(keys: dict[str, Path]) -> AsyncIterator[int]:
    """Publishes the key set that is its current one."""

    async def publish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = keys["current"].read_bytes()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n")
        writer.write(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(publish, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_keys_of_an_issuer_on_the_network(services: Neighbourhood, tmp_path: Path) -> None:
    keys = {"current": tokens.public_keys(services.directory)}
    async with issuer(keys) as port:
        remote = RemoteKeys(f"http://localhost:{port}/keys")
        settings = services.settings()
        settings = replace(settings, tokens=replace(settings.tokens, keys=remote))
        async with gateway_with(settings, tmp_path) as client:
            good = await client.get(ADDRESS, services.token())
            without = await client.get(ADDRESS)

    assert (good.status_code, without.status_code) == (200, 401)


async def test_behind_a_proxy_addresses_are_those_it_names(
    services: Neighbourhood, tmp_path: Path
) -> None:
    limits = replace(PLENTY, requests_per_second_per_address=5)
    settings = replace(services.settings(limits), trusted_proxies=1)
    async with gateway_with(settings, tmp_path) as client:
        spread = [
            await client.get("/v1/areas", x_forwarded_for=f"203.0.113.{number}")
            for number in range(12)
        ]
        same = await asyncio.gather(
            *(
                client.get("/v1/areas", x_forwarded_for=f"198.51.100.{number}, 203.0.113.99")
                for number in range(12)
            )
        )

    assert {response.status_code for response in spread} == {200}
    assert {response.status_code for response in same} == {200, 429}
