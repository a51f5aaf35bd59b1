"""A worker does what is booked, also after it lost its connections or a wake-up."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.kit.ids import new_id
from services.kit.jobs import RetryLater
from services.kit.worker import working
from tests.kit.work import LONG, Boom, Work
from tests.support import Realm, eventually


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


async def moved_until_done(work: Work) -> bool:
    work.clock.move(timedelta(milliseconds=10))
    return await work.all_done()
