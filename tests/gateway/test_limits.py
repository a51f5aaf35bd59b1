"""Nobody gets more than their share, of calls or of time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from gotong.address.v1 import address_pb2 as pb
from tests.gateway.services import Addresses, Context
from tests.gateway.support import ADDRESS, PLENTY, Client, Neighbourhood, gateway_with, refusal

RATE_LIMITED = (429, 8, "RATE_LIMITED")
BOOK = "/v1/addresses?requestId=0190f0c0-0000-7000-8000-000000000001"


async def sleep(_: Context) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def strict(services: Neighbourhood, tmp_path: Path) -> AsyncIterator[Client]:
    limits = replace(PLENTY, requests_per_second_per_user=3)
    async with gateway_with(services.settings(limits), tmp_path) as client:
        yield client


@pytest.fixture
async def hurried(services: Neighbourhood, tmp_path: Path) -> AsyncIterator[Client]:
    limits = replace(PLENTY, read_seconds=1, write_seconds=2)
    async with gateway_with(services.settings(limits), tmp_path) as client:
        yield client


async def test_a_user_who_asks_too_often(strict: Client, services: Neighbourhood) -> None:
    busy, other = services.token(), services.token()

    responses = await asyncio.gather(*(strict.get(ADDRESS, busy) for _ in range(10)))

    refused = [response for response in responses if response.status_code != 200]
    assert 0 < len(refused) < 10
    assert {refusal(response) for response in refused} == {RATE_LIMITED}
    assert all(int(response.headers["retry-after"]) >= 0 for response in refused)
    assert (await strict.get(ADDRESS, other)).status_code == 200
    assert (await strict.get("/v1/areas")).status_code == 200


async def test_a_user_who_asks_too_often_over_grpc(strict: Client, services: Neighbourhood) -> None:
    metadata = (("authorization", f"Bearer {services.token()}"),)

    async def ask() -> grpc.StatusCode:
        try:
            await strict.grpc.GetAddress(pb.GetAddressRequest(address_id="1"), metadata=metadata)
        except grpc.aio.AioRpcError as refused:
            return refused.code()
        return grpc.StatusCode.OK

    codes = await asyncio.gather(*(ask() for _ in range(10)))

    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}


async def test_an_address_that_asks_too_often(services: Neighbourhood, tmp_path: Path) -> None:
    """Which it is, the connection says, not a header."""
    limits = replace(PLENTY, requests_per_second_per_address=5)
    async with gateway_with(services.settings(limits), tmp_path) as client:
        claimed = [f"203.0.113.{number}" for number in range(15)]
        responses = await asyncio.gather(
            *(client.get("/v1/areas", x_forwarded_for=one) for one in claimed)
        )
        probe = await client.get("/readyz")

    refused = {refusal(response) for response in responses if response.status_code != 200}
    assert refused == {RATE_LIMITED}
    assert probe.status_code == 200


async def test_a_read_has_a_deadline_that_the_service_knows(
    hurried: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    addresses.act = sleep

    response = await hurried.get(ADDRESS, services.token())

    assert refusal(response) == (504, 4, "DEADLINE_EXCEEDED")
    assert 0 < addresses.time_left <= 1


async def test_a_write_has_a_longer_one(
    hurried: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    await hurried.post(BOOK, services.token(), content=b"{}")

    assert 1 < addresses.time_left <= 2


@pytest.mark.parametrize(("asked", "most"), [(0.4, 0.4), (100, 1)])
async def test_a_client_may_ask_for_less_time_not_for_more(
    hurried: Client, services: Neighbourhood, addresses: Addresses, asked: float, most: float
) -> None:
    addresses.act = sleep
    metadata = (("authorization", f"Bearer {services.token()}"),)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await hurried.grpc.GetAddress(
            pb.GetAddressRequest(address_id="1"), metadata=metadata, timeout=asked
        )

    assert refused.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0 < addresses.time_left <= most
