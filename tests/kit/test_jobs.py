"""A task that was booked is done, once in its effect, whatever happens to whoever does it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Row, text

from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.jobs import SWEEP_GRACE, Jobs, RetryLater
from services.kit.worker import working
from tests.kit.conftest import Install
from tests.support import Realm, VirtualClock, eventually

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


@pytest.fixture
async def work(install: Install) -> AsyncIterator[Work]:
    name, url = await install()
    db, clock = Database(url, name), VirtualClock(NOON)
    made = Work(Jobs(name, db, clock), db, clock, url)
    made.jobs.on("ship", made.handle)
    yield made
    await db.close()


async def test_a_task_is_done_and_gone(work: Work) -> None:
    key = new_id()
    await work.book(key)

    assert await work.jobs.run_due() == 1

    assert work.runs == [key]
    assert await work.all_done()


async def test_what_was_rolled_back_leaves_nothing(work: Work) -> None:
    with pytest.raises(Boom):
        async with work.db.transaction() as tx:
            await work.jobs.wake(tx, "ship", new_id())
            raise Boom

    assert (await work.tasks(), await work.wake_ups()) == ([], 0)


async def test_booking_the_same_task_twice_is_one_task(work: Work) -> None:
    key = new_id()
    async with work.db.transaction() as tx:
        await work.jobs.wake(tx, "ship", key)
        await work.jobs.wake(tx, "ship", key)

    await work.jobs.run_due()

    assert work.runs == [key]
    assert await work.all_done()


async def test_a_task_waits_until_it_is_due(work: Work) -> None:
    key = new_id()
    await work.book(key, NOON + LONG)

    assert await work.jobs.run_due() == 0
    work.clock.move(LONG)
    assert await work.jobs.run_due() == 1


async def test_a_wake_up_that_comes_early_changes_nothing(work: Work) -> None:
    key = new_id()
    await work.book(key, NOON + LONG)

    await work.jobs.run("ship", key)

    (task,) = await work.tasks()
    assert (work.runs, task.due_time, task.tries) == ([], NOON + LONG, 0)
    assert await work.wake_ups() == 2


async def test_a_task_may_be_brought_forward(work: Work) -> None:
    key = new_id()
    await work.book(key, NOON + LONG)
    await work.book(key)

    await work.jobs.run_due()

    assert work.runs == [key]


async def test_a_wake_up_that_comes_twice_or_late_finds_nothing_to_do(work: Work) -> None:
    key = new_id()
    await work.book(key)

    for _ in range(3):
        await work.jobs.run("ship", key)

    assert work.runs == [key]


async def test_a_wake_up_during_the_run_is_not_lost(work: Work) -> None:
    key = new_id()

    async def handle(key: UUID) -> None:
        work.runs.append(key)
        if len(work.runs) == 1:
            await work.book(key)

    work.jobs.on("ship", handle)
    await work.book(key)

    await work.jobs.run_due()
    assert len(await work.tasks()) == 1
    await work.jobs.run_due()

    assert work.runs == [key, key]
    assert await work.all_done()


async def test_a_failure_does_not_put_off_what_was_booked_meanwhile(work: Work) -> None:
    key = new_id()

    async def handle(key: UUID) -> None:
        await work.book(key)
        raise Boom

    work.jobs.on("ship", handle)
    await work.book(key)

    await work.jobs.run_due()

    (task,) = await work.tasks()
    assert (task.due_time, task.tries, task.last_error) == (NOON, 0, None)


async def test_a_task_that_fails_comes_back_with_growing_pauses(work: Work) -> None:
    key = new_id()
    work.jobs.on("ship", failing)
    await work.book(key)

    for tries in range(1, 11):
        assert await work.jobs.run_due() == 1
        (task,) = await work.tasks()
        pause = (task.due_time - work.clock()).total_seconds()
        assert 0.75 <= pause / (0.5 * 2 ** (tries - 1)) <= 1.25
        assert (task.tries, task.last_error) == (tries, "Boom('no stock')")
        assert await work.jobs.run_due() == 0
        work.clock.now = task.due_time


async def test_a_task_that_keeps_failing_is_parked(work: Work) -> None:
    key = new_id()
    work.jobs.on("ship", failing)
    await work.book(key)

    for _ in range(MAX_TRIES + 1):
        work.clock.move(LONG)
        assert await work.jobs.run_due() == 1

    (task,) = await work.tasks()
    assert task.parked_time == work.clock()
    work.clock.move(LONG)
    assert await work.jobs.run_due() == 0


async def test_a_parked_task_is_not_swept_up_but_may_be_booked_again(work: Work) -> None:
    key = new_id()
    await work.book(key)
    await work.db.execute(text("UPDATE tasks SET parked_time = now(), tries = 21"))
    await work.lose_wake_ups()
    work.clock.move(LONG)

    await work.jobs.sweep()
    await work.jobs.run("ship", key)
    assert (await work.wake_ups(), work.runs) == (0, [])

    await work.book(key)
    await work.jobs.run_due()
    assert work.runs == [key]


async def test_a_task_that_is_booked_while_it_is_parked_is_not_parked(work: Work) -> None:
    key = new_id()
    await work.book(key)
    await work.have_tried(MAX_TRIES)
    rival = Database(work.url, "rival")

    async def book_again() -> None:
        async with rival.transaction() as tx:
            await Jobs(work.jobs.service, rival, VirtualClock(NOON)).wake(tx, "ship", key)
        await rival.close()

    def clock() -> datetime:
        """Asked between the claim and the parking: there somebody else comes in between."""
        thread = threading.Thread(target=asyncio.run, args=[book_again()])
        thread.start()
        thread.join()
        return NOON

    await Jobs(work.jobs.service, work.db, clock).run("ship", key)

    (task,) = await work.tasks()
    assert (task.parked_time, task.tries) == (None, 0)


async def test_a_handler_may_say_how_long_to_wait(work: Work) -> None:
    async def handle(_: UUID) -> None:
        raise RetryLater("the courier sleeps", timedelta(minutes=7))

    work.jobs.on("ship", handle)
    await work.book(new_id())

    await work.jobs.run_due()

    (task,) = await work.tasks()
    assert task.due_time == NOON + timedelta(minutes=7)


async def test_a_task_of_a_kind_that_nobody_does_is_kept(work: Work) -> None:
    async with work.db.transaction() as tx:
        await work.jobs.wake(tx, "sing", new_id())

    await work.jobs.run_due()

    assert [task.last_error for task in await work.tasks()] == ["KeyError('sing')"]


async def test_a_lost_wake_up_is_swept_up_once(work: Work) -> None:
    await work.book(new_id())
    await work.lose_wake_ups()
    await work.jobs.sweep()
    assert await work.wake_ups() == 0

    work.clock.move(SWEEP_GRACE + timedelta(seconds=1))
    await work.jobs.sweep()
    await work.jobs.sweep()

    assert await work.wake_ups() == 1


async def test_a_wake_up_that_is_not_lost_is_not_doubled(work: Work) -> None:
    await work.book(new_id())
    work.clock.move(LONG)

    await work.jobs.sweep()

    assert await work.wake_ups() == 1


async def test_of_workers_that_race_on_a_task_one_has_the_effect(work: Work) -> None:
    await work.db.execute(text("CREATE TABLE orders (key uuid, version int, shipped int)"))
    both_here = asyncio.Barrier(2)
    key = new_id()
    await work.db.execute(text("INSERT INTO orders VALUES (:key, 1, 0)"), {"key": key})

    async def handle(key: UUID) -> None:
        work.runs.append(key)
        version = (await work.db.execute(text("SELECT version FROM orders"))).scalar_one()
        await both_here.wait()
        ship = "UPDATE orders SET shipped = shipped + 1, version = version + 1 WHERE version = :v"
        await work.db.execute(text(ship), {"v": version})

    work.jobs.on("ship", handle)
    await work.book(key)

    await asyncio.gather(*(work.jobs.run("ship", key) for _ in range(2)))

    assert work.runs == [key, key]
    assert (await work.db.execute(text("SELECT shipped FROM orders"))).scalar_one() == 1
    assert await work.all_done()


KILLS_ITSELF = """
import asyncio, os, signal, sys
from uuid import UUID
from services.kit.clock import system_clock
from services.kit.db import Database
from services.kit.jobs import Jobs

async def handle(_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(name, url, key):
    jobs = Jobs(name, Database(url, name), system_clock)
    jobs.on("ship", handle)
    await jobs.run("ship", UUID(key))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_task_that_kills_its_process_is_parked(work: Work) -> None:
    key = new_id()
    await work.book(key)
    await work.have_tried(MAX_TRIES - 1)
    arguments = [sys.executable, "-c", KILLS_ITSELF, work.jobs.service, work.url, str(key)]

    victim = await asyncio.to_thread(
        subprocess.run, arguments, env=os.environ | {"PYTHONPATH": "gen:."}, check=False
    )
    assert victim.returncode == -signal.SIGKILL
    await work.jobs.run("ship", key)

    assert work.runs == []
    assert [task.parked_time for task in await work.tasks()] == [NOON]


async def test_a_worker_does_what_is_booked(work: Work) -> None:
    keys = [new_id() for _ in range(20)]

    async with working(work.jobs, work.url):
        await asyncio.gather(*map(work.book, keys))
        await eventually(work.all_done)

    assert sorted(work.runs) == keys
    assert await work.wake_ups() <= 2, "the schedules alone are left"


async def test_a_worker_finishes_what_it_has_begun(work: Work) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(key: UUID) -> None:
        begun.set()
        await go_on.wait()
        work.runs.append(key)

    work.jobs.on("ship", handle)
    key = new_id()
    async with working(work.jobs, work.url):
        await work.book(key)
        await begun.wait()
        asyncio.get_running_loop().call_later(0.2, go_on.set)

    assert work.runs == [key]
    assert await work.all_done()


async def test_a_worker_does_again_what_failed(work: Work) -> None:
    async def handle(key: UUID) -> None:
        work.runs.append(key)
        if len(work.runs) < 3:
            raise RetryLater("not yet", timedelta(milliseconds=50))
        work.runs.append(key)

    work.jobs.on("ship", handle)
    async with working(work.jobs, work.url):
        await work.book(new_id())
        await eventually(lambda: moved_until_done(work))

    assert len(work.runs) == 4


async def test_two_workers_share_the_tasks(work: Work) -> None:
    keys = [new_id() for _ in range(40)]

    async with working(work.jobs, work.url), working(work.jobs, work.url):
        await asyncio.gather(*map(work.book, keys))
        await eventually(work.all_done)

    assert sorted(set(work.runs)) == keys


async def test_a_worker_sweeps_up_lost_wake_ups(work: Work) -> None:
    key = new_id()
    await work.book(key)
    await work.lose_wake_ups()
    work.clock.move(LONG)

    async with working(work.jobs, work.url):
        await eventually(work.all_done)

    assert work.runs == [key]


async def test_a_worker_survives_the_loss_of_its_connections(realm: Realm, work: Work) -> None:
    async with working(work.jobs, work.url):
        await work.book(new_id())
        await eventually(work.all_done)
        driver = await asyncpg.connect(realm.superuser_url)
        await driver.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
            f"{work.jobs.service}-worker",
        )
        await driver.close()
        await work.book(new_id())
        await eventually(work.all_done)

    assert len(work.runs) == 2


async def test_a_sweep_that_fails_does_not_end_the_others(work: Work) -> None:
    after = asyncio.Event()

    async def break_down() -> None:
        raise Boom

    async def come_after() -> None:
        after.set()

    work.jobs.sweeps[:] = [break_down, come_after]
    async with working(work.jobs, work.url):
        await asyncio.wait_for(after.wait(), 15)


async def test_what_nobody_retries_any_more_is_forgotten(work: Work) -> None:
    for age in (1, 29, 31):
        await work.db.execute(
            text("INSERT INTO responses VALUES ('buyer:1', :id, '', '', :made)"),
            {"id": new_id(), "made": NOON - timedelta(days=age)},
        )

    await work.jobs.purge()

    result = await work.db.execute(text("SELECT create_time FROM responses ORDER BY 1"))
    assert [NOON - time for time in result.scalars()] == [timedelta(days=29), timedelta(days=1)]


async def failing(_: UUID) -> None:
    raise Boom("no stock")


async def moved_until_done(work: Work) -> bool:
    work.clock.move(timedelta(milliseconds=10))
    return await work.all_done()
