"""A process that runs PostgreSQL in the given directory until it is killed."""

import asyncio
import sys
from pathlib import Path

from deploy.local.postgres import running
from tests.local.sql import ask


async def main(directory: Path) -> None:
    async with running(directory) as server:
        await ask(server.superuser_url, "CREATE TABLE kept AS SELECT 'all here' AS what")
        print("serving", flush=True)  # noqa: T201 (the test waits for it)
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
