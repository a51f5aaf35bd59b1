"""The whole platform, started as `make run` starts it; nothing in it is fake but the providers."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local.catalogue import seed
from deploy.local.platform import Plan, Platform, platform
from gateway.settings import Limits
from tests.journeys.people import People

UNLIMITED = Limits(requests_per_second_per_user=100_000, requests_per_second_per_address=100_000)


@pytest.fixture(scope="session")
async def running() -> AsyncIterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="gotong-journeys-") as folder:
        plan = Plan(Path(folder), durable=False, limits=UNLIMITED)
        async with platform(plan) as started:
            await seed(started)
            yield started


@pytest.fixture(scope="session")
async def people(running: Platform) -> AsyncIterator[People]:
    limits = httpx.Limits(max_connections=64)
    async with (
        httpx.AsyncClient(base_url=running.gateway_url, timeout=30, limits=limits) as gateway,
        httpx.AsyncClient(base_url=running.sandbox_url, timeout=30, limits=limits) as sandbox,
    ):
        yield People(running, gateway, sandbox)
