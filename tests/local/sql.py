"""Words for tests that talk to PostgreSQL."""

from sqlalchemy import NullPool, make_url
from sqlalchemy.ext.asyncio import create_async_engine


async def ask(url: str, statement: str) -> str:
    """The statement's only value, through a connection of its own."""
    asyncpg = make_url(url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(asyncpg, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        result = await connection.exec_driver_sql(statement)
        return str(result.scalar()) if result.returns_rows else ""
