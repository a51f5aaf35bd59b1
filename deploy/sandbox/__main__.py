"""The sandbox as a program: `python -m deploy.sandbox` prints its address and serves."""

import asyncio
import signal

from deploy.sandbox.server import serving
from deploy.sandbox.settings import Settings, from_env


async def main(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(settings) as base_url:
        print(base_url, flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(from_env()))
