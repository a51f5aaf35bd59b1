"""The kit's own tables, in schemas that belong to no service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from pgqueuer.adapters.persistence.schema_ddl import render_install
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.postgres import Server, provision
from services.kit import idempotency, ledger
from services.kit.clock import system_clock
from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.jobs import Jobs
from services.kit.worker import queue_settings
from tests.kit import tiny
from tests.kit.books import Names
from tests.kit.work import NOON, Work
from tests.support import Realm, VirtualClock

structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)  # bugs on purpose, whose tracebacks take seconds to be painted

Install = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture(scope="session")
def install(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Makes a schema with what every service has, and more; answers with its name and its URL."""
    passwords = tmp_path_factory.mktemp("roles")

    async def made(*more: MetaData, guards: Sequence[str] = (), queue: str = "") -> tuple[str, str]:
        name = f"kit{uuid4().hex[:12]}"
        urls = await provision(Server(realm.superuser_url, Path(passwords)), [name])
        engine = create_async_engine(urls[name])
        async with engine.begin() as connection:
            for metadata in (idempotency.metadata, *more):
                await connection.run_sync(metadata.create_all)
            for guard in guards:
                await connection.exec_driver_sql(guard)
        await engine.dispose()
        driver = await asyncpg.connect(urls[name].replace("+asyncpg", ""))
        await driver.execute(render_install(queue_settings(queue or name)))
        await driver.close()
        return name, urls[name]

    return made


@pytest.fixture(scope="session")
async def kit_url(install: Install) -> str:
    """A schema for tests that keep out of each other's way by their ids."""
    counters = "CREATE TABLE counters (name text PRIMARY KEY, value int)"
    _, url = await install(guards=[counters], queue=tiny.NAME)
    return url


@pytest.fixture
async def db(kit_url: str) -> AsyncIterator[Database]:
    database = Database(kit_url, "kit")
    yield database
    await database.close()


@pytest.fixture
async def work(install: Install) -> AsyncIterator[Work]:
    name, url = await install()
    db, clock = Database(url, name), VirtualClock(NOON)
    made = Work(Jobs(name, db, clock), db, clock, url)
    made.jobs.on("ship", made.handle)
    yield made
    await db.close()


@pytest.fixture(scope="session")
async def books(install: Install) -> AsyncIterator[Database]:
    name, url = await install(ledger.metadata, guards=ledger.GUARDS)
    database = Database(url, name)
    yield database
    await database.close()


@pytest.fixture
def accounts() -> Names:
    """An asset, a liability and a revenue that nobody else posts to."""
    key = new_id()
    return f"asset:bank:{key}", f"liab:escrow:{key}", f"rev:fee:{key}"


@pytest.fixture(scope="session")
async def service(realm: Realm, kit_url: str) -> AsyncIterator[tiny.Tiny]:
    """A service that does what a test tells it."""
    async with tiny.serving(realm, kit_url, system_clock) as running:
        yield running
