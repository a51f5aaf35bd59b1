"""How do we reach PostgreSQL? One Database per service, one transaction per unit of work."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import CursorResult, DateTime, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Timestamp = DateTime(timezone=True)

_ATTEMPTS = 3
_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Tx:
    """A unit of work. The connection is taken at the first statement, not before.

    So a handler that asks its neighbours first holds nothing while it waits.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._connection = engine.connect()
        self._started = False

    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        return await (await self.connection()).execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - a column's value
        return (await self.execute(statement, parameters)).scalar()

    async def connection(self) -> AsyncConnection:
        if not self._started:
            await self._connection.start()
            self._started = True
        return self._connection

    async def commit(self) -> None:
        if self._started:
            await self._connection.commit()

    async def close(self) -> None:
        """Give the connection back; what was not committed is rolled back."""
        if self._started:
            await self._connection.close()


class Database:
    """A service's own schema, reached with its own role. Nobody else connects with it."""

    def __init__(self, url: str, service: str, *, pool_size: int = 10) -> None:
        self._writes = _engine(url, service, pool_size=pool_size)
        self._single = self._writes.execution_options(isolation_level="AUTOCOMMIT")
        reads = _engine(url, service, pool_size=pool_size, default_transaction_read_only="on")
        self._reads = reads.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshots = reads.execution_options(isolation_level="REPEATABLE READ")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Commit on exit, roll back on exception."""
        async with _work(self._writes) as tx:
            yield tx
            await tx.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """For reading only: PostgreSQL refuses writes. Each statement sees its own moment."""
        async with _work(self._reads) as tx:
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        """For reading only; all statements see the same moment."""
        async with _work(self._snapshots) as tx:
            yield tx

    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        """One statement that is a whole unit of work: one round trip."""
        async with _work(self._single) as tx:
            return await tx.execute(statement, parameters)

    async def close(self) -> None:
        await self._writes.dispose()
        await self._reads.dispose()


def retryable(error: DBAPIError, attempt: int) -> bool:
    """Whether the whole unit of work may be run again: nothing of it was done."""
    if attempt >= _ATTEMPTS:
        return False
    return error.connection_invalidated or sqlstate(error) in (
        _SERIALIZATION_FAILURE,
        _DEADLOCK_DETECTED,
    )


def sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def constraint(error: DBAPIError) -> str:
    """The name of the constraint that was violated, or empty."""
    return getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) or ""


@asynccontextmanager
async def _work(engine: AsyncEngine) -> AsyncIterator[Tx]:
    tx = Tx(engine)
    try:
        yield tx
    finally:
        await tx.close()


def _engine(url: str, service: str, *, pool_size: int, **server: str) -> AsyncEngine:
    settings = {
        "application_name": service,
        "jit": "off",
        "statement_timeout": "15000",
        "lock_timeout": "5000",
        "idle_in_transaction_session_timeout": "30000",
        **server,
    }
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args={"timeout": 5, "command_timeout": 30, "server_settings": settings},
    )
