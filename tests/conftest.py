"""What every test run has: PostgreSQL of its own, with every service's schema in it."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local import tokens
from deploy.local.certificates import certify
from deploy.local.postgres import provision, running
from deploy.local.services import service_names
from services.kit import migrate
from services.kit.telemetry import start_logging
from tests.support import Realm


@pytest.fixture(scope="session")
async def realm() -> AsyncIterator[Realm]:
    """Nobody cleans up: each test makes its own users, products and orders."""
    start_logging()
    names = service_names()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        certify(home / "certificates", names, now=datetime.now(UTC))
        tokens.public_keys(home / "tokens")
        async with running(None, durable=False) as server:
            urls = await provision(server, names)
            for name in names:
                await migrate.upgrade(name, urls[name])
            yield Realm(urls, home / "certificates", home / "tokens", server.superuser_url)
