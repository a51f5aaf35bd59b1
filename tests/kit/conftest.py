"""The kit's own tables, in schemas that belong to no service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from pgqueuer.adapters.persistence.schema_ddl import render_install
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.postgres import Server, provision
from services.kit import idempotency
from services.kit.db import Database
from services.kit.worker import queue_settings
from tests.support import Realm

Install = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture(scope="session")
def install(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Makes a schema with what every service has, and more; answers with its name and its URL."""
    passwords = tmp_path_factory.mktemp("roles")

    async def made(*more: MetaData, guards: tuple[str, ...] = ()) -> tuple[str, str]:
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
        await driver.execute(render_install(queue_settings(name)))
        await driver.close()
        return name, urls[name]

    return made


@pytest.fixture(scope="session")
async def kit_url(install: Install) -> str:
    """A schema for tests that keep out of each other's way by their ids."""
    _, url = await install()
    return url


@pytest.fixture
async def db(kit_url: str) -> AsyncIterator[Database]:
    database = Database(kit_url, "kit")
    yield database
    await database.close()
