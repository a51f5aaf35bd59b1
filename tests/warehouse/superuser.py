"""What the owner of the machine can do to the data behind the service's back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url, text

from services.kit.db import Database, Tx
from tests.support import Realm


class _Undo(Exception):
    """Raised to roll back."""


@asynccontextmanager
async def as_superuser(realm: Realm) -> AsyncIterator[Tx]:
    """In the schema of the warehouse; nothing that is done here outlives the block."""
    service = make_url(realm.urls["warehouse"])
    superuser = make_url(realm.superuser_url)
    url = service.set(username=superuser.username, password=superuser.password)
    database = Database(url.render_as_string(hide_password=False), "warehouse")
    try:
        with suppress(_Undo):
            async with database.transaction() as tx:
                await tx.execute(text("SET LOCAL search_path = warehouse"))
                yield tx
                raise _Undo
    finally:
        await database.close()
