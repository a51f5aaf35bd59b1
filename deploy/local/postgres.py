"""How a laptop and a test get PostgreSQL, with a role and a schema for each service."""

import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import asyncpg
from sqlalchemy import URL, make_url

from deploy.local.account import Account, account_for
from deploy.local.binaries import installation
from deploy.local.files import PRIVATE, write
from deploy.local.postmaster import HOST, Cluster, NotStarted

IDENTIFIER = re.compile("[a-z][a-z0-9_]*")
LONGEST_SOCKET_DIRECTORY = 85  # a socket's path has 103 bytes at most on every system
SETTINGS = {
    "listen_addresses": HOST,
    "max_connections": "400",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
THROW_AWAY = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class Server:
    superuser_url: str
    directory: Path  # where the roles' passwords are kept
    socket_directory: Path | None = None

    @property
    def host(self) -> str:
        return make_url(self.superuser_url).host or HOST

    @property
    def port(self) -> int:
        return make_url(self.superuser_url).port or 5432


class Connection(Protocol):
    """What we use of asyncpg's, which has no types."""

    async def execute(self, query: str) -> str: ...
    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]: ...
    async def close(self) -> None: ...


@asynccontextmanager
async def running(
    directory: Path | None, *, port: int = 0, durable: bool = True
) -> AsyncIterator[Server]:
    """A server of our own until the block ends; its data outlives it only in a given directory."""
    with _home(directory) as home, _sockets(home) as sockets:
        account = account_for(home / "data")
        account.own(sockets)
        cluster = Cluster(home / "data", home / "log", installation(account), account)
        password_file = _superuser_password(home, account)
        await cluster.initialize(password_file, *(() if durable else ("--no-sync",)))
        settings = SETTINGS | ({} if durable else THROW_AWAY)
        settings["unix_socket_directories"] = str(sockets)
        async with cluster.serving(port, settings) as served:
            password = password_file.read_text()
            url = f"postgresql://postgres:{password}@{HOST}:{served}/postgres"
            yield Server(url, home, sockets)


async def provision(
    server: Server, services: Sequence[str], *, database: str = "gotong"
) -> dict[str, str]:
    """One database, and in it a schema and a login role per service, each closed to the others."""
    assert all(IDENTIFIER.fullmatch(name) for name in (*services, database))
    superuser = make_url(server.superuser_url)
    async with _connection(superuser) as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtext('gotong.provision'))")
        passwords = _role_passwords(server.directory, services)
        await _create_database(connection, database)
        async with _connection(superuser.set(database=database)) as inside:
            await inside.execute(_closed(database, passwords))
    return {name: _service_url(superuser, name, passwords[name], database) for name in services}


@contextmanager
def _home(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with _throw_away() as home:
            yield home
    else:
        directory.mkdir(parents=True, exist_ok=True)
        with _alone(directory):
            yield _reachable(directory.resolve())


@contextmanager
def _throw_away() -> Iterator[Path]:
    rubbish = home = _directory_for_others()
    try:
        yield home
    except NotStarted:
        rubbish = home / "data"  # the log stays, since the message names it
        raise
    finally:
        shutil.rmtree(rubbish, ignore_errors=True)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """The lock goes with its process, so what still runs on this data then is an orphan."""
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStarted(f"another process runs PostgreSQL in {directory}") from None
        yield


def _reachable(directory: Path) -> Path:
    """Itself; or, below a home that PostgreSQL's user may not enter, where its link leads."""
    if account_for(directory / "data").enters(directory):
        return directory
    link = directory / "elsewhere"
    if link.is_dir() and link.stat().st_uid == os.geteuid():
        return link.resolve()
    link.unlink(missing_ok=True)
    link.symlink_to(_directory_for_others())
    return link.resolve()


def _directory_for_others() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="gotong-")).resolve()
    directory.chmod(0o711)
    return directory


@contextmanager
def _sockets(home: Path) -> Iterator[Path]:
    directory = home / "socket"
    if len(str(directory)) <= LONGEST_SOCKET_DIRECTORY:
        shutil.rmtree(directory, ignore_errors=True)  # a killed server's lock would still hold
        directory.mkdir()
        yield directory
    else:
        with tempfile.TemporaryDirectory(prefix="gotong-") as short:
            Path(short).chmod(0o711)
            yield Path(short)


def _superuser_password(home: Path, account: Account) -> Path:
    path = home / "superuser.password"
    if not path.exists():
        write(path, secrets.token_hex(24), mode=PRIVATE)
        account.own(path)
    return path


def _role_passwords(directory: Path, services: Sequence[str]) -> dict[str, str]:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "passwords.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: secrets.token_hex(24) for name in services if name not in known}
    if missing:
        write(path, json.dumps(known | missing, indent=2), mode=PRIVATE)
    return {name: (known | missing)[name] for name in services}


@asynccontextmanager
async def _connection(url: URL) -> AsyncIterator[Connection]:
    connect: Callable[[str], Awaitable[Connection]] = asyncpg.connect
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def _create_database(connection: Connection, name: str) -> None:
    found = await connection.fetch("SELECT FROM pg_database WHERE datname = $1", name)
    if not found:
        await connection.execute(f'CREATE DATABASE "{name}"')


def _closed(database: str, passwords: dict[str, str]) -> str:
    """Passwords of 192 random bits need no slow hash, which is most of the time here otherwise."""
    roles = "".join(_role(database, name, password) for name, password in passwords.items())
    return f"""
        SET scram_iterations = 1;
        REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        {roles}
    """


def _role(database: str, name: str, password: str) -> str:
    return f"""
        DO $$ BEGIN
            IF to_regrole('"{name}"') IS NULL THEN CREATE ROLE "{name}"; END IF;
        END $$;
        ALTER ROLE "{name}" LOGIN PASSWORD '{password}';
        GRANT CONNECT ON DATABASE "{database}" TO "{name}";
        CREATE SCHEMA IF NOT EXISTS "{name}" AUTHORIZATION "{name}";
        ALTER ROLE "{name}" IN DATABASE "{database}" SET search_path = "{name}";
    """


def _service_url(superuser: URL, role: str, password: str, database: str) -> str:
    """The same server with the same options, of which the two clients name one differently."""
    url = superuser.set(
        drivername="postgresql+asyncpg", username=role, password=password, database=database
    )
    if "sslmode" in url.query:
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url.render_as_string(hide_password=False)
