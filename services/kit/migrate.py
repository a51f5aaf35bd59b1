"""How does a service's schema change? Alembic, one folder of migrations per service."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from pgqueuer.adapters.persistence.schema_ddl import render_install
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.kit import idempotency
from services.kit.worker import queue_settings

SERVICES = Path(__file__).parent.parent
_LOCK = 4_060_616_116  # one migration at a time, whatever the service; any number does


async def upgrade(service: str, database_url: str) -> None:
    """Bring a service's schema to the newest version; others wait meanwhile."""
    await _run(service, database_url, lambda config: command.upgrade(config, "head"))


async def check(service: str, database_url: str) -> None:
    """Raise if the tables and the migrations disagree."""
    await _run(service, database_url, command.check)


def run(*metadata: MetaData) -> None:
    """What every env.py calls. Tables of pgqueuer are its own affair."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[idempotency.metadata, *metadata],
        include_name=lambda name, kind, _: kind != "table" or "pgqueuer" not in (name or ""),
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


def install_queue(service: str) -> None:
    """In a service's first migration: the tables that carry its wake-ups."""
    for statement in _statements(render_install(queue_settings(service))):
        op.execute(statement)


def _statements(script: str) -> Sequence[str]:
    """One statement each: a blank line separates them, function bodies have none."""
    return [part for part in script.split(";\n\n") if part.strip()]


async def _run(service: str, database_url: str, work) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config.attributes["connection"] = connection.sync_connection
            await connection.run_sync(lambda _: work(config))
    finally:
        await engine.dispose()
