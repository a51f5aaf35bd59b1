"""How do we reach PostgreSQL? One Database per service, one transaction per unit of work."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.exceptions import (
    AdminShutdownError,
    InterfaceError,
    PostgresConnectionError,
    PostgresError,
)
from sqlalchemy import CursorResult, DateTime, Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.kit.tracing import tracer

Timestamp = DateTime(timezone=True)

_ATTEMPTS = 3
_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

_DIALECT: Any = PGDialect_asyncpg()  # type: ignore[no-untyped-call]

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Row(asyncpg.Record):
    """A row of a prepared statement: columns by name, as attributes."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a column's value
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that is compiled once and goes to asyncpg as it is.

    For the paths that every order takes: SQLAlchemy's own execution costs four times as much CPU.
    Values go in and come out as asyncpg has them.
    """

    sql: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]


def prepared(statement: Any) -> Prepared:  # noqa: ANN401 - anything that SQLAlchemy compiles
    compiled = statement.compile(dialect=_DIALECT)
    return Prepared(str(compiled), tuple(compiled.positiontup), dict(compiled.params))


class Tx:
    """A unit of work. The connection is taken at the first statement, not before.

    So a handler that asks its neighbours first holds nothing while it waits.
    """

    def __init__(self, engine: AsyncEngine, opening: str) -> None:
        self._engine = engine
        self._connection = engine.connect()
        self._opening = opening
        self._driver: Any = None
        self._is_open = False

    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        connection = await self.connection()
        with tracer.start_as_current_span("sql"):
            return await connection.execute(statement, parameters)

    async def fetch(
        self, statement: Prepared, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        driver = self._driver or await self._begin()
        values = {**statement.defaults, **(parameters or {})}
        with tracer.start_as_current_span("sql"):
            rows: list[Row] = await driver.fetch(
                statement.sql, *[values[name] for name in statement.names]
            )
        return rows

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - a column's value
        return (await self.execute(statement, parameters)).scalar()

    async def connection(self) -> AsyncConnection:
        if self._driver is None:
            await self._begin()
        return self._connection

    async def commit(self) -> None:
        if self._is_open:
            await self._driver.execute("COMMIT")
            self._is_open = False

    async def close(self) -> None:
        """Give the connection back; what was not committed is rolled back."""
        if self._driver is None:
            return
        try:
            if self._is_open and not self._driver.is_closed():
                await self._driver.execute("ROLLBACK")
        except (PostgresError, InterfaceError, OSError):
            self._driver.terminate()
        if self._driver.is_closed():
            await self._connection.invalidate()
        await self._connection.close()

    async def _begin(self) -> Any:  # noqa: ANN401 - asyncpg's connection, which has no types
        """SQLAlchemy's connection is in autocommit; the transaction is ours to open and close."""
        while self._driver is None:
            await self._connection.start()
            assert self._connection.sync_connection is not None
            driver: Any = self._connection.sync_connection.connection.driver_connection
            if driver.is_closed():  # it died in the pool, as its neighbours may have
                await self._connection.invalidate()
                await self._connection.close()
                self._connection = self._engine.connect()
            else:
                self._driver = driver
        if self._opening:
            await self._driver.execute(self._opening)
            self._is_open = True
        return self._driver


class Database:
    """A service's own schema, reached with its own role. Nobody else connects with it."""

    def __init__(self, url: str, service: str, *, pool_size: int = 10) -> None:
        self._writes = _engine(url, service, pool_size=pool_size)
        self._reads = _engine(url, service, pool_size=pool_size, default_transaction_read_only="on")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Commit on exit, roll back on exception."""
        async with _work(self._writes, "BEGIN") as tx:
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
        async with _work(self._reads, _SNAPSHOT) as tx:
            yield tx

    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        """One statement that is a whole unit of work: one round trip."""
        async with _work(self._writes) as tx:
            return await tx.execute(statement, parameters)

    async def fetch(
        self, statement: Prepared, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """One statement that is a whole unit of work: one round trip."""
        async with _work(self._writes) as tx:
            return await tx.fetch(statement, parameters)

    async def close(self) -> None:
        await self._writes.dispose()
        await self._reads.dispose()


def retryable(error: Exception, attempt: int) -> bool:
    """Whether the whole unit of work may be run again: nothing of it was done."""
    if attempt >= _ATTEMPTS:
        return False
    return is_lost(error) or sqlstate(error) in (_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED)


def is_lost(error: Exception) -> bool:
    """Whether the connection went away."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, InterfaceError | PostgresConnectionError | AdminShutdownError)


def sqlstate(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or ""


def constraint(error: Exception) -> str:
    """The name of the constraint that was violated, or empty."""
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    return getattr(cause, "constraint_name", None) or ""


@asynccontextmanager
async def _work(engine: AsyncEngine, opening: str = "") -> AsyncIterator[Tx]:
    tx = Tx(engine, opening)
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
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args={
            "timeout": 5,
            "command_timeout": 30,
            "server_settings": settings,
            "record_class": Row,
        },
    )
