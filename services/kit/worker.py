"""Who looks at the tasks? A pgqueuer worker in the service's own loop, and its sweeps by cron."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg
import pgqueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job, Schedule
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.queries import Queries

from services.kit.jobs import Jobs
from services.kit.telemetry import log

# Poll and heartbeat bound how long a lost notification and a killed worker are noticed; the sweep
# waits longer than both. Finished jobs are not logged for ever: the nightly purge cuts the log.
_POLL = timedelta(seconds=2)
_HEARTBEAT = timedelta(seconds=30)
_EVERY_FIVE_SECONDS = "* * * * * */5"
_NIGHTLY = "17 19 * * *"
_DRAIN_SECONDS = 10


def queue_settings(service: str) -> DBSettings:
    """Own names per service, since the notification channel follows the prefix."""
    return DBSettings(prefix=f"{service}_")


class _Driver(AsyncpgPoolDriver):
    """Listens before it probes itself.

    pgqueuer starts its first health check before it listens; a probe that comes back in between
    is lost, and the worker would restart for nothing.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._listening = asyncio.Event()

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        self._listening.set()

    async def notify(self, channel: str, payload: str) -> None:
        await self._listening.wait()
        await super().notify(channel, payload)


@asynccontextmanager
async def working(jobs: Jobs, database_url: str) -> AsyncIterator[None]:
    """Do the tasks of a service while the block runs; what has begun is finished at its end."""
    stop = asyncio.Event()

    @asynccontextmanager
    async def manager() -> AsyncIterator[pgqueuer.PgQueuer]:
        async with asyncpg.create_pool(
            database_url.replace("+asyncpg", ""),
            min_size=2,
            max_size=4,
            timeout=5,
            command_timeout=30,
            reset=_nothing_to_reset,
            server_settings={"application_name": f"{jobs.service}-worker", "jit": "off"},
        ) as pool:
            yield _manager(jobs, pool)

    worker = asyncio.create_task(
        pgqueuer.run(
            manager,
            dequeue_timeout=_POLL,
            heartbeat_timeout=_HEARTBEAT,
            batch_size=10,
            max_concurrent_tasks=20,
            restart_on_failure=True,
            restart_delay=timedelta(seconds=1),
            shutdown_on_listener_failure=True,
            shutdown=stop,
        )
    )
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([worker], timeout=_DRAIN_SECONDS)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def _manager(jobs: Jobs, pool: asyncpg.Pool) -> pgqueuer.PgQueuer:
    settings = queue_settings(jobs.service)
    driver = _Driver(pool)
    queries = Queries(
        driver,
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )
    manager = pgqueuer.PgQueuer(driver, settings.channel, queries=queries)

    @manager.entrypoint("task")
    async def task(job: Job) -> None:
        kind, _, key = (job.payload or b"").decode().partition(":")
        await jobs.run(kind, UUID(key))

    @manager.schedule("sweep", _EVERY_FIVE_SECONDS, clean_old=True)
    async def sweep(_: Schedule) -> None:
        for each in jobs.sweeps:
            await _quietly(each)

    @manager.schedule("purge", _NIGHTLY, clean_old=True)
    async def purge(_: Schedule) -> None:
        await _quietly(jobs.purge)

    return manager


async def _nothing_to_reset(_: object) -> None:
    """The pool is pgqueuer's alone and it leaves no state behind: a round trip less each time."""


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    """A sweep that fails is logged; the next one comes soon."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - it must not end the schedule
        log.error("a sweep failed", exc_info=error)
