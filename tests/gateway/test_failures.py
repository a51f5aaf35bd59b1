"""When a service fails, and when the gateway itself stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from gateway.contracts import Contracts
from gateway.envoy import bootstrap
from gateway.generate import DESCRIPTORS
from gateway.process import running
from gateway.settings import Upstream
from tests.gateway.services import (
    Addresses,
    Context,
    addresses_on,
    be_away,
    serving,
    some_addresses,
)
from tests.gateway.support import (
    ADDRESS,
    Client,
    Neighbourhood,
    client_of,
    gateway_with,
    refusal,
    until,
    until_ready,
)

UNAVAILABLE = (503, 14, "UNAVAILABLE")
BOOK = "/v1/addresses?requestId=0190f0c0-0000-7000-8000-000000000001"


async def test_a_read_is_tried_again(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    async def be_away_twice(context: Context) -> None:
        if addresses.calls <= 2:
            await be_away(context)

    addresses.act = be_away_twice

    response = await client.get(ADDRESS, services.token())

    assert response.status_code == 200
    assert addresses.calls == 3


async def test_a_write_is_not(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    addresses.act = be_away

    response = await client.post(BOOK, services.token(), content=b"{}")

    assert (response.status_code, response.json()["code"]) == (503, 14)
    assert addresses.calls == 1


async def test_a_service_whose_errors_repeat_stays_reachable(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    """Or whoever finds an error could switch the service off for everybody."""

    async def fail(context: Context) -> None:
        await context.abort(grpc.StatusCode.INTERNAL, "a bug")

    addresses.act = fail
    token = services.token()

    responses = [await client.get(ADDRESS, token) for _ in range(12)]

    assert {response.status_code for response in responses} == {500}
    assert addresses.calls == 12


@pytest.fixture
async def lonely(services: Neighbourhood, tmp_path: Path) -> AsyncIterator[Client]:
    """A gateway one of whose services is not there."""
    settings = services.settings()
    gone = {"payment": Upstream("127.0.0.1", 1)}
    async with gateway_with(
        replace(settings, upstreams={**settings.upstreams, **gone}), tmp_path, wait=False
    ) as client:
        yield client


async def test_a_service_that_is_down(lonely: Client) -> None:
    response = await lonely.post("/webhooks/xendit/invoice", content=b"{}")

    assert refusal(response) == UNAVAILABLE
    assert refusal(await lonely.get("/readyz")) == UNAVAILABLE
    assert (await lonely.get("/livez")).status_code == 200


async def test_readiness_follows_the_health_of_a_service(
    client: Client, services: Neighbourhood
) -> None:
    async def is_down() -> bool:
        return (await client.get("/readyz")).status_code == 503

    await services.address.feel(well=False)
    await until(is_down)
    refused = await client.get("/v1/areas")
    await services.address.feel(well=True)
    await until_ready(client)

    assert refusal(refused) == UNAVAILABLE


async def test_a_service_with_another_name_is_not_trusted(
    services: Neighbourhood, tmp_path: Path
) -> None:
    addresses = some_addresses()
    async with serving("payment", services.directory, addresses_on(addresses)) as impostor:
        settings = services.settings()
        upstreams = {**settings.upstreams, "address": Upstream("127.0.0.1", impostor.port)}
        async with gateway_with(
            replace(settings, upstreams=upstreams), tmp_path, wait=False
        ) as client:
            response = await client.get("/v1/areas")

    assert response.status_code == 503
    assert addresses.calls == 0


async def test_what_is_running_is_finished(
    services: Neighbourhood, addresses: Addresses, tmp_path: Path
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def take_time(_: Context) -> None:
        arrived.set()
        await go_on.wait()

    addresses.act = take_time
    config = bootstrap(Contracts(DESCRIPTORS.read_bytes()), services.settings())
    life = AsyncExitStack()
    gateway = await life.enter_async_context(running(config, tmp_path))
    async with client_of(gateway) as client:
        request = asyncio.create_task(client.get(ADDRESS, services.token()))
        await arrived.wait()
        stopping = asyncio.create_task(life.aclose())
        await until(lambda: _drains(client))
        assert not stopping.done()
        go_on.set()
        response = await request
    await stopping

    assert response.status_code == 200
    assert gateway.process.returncode == 0


async def _drains(client: Client) -> bool:
    return (await client.get("/livez")).status_code == 503
