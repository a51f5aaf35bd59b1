"""One Envoy for the session, with real services behind it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from deploy.local.certificates import certify
from tests.gateway.services import (
    Addresses,
    Webhooks,
    addresses_on,
    answer,
    serving,
    some_addresses,
    webhooks_on,
)
from tests.gateway.support import Client, Neighbourhood, gateway_with, until_ready


@pytest.fixture(scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Neighbourhood]:
    directory = tmp_path_factory.mktemp("identities")
    certify(directory, ["address", "payment"], now=datetime.now(UTC))
    addresses, webhooks = some_addresses(), Webhooks()
    async with (
        serving("address", directory, addresses_on(addresses)) as address,
        serving("payment", directory, webhooks_on(webhooks)) as payment,
    ):
        yield Neighbourhood(directory, addresses, webhooks, address, payment)


@pytest.fixture(scope="session")
async def shared(
    services: Neighbourhood, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    async with gateway_with(services.settings(), tmp_path_factory.mktemp("gateway")) as client:
        yield client


@pytest.fixture(autouse=True)
def addresses(services: Neighbourhood) -> Addresses:
    """With nothing left in it from another test."""
    services.addresses.act = answer
    services.addresses.calls = 0
    services.addresses.metadata = {}
    return services.addresses


@pytest.fixture
async def client(shared: Client) -> Client:
    await until_ready(shared)
    return shared
