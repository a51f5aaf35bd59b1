"""`gotong run`: the platform on this machine until Ctrl-C, with what to try next."""

import asyncio
import json
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from pathlib import Path

import httpx

from deploy.local.catalogue import BUYER, seed
from deploy.local.child import NotReady
from deploy.local.files import PRIVATE, write
from deploy.local.platform import GATEWAY_PORT, PORTS, Plan, Platform, platform
from deploy.local.postmaster import NotStarted
from gateway.process import GatewayFailed

RUNNING = "running.json"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--gateway-port", type=int, default=GATEWAY_PORT)
    parser.add_argument("--free-ports", action="store_true", help="choose free ports instead")
    parser.add_argument("--database-url", default="", help="a superuser's, of another PostgreSQL")


def run(given: Namespace) -> None:
    plan = Plan(
        state=given.state.resolve(),
        ports=None if given.free_ports else PORTS,
        gateway_port=0 if given.free_ports else given.gateway_port,
        database_url=given.database_url,
    )
    try:
        asyncio.run(_until_interrupted(plan))
    except (NotReady, NotStarted, GatewayFailed, OSError, httpx.HTTPError) as error:
        sys.exit(f"gotong did not start: {error}")


async def _until_interrupted(plan: Plan) -> None:
    """Ctrl-C, at any moment, drains and stops all."""
    started = time.monotonic()
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        async with platform(plan, lambda part: _say(started, part)) as running:
            _say(started, "demo catalogue")
            await seed(running)
            try:
                _remember(plan.state, running)
                _welcome(running, started)
                await asyncio.Event().wait()
            finally:
                (plan.state / RUNNING).unlink(missing_ok=True)
    print("stopped")


def _say(started: float, part: str) -> None:
    print(f"{time.monotonic() - started:5.1f} s  {part} ...", flush=True)


def _remember(state: Path, running: Platform) -> None:
    """Where `gotong demo` finds it."""
    found = {"gateway": running.gateway_url, "sandbox": running.sandbox_url}
    write(state / RUNNING, json.dumps(found), mode=PRIVATE)


def _welcome(running: Platform, started: float) -> None:
    token = running.token("buyer", sub=BUYER)
    print(
        f"""
ready after {time.monotonic() - started:.1f} s

  REST, gRPC, grpc-web   {running.gateway_url}
  API description        gen/openapi.json
  Payment sandbox        {running.sandbox_url}
  Logs and data          {running.plan.state}

Find something to buy:

  curl -s '{running.gateway_url}/v1/products?query=kopi'

The orders of a buyer (this token is good for an hour; `gotong token` makes others):

  curl -s -H 'Authorization: Bearer {token}' {running.gateway_url}/v1/orders

A whole order from the first look to the money in the ledger, in another terminal: make demo
Ctrl-C drains and stops everything.
""",
        flush=True,
    )
