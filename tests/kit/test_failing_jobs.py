"""A task that fails comes back with growing pauses, and is parked after too many tries."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from services.kit.db import Database
from services.kit.ids import new_id
from services.kit.jobs import Jobs, RetryLater
from tests.kit.work import LONG, MAX_TRIES, NOON, Boom, Work
from tests.support import VirtualClock


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


async def failing(_: UUID) -> None:
    raise Boom("no stock")
