from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.sandbox import Settings, serving
from tests.sandbox.support import (
    BITESHIP_KEY,
    KEY,
    TOKEN,
    Merchant,
    ShiftedClock,
    merchant_running,
)


@pytest.fixture(scope="session")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(scope="session")
async def merchant() -> AsyncIterator[Merchant]:
    async with merchant_running() as merchant:
        yield merchant


@pytest.fixture(scope="session")
async def sandbox(merchant: Merchant, clock: ShiftedClock) -> AsyncIterator[str]:
    """Where the sandbox listens; its first retry of a webhook comes after a millisecond."""
    settings = Settings(
        xendit_secret_key=KEY,
        xendit_callback_token=TOKEN,
        biteship_api_key=BITESHIP_KEY,
        xendit_webhook_url=merchant.url,
        webhook_factor=1e-6,
    )
    async with serving(settings, clock) as base_url:
        yield base_url


@pytest.fixture(scope="session")
async def xendit(sandbox: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox, auth=(KEY, ""), trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
async def biteship(sandbox: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": BITESHIP_KEY}
    async with httpx.AsyncClient(base_url=sandbox, headers=headers, trust_env=False) as client:
        yield client
