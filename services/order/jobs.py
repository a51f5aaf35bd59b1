"""What happens to orders later: what is paid keeps its stock, what is not paid in time ends."""

from uuid import UUID

from services.kit.actor import job
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.jobs import Jobs, RetryLater
from services.order import store
from services.order.clients import Payments, Warehouse
from services.order.domain import State, is_overdue

CONFIRM_STOCK = "confirm_stock"
RELEASE_STOCK = "release_stock"
EXPIRE_ORDER = "expire_order"


class OrderJobs:
    """The tasks of the order service. Each may run any number of times."""

    def __init__(
        self, db: Database, clock: Clock, jobs: Jobs, payments: Payments, warehouse: Warehouse
    ) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._payments = payments
        jobs.on(CONFIRM_STOCK, warehouse.confirm)
        jobs.on(RELEASE_STOCK, warehouse.release)
        jobs.on(EXPIRE_ORDER, self.expire)
        jobs.sweeps.append(self.find_due)

    async def find_due(self) -> None:
        """Book the end of all orders whose time to be paid is over."""
        async with self._db.reading() as tx:
            due = await store.list_overdue(tx, self._clock(), EXPIRE_ORDER)
        await self._jobs.wake_missing(EXPIRE_ORDER, due)

    async def expire(self, order_id: UUID) -> None:
        """End an order, once it is certain that no money can come for it any more."""
        async with self._db.reading() as tx:
            order = await store.get(tx, order_id)
        if not is_overdue(order, self._clock()):
            return
        if not await self._payments.close(order_id):
            raise RetryLater("the order is paid; payment is about to say so")
        async with self._db.transaction() as tx:
            closed = await store.set_closed(
                tx,
                order_id,
                State.EXPIRED,
                actor=job(EXPIRE_ORDER),
                reason="not paid in time",
                now=self._clock(),
            )
            if closed:
                await self._jobs.wake(tx, RELEASE_STOCK, order_id)
