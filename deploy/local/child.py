"""A program that we started, its log, and how it ends."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import launch


class NotReady(Exception):
    """A part of the platform did not start; the message names its log."""


@dataclass
class Child:
    """One process of ours. It is ended by its own id only, and waited for."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def name(self) -> str:
        return self.log.stem

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path
    ) -> "Child":
        """In its own session, so that Ctrl-C reaches us first and we end it in order."""
        inherited = dict(os.environ)  # noqa: TID251 (a child gets what its parent has)
        paths = os.pathsep.join([str(folder / "gen"), str(folder)])
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *launch.command(os.geteuid(), os.getegid(), *command),
                cwd=folder,
                env=inherited | {"PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"} | dict(environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(process, log)

    def check(self) -> None:
        """Raise if it ended."""
        if self.process.returncode is not None:
            last = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise NotReady(f"{self.name} ended: {last[:200]} (see {self.log})")

    async def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.wait()
