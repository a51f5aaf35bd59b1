"""What the database refuses, whoever asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gotong.warehouse.v1 import warehouse_pb2 as pb
from services.kit import migrate
from services.kit.db import Database, Tx, constraint, sqlstate
from tests.support import Realm
from tests.warehouse.conftest import Warehouse
from tests.warehouse.superuser import as_superuser

NOT_ALLOWED = "42501"
GENERATED_ALWAYS = "428C9"

Who = Callable[[Realm], AbstractAsyncContextManager[Tx]]

REWRITES = [
    "UPDATE stock_movements SET notes = 'never happened' WHERE variant_id = :variant",
    "DELETE FROM stock_movements WHERE variant_id = :variant",
    "TRUNCATE stock_movements",
]


@asynccontextmanager
async def as_service(realm: Realm) -> AsyncIterator[Tx]:
    database = Database(realm.urls["warehouse"], "warehouse")
    try:
        async with database.transaction() as tx:
            yield tx
    finally:
        await database.close()


@pytest.mark.parametrize("who", [as_service, as_superuser])
@pytest.mark.parametrize("statement", REWRITES, ids=["update", "delete", "truncate"])
async def test_what_happened_cannot_be_rewritten(
    warehouse: Warehouse, location: pb.Location, statement: str, who: Who
) -> None:
    variant_id = await warehouse.stock(location, 1)

    with pytest.raises(DBAPIError) as refusal:
        async with who(warehouse.realm) as tx:
            await tx.execute(text(statement), {"variant": variant_id})

    assert sqlstate(refusal.value) == NOT_ALLOWED


async def test_the_role_of_the_service_may_only_read_and_add(warehouse: Warehouse) -> None:
    async with warehouse.app.db.reading() as tx:
        rights = await tx.scalar(
            text("""
                SELECT array_agg(privilege_type ORDER BY privilege_type) FROM unnest(
                    ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege_type
                WHERE has_table_privilege('stock_movements', privilege_type)
            """)
        )

    assert rights == ["INSERT", "SELECT"]


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("quantity = -1, reserved = -1", "stock_levels_quantity"),
        ("reserved = -1", "stock_levels_reserved"),
        ("reserved = quantity + 1", "stock_levels_available"),
        ("owner_kind = 'seller'", "stock_levels_owner"),
        ("owner_kind = 'nobody', owner_id = id", "stock_levels_owner_kind"),
    ],
)
async def test_a_level_that_cannot_be_is_refused(
    warehouse: Warehouse, location: pb.Location, change: str, guard: str
) -> None:
    variant_id = await warehouse.stock(location, 1)
    statement = text(f"UPDATE stock_levels SET {change} WHERE variant_id = :variant")  # noqa: S608 - our own words

    with pytest.raises(DBAPIError) as refusal:
        await warehouse.app.db.execute(statement, {"variant": variant_id})

    assert constraint(refusal.value) == guard


async def test_what_is_available_is_computed_and_never_written(warehouse: Warehouse) -> None:
    with pytest.raises(DBAPIError) as refusal:
        await warehouse.app.db.execute(text("UPDATE stock_levels SET available = 1"))

    assert sqlstate(refusal.value) == GENERATED_ALWAYS


async def test_tables_and_migrations_agree(realm: Realm) -> None:
    await migrate.check("warehouse", realm.urls["warehouse"])
