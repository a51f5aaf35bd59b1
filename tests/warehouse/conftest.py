import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import text

from gotong.warehouse.v1 import warehouse_pb2 as pb
from gotong.warehouse.v1.warehouse_pb2_grpc import (
    WarehouseInternalServiceStub,
    WarehouseServiceStub,
)
from services.kit.app import App
from services.warehouse.__main__ import running
from services.warehouse.jobs import expire_reservations
from tests.support import Realm, an_id, eventually
from tests.warehouse.requests import adjust_stock, create_location


@dataclass(frozen=True)
class Warehouse:
    """The real service on a real port, for whoever calls."""

    realm: Realm
    app: App
    stack: AsyncExitStack
    admin: WarehouseServiceStub
    order: WarehouseInternalServiceStub

    async def user(self, role: str, *, org_id: str = "") -> WarehouseServiceStub:
        token = self.realm.token(role, org_id=org_id)
        channel = self.realm.channel(self.app.port, "warehouse", token=token)
        return WarehouseServiceStub(await self.stack.enter_async_context(channel))

    async def location(self, **different: object) -> pb.Location:
        return await self.admin.CreateLocation(create_location(**different))

    async def stock(self, location: pb.Location, quantity: int, *, variant_id: str = "") -> str:
        """Put some of a variant on a shelf; answers with the variant."""
        variant_id = variant_id or an_id()
        await self.admin.AdjustStock(adjust_stock(location, variant_id, quantity))
        return variant_id

    async def level(self, location: pb.Location, variant_id: str) -> pb.StockLevel:
        return await self.admin.GetStockLevel(
            pb.GetStockLevelRequest(location_id=location.id, variant_id=variant_id)
        )

    async def movements(self, variant_id: str) -> list[pb.StockMovement]:
        """Oldest first."""
        listed = await self.admin.ListStockMovements(
            pb.ListStockMovementsRequest(variant_id=variant_id, page_size=100)
        )
        return list(reversed(listed.stock_movements))

    async def expire(self, now: datetime) -> None:
        """The sweep, as it would run at that time."""
        await expire_reservations(self.app.db, lambda: now)

    async def locks_in_order(
        self, variant_ids: Sequence[str], work: Callable[[], Coroutine[None, None, object]]
    ) -> bool:
        """Whether work that has to wait for the first variant leaves the last alone until then."""
        first, *_, last = sorted(variant_ids)
        async with self.app.db.transaction() as tx:
            await tx.execute(_LOCK, {"variant": first})
            working = asyncio.create_task(work())
            await eventually(self.somebody_waits)
            is_free = await tx.scalar(_LOCK, {"variant": last}) is not None
        await working
        return is_free

    async def somebody_waits(self) -> bool:
        """Whether a statement of the service is waiting for a lock."""
        async with self.app.db.reading() as tx:
            return bool(await tx.scalar(_WAITING))


_LOCK = text("""
    SELECT variant_id FROM stock_levels WHERE variant_id = :variant FOR UPDATE SKIP LOCKED
""")
_WAITING = text("""
    SELECT EXISTS (
        SELECT FROM pg_stat_activity WHERE usename = current_user AND wait_event_type = 'Lock')
""")


@pytest.fixture(scope="session")
async def warehouse(realm: Realm) -> AsyncIterator[Warehouse]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(realm.settings("warehouse")))
        staff = realm.channel(app.port, "warehouse", token=realm.token("admin"))
        neighbour = realm.channel(app.port, "warehouse", own="order")
        yield Warehouse(
            realm,
            app,
            stack,
            WarehouseServiceStub(await stack.enter_async_context(staff)),
            WarehouseInternalServiceStub(await stack.enter_async_context(neighbour)),
        )


@pytest.fixture
async def location(warehouse: Warehouse) -> pb.Location:
    """An empty one that sells."""
    return await warehouse.location()
