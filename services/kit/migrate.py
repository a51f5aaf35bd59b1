"""How does a service's schema change? Alembic, one folder of migrations per service."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from pgqueuer.adapters.persistence.schema_ddl import render_install
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.ext.asyncio import create_async_engine

from services.kit import idempotency
from services.kit.settings import from_env
from services.kit.worker import queue_settings

KIT = Path(__file__).parent
_LOCK = 4_060_616_116  # one migration at a time, whatever the service; any number does


async def upgrade(service: str, database_url: str) -> None:
    """Bring a service's schema to the newest version; others wait meanwhile."""
    await _run(service, database_url, lambda config: command.upgrade(config, "head"))


async def check(service: str, database_url: str) -> None:
    """Raise if the tables and the migrations disagree."""
    await _run(service, database_url, command.check)


async def revise(service: str, database_url: str, message: str) -> None:
    """Write the next migration: what tables.py has and the database, freshly upgraded, has not."""

    def write(config: Config) -> None:
        command.upgrade(config, "head")
        number = len(list((KIT.parent / service / "migrations").glob("*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")

    await _run(service, database_url, write)


def run(*metadata: MetaData) -> None:
    """What env.py calls. Tables of pgqueuer are its own affair."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[idempotency.metadata, *metadata],
        include_name=lambda name, kind, _: kind != "table" or "pgqueuer" not in (name or ""),
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


def install_kit(service: str) -> None:
    """In a service's first migration: what the kit keeps in every schema."""
    op.create_table(
        "responses",
        Column("principal", Text, primary_key=True),
        Column("request_id", Uuid, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("response", LargeBinary, nullable=False),
        Column("create_time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    op.create_index("ix_responses_create_time", "responses", ["create_time"])
    op.execute("CREATE SEQUENCE tasks_version")
    op.create_table(
        "tasks",
        Column("kind", Text, primary_key=True),
        Column("key", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("due_time", DateTime(timezone=True), nullable=False),
        Column("tries", Integer, nullable=False, server_default="0"),
        Column("last_error", Text),
        Column("parked_time", DateTime(timezone=True)),
        Column("create_time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    for name, column, parked in (
        ("tasks_due", "due_time", "NULL"),
        ("tasks_parked", "parked_time", "NOT NULL"),
    ):
        where = text(f"parked_time IS {parked}")
        op.create_index(name, "tasks", [column], postgresql_where=where)
    # A script of many statements, which only asyncpg itself takes in one go.
    script = render_install(queue_settings(service))
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))


async def _run(service: str, database_url: str, work: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(KIT / "migrations"))
    config.set_main_option("version_locations", str(KIT.parent / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["service"] = service
    engine = create_async_engine(database_url)

    def with_connection(connection: Connection) -> None:
        config.attributes["connection"] = connection
        work(config)

    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(with_connection)
    finally:
        await engine.dispose()


def main() -> None:
    """`python -m services.kit.migrate order payment` brings their schemas up to date."""
    for service in sys.argv[1:]:
        settings = from_env(_Settings, service)
        asyncio.run(upgrade(service, settings.database_url))


@dataclass(frozen=True)
class _Settings:
    database_url: str


if __name__ == "__main__":
    main()
