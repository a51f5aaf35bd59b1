"""Runs the gateway until it is told to stop, then lets its requests finish: `python -m gateway`."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.environment import contracts_and_settings
from gateway.envoy import bootstrap
from gateway.process import running


async def main() -> int:
    """Envoy is a child, not ourselves: it would cut off its requests at the first signal."""
    environment = os.environ  # noqa: TID251 - the one place where the gateway reads it
    contracts, settings = contracts_and_settings(environment)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with TemporaryDirectory() as directory:
        config = bootstrap(contracts, settings)
        async with running(config, Path(directory), output=sys.stdout.buffer) as gateway:
            print(f"gateway on {gateway.address}", file=sys.stderr, flush=True)
            waits = [asyncio.ensure_future(wait) for wait in (stop.wait(), gateway.process.wait())]
            _, unfinished = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in unfinished:
                wait.cancel()
    return 0 if stop.is_set() else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
