"""The sandbox as a program, and as a guest in another program's event loop."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from deploy.sandbox import Settings, serving
from tests.sandbox.support import BITESHIP_KEY, KEY, TOKEN, control, created

ENVIRONMENT = {
    "XENDIT_SECRET_KEY": KEY,
    "XENDIT_CALLBACK_TOKEN": TOKEN,
    "BITESHIP_API_KEY": BITESHIP_KEY,
}


@contextmanager
def program(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "deploy.sandbox"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def test_it_prints_its_address_and_ends_when_told() -> None:
    with program(ENVIRONMENT) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        health = httpx.get(address + "/healthz", trust_env=False)
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=20) == 0
    assert health.text == "ok"


def test_it_names_all_that_is_missing() -> None:
    with program({"XENDIT_SECRET_KEY": KEY}) as process:
        _, complaint = process.communicate(timeout=20)

    assert complaint.strip() == "set XENDIT_CALLBACK_TOKEN, BITESHIP_API_KEY"


async def test_it_leaves_nothing_running_behind() -> None:
    """In a loop of its own, where nobody else's tasks come and go."""
    await asyncio.to_thread(asyncio.run, _start_use_and_stop())


async def _start_use_and_stop() -> None:
    before = asyncio.all_tasks()
    handler = signal.getsignal(signal.SIGTERM)
    settings = Settings(KEY, TOKEN, BITESHIP_KEY, webhook_factor=1)
    async with (
        serving(settings) as base_url,
        httpx.AsyncClient(base_url=base_url, auth=(KEY, ""), trust_env=False) as client,
    ):
        await control(client, await created(client), "pay")
        assert signal.getsignal(signal.SIGTERM) is handler

    assert asyncio.all_tasks() == before
