"""The jobs of a service that only exists in tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from services.kit.db import Database
from services.kit.jobs import Jobs
from tests.support import VirtualClock

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LONG = timedelta(hours=1)
MAX_TRIES = 20


class Boom(Exception):
    """What a handler fails with."""


@dataclass
class Work:
    """The jobs of a service of its own, on a clock that stands still."""

    jobs: Jobs
    db: Database
    clock: VirtualClock
    url: str
    runs: list[UUID] = field(default_factory=list)

    async def book(self, key: UUID, due: datetime | None = None) -> None:
        async with self.db.transaction() as tx:
            await self.jobs.wake(tx, "ship", key, due)

    async def handle(self, key: UUID) -> None:
        """Remembers that it was run."""
        self.runs.append(key)

    async def tasks(self) -> list[Row[Any]]:
        return list(await self.db.execute(text("SELECT * FROM tasks ORDER BY key")))

    async def wake_ups(self) -> int:
        queue = f"{self.jobs.service}_pgqueuer"
        return int((await self.db.execute(text(f"SELECT count(*) FROM {queue}"))).scalar_one())  # noqa: S608 - our own name

    async def lose_wake_ups(self) -> None:
        await self.db.execute(text(f"DELETE FROM {self.jobs.service}_pgqueuer"))  # noqa: S608

    async def have_tried(self, times: int) -> None:
        await self.db.execute(text("UPDATE tasks SET tries = :times"), {"times": times})

    async def all_done(self) -> bool:
        return not await self.tasks()
