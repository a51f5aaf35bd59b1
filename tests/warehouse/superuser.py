"""What the owner of the machine can do to the data behind the service's back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.kit.db import Tx
from tests.support import Realm


@asynccontextmanager
async def as_superuser(realm: Realm) -> AsyncIterator[Tx]:
    """In the schema of the warehouse; nothing that is done here outlives the block."""
    url = make_url(realm.superuser_url).set(
        drivername="postgresql+asyncpg", database=make_url(realm.urls["warehouse"]).database
    )
    engine = create_async_engine(url)
    tx = Tx(engine)
    try:
        await tx.execute(text("SET LOCAL search_path = warehouse"))
        yield tx
    finally:
        await tx.close()
        await engine.dispose()
