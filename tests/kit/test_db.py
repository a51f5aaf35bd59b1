"""Work that was lost is done again, once in its effect; what is only read cannot be written."""

import asyncio

import asyncpg
import grpc
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from services.kit.db import Database, Tx, sqlstate
from services.kit.rpc import Call
from tests.kit.tiny import Tiny, add_one
from tests.support import Realm, an_id, denied

FAIL = "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END $$"


async def lose_connections(realm: Realm, service: Tiny) -> None:
    """As if PostgreSQL had been started anew: every connection of the service is closed."""
    driver = await asyncpg.connect(realm.superuser_url)
    await driver.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1",
        make_url(service.url).username,
    )
    await driver.close()


async def test_a_command_does_not_notice_that_connections_were_lost(
    realm: Realm, service: Tiny
) -> None:
    name = an_id()
    await asyncio.gather(*(service.command(lambda call: add_one(call, name)) for _ in range(8)))
    await lose_connections(realm, service)

    await asyncio.gather(*(service.command(lambda call: add_one(call, name)) for _ in range(8)))

    assert await service.count(name) == 16


async def test_a_query_does_not_notice_that_connections_were_lost(
    realm: Realm, service: Tiny
) -> None:
    await asyncio.gather(*(service.query(look) for _ in range(8)))
    await lose_connections(realm, service)

    await asyncio.gather(*(service.query(look) for _ in range(8)))


async def test_a_command_that_loses_its_connection_in_the_middle_is_run_again(
    service: Tiny,
) -> None:
    name, attempts = an_id(), 0

    async def act(call: Call) -> None:
        nonlocal attempts
        attempts += 1
        await add_one(call, name)
        if attempts == 1:
            await call.tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await service.command(act)

    assert (attempts, await service.count(name)) == (2, 1)


async def test_commands_that_deadlock_are_both_done(service: Tiny) -> None:
    both_hold_one, attempts = asyncio.Barrier(2), 0
    one, two = an_id(), an_id()

    async def cross(call: Call, first: str, second: str) -> None:
        nonlocal attempts
        attempts += 1
        await add_one(call, first)
        if attempts <= 2:
            await both_hold_one.wait()
        await add_one(call, second)

    await asyncio.gather(
        service.command(lambda call: cross(call, one, two)),
        service.command(lambda call: cross(call, two, one)),
    )

    assert attempts == 3
    assert (await service.count(one), await service.count(two)) == (2, 2)


async def test_commands_that_cannot_be_put_in_order_are_both_done(service: Tiny) -> None:
    name, both_have_read, attempts = an_id(), asyncio.Barrier(2), 0
    await service.command(lambda call: add_one(call, name))

    async def act(call: Call) -> None:
        nonlocal attempts
        attempts += 1
        await call.tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await look(call)
        if attempts <= 2:
            await both_have_read.wait()
        await add_one(call, name)

    await asyncio.gather(service.command(act), service.command(act))

    assert (attempts, await service.count(name)) == (3, 3)


@pytest.mark.parametrize(
    ("state", "attempts", "code"),
    [
        ("40001", 3, grpc.StatusCode.UNAVAILABLE),
        ("40P01", 3, grpc.StatusCode.UNAVAILABLE),
        ("55P03", 1, grpc.StatusCode.UNAVAILABLE),
        ("57014", 1, grpc.StatusCode.UNAVAILABLE),
        ("53300", 1, grpc.StatusCode.UNAVAILABLE),
        ("22021", 1, grpc.StatusCode.INVALID_ARGUMENT),
        ("23505", 1, grpc.StatusCode.INTERNAL),
        ("42P01", 1, grpc.StatusCode.INTERNAL),
    ],
)
async def test_only_what_did_nothing_is_run_again_and_at_most_three_times(
    service: Tiny, state: str, attempts: int, code: grpc.StatusCode
) -> None:
    made = []

    async def act(call: Call) -> None:
        made.append(state)
        await call.tx.execute(text(FAIL.format(state)))

    with denied(code):
        await service.command(act)

    assert made == [state] * attempts


async def test_a_command_that_fails_leaves_nothing(service: Tiny) -> None:
    name = an_id()

    async def act(call: Call) -> None:
        await add_one(call, name)
        raise RuntimeError

    with denied(grpc.StatusCode.INTERNAL):
        await service.command(act)

    assert await service.count(name) == 0


async def test_a_query_cannot_write(service: Tiny) -> None:
    name = an_id()

    with denied(grpc.StatusCode.INTERNAL):
        await service.query(lambda call: add_one(call, name))

    assert await service.count(name) == 0


@pytest.mark.parametrize("reader", ["reading", "snapshot"])
async def test_what_reads_cannot_write(db: Database, reader: str) -> None:
    async with getattr(db, reader)() as tx:
        with pytest.raises(DBAPIError) as error:
            await tx.execute(text("INSERT INTO counters VALUES (gen_random_uuid(), 1)"))

    assert sqlstate(error.value) == "25006"


async def test_a_snapshot_shows_one_moment_and_reading_the_newest(db: Database) -> None:
    name = an_id()
    async with db.snapshot() as snapshot, db.reading() as reading:
        assert await number_of(snapshot, name) == await number_of(reading, name) == 0
        await db.execute(text("INSERT INTO counters VALUES (:name, 1)"), {"name": name})

        assert (await number_of(snapshot, name), await number_of(reading, name)) == (0, 1)


async def test_a_connection_is_taken_at_the_first_statement(kit_url: str) -> None:
    db, all_here = Database(kit_url, "kit", pool_size=1), asyncio.Barrier(5)

    async def wait_and_read() -> int:
        async with db.transaction() as tx:
            await all_here.wait()
            return await number_of(tx, "nobody")

    assert await asyncio.gather(*(wait_and_read() for _ in range(5))) == [0] * 5
    await db.close()


async def look(call: Call) -> None:
    await number_of(call.tx, "nobody")


async def number_of(tx: Tx, name: str) -> int:
    statement = text("SELECT count(*) FROM counters WHERE name = :name")
    return int(await tx.scalar(statement, {"name": name}))
