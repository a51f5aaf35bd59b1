"""A task that was booked is done, once in its effect, whatever happens to whoever does it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.kit.ids import new_id
from services.kit.jobs import SWEEP_GRACE
from tests.kit.work import LONG, NOON, Boom, Work


async def test_a_task_is_done_and_gone(work: Work) -> None:
    key = new_id()
    await work.book(key)

    assert await work.jobs.run_due() == 1

    assert work.runs == [key]
    assert await work.all_done()


async def test_what_was_rolled_back_leaves_nothing(work: Work) -> None:
    async def book_and_fail() -> None:
        async with work.db.transaction() as tx:
            await work.jobs.wake(tx, "ship", new_id())
            raise Boom

    with pytest.raises(Boom):
        await book_and_fail()

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


async def test_what_nobody_retries_any_more_is_forgotten(work: Work) -> None:
    for age in (1, 29, 31):
        await work.db.execute(
            text("INSERT INTO responses VALUES ('buyer:1', :id, '', '', :made)"),
            {"id": new_id(), "made": NOON - timedelta(days=age)},
        )

    await work.jobs.purge()

    result = await work.db.execute(text("SELECT create_time FROM responses ORDER BY 1"))
    assert [NOON - time for time in result.scalars()] == [timedelta(days=29), timedelta(days=1)]
