"""How a PostgreSQL server starts on a data directory, and stops, whatever happened before."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local import launch
from deploy.local.account import Account
from deploy.local.files import PRIVATE

HOST = "127.0.0.1"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
ATTEMPTS = 5
STATUS = 7  # the line of postmaster.pid that says "ready"
INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)


class NotStarted(Exception):
    pass


@dataclass(frozen=True)
class Cluster:
    """A data directory, the log beside it, and the programs and the user to run it with."""

    data: Path
    log: Path
    programs: Path
    account: Account

    async def initialize(self, password_file: Path, *options: str) -> None:
        """Done aside and renamed, so that an interrupted initdb is never taken for a cluster."""
        if self.data.exists():
            return
        draft = self._draft()
        arguments = (f"--pgdata={draft}", f"--pwfile={password_file}", *INITDB, *options)
        process = await self._launch("initdb", *arguments)
        try:
            if await process.wait() != 0:
                raise self._failure("initdb failed")
            draft.rename(self.data)
        finally:
            await _stop(process)
            shutil.rmtree(draft, ignore_errors=True)

    @asynccontextmanager
    async def serving(self, port: int, settings: Mapping[str, str]) -> AsyncIterator[int]:
        """On the given port, or on a free one when it is 0."""
        await self._stop_orphan()
        self._disarm_pid_file()
        process, port = await self._start(port, settings)
        try:
            yield port
        finally:
            await _stop(process)

    async def _start(self, wanted: int, settings: Mapping[str, str]) -> tuple[Process, int]:
        """Again when a free port was snatched, or backends of a killed server are still ending."""
        options = [f"--{name}={value}" for name, value in settings.items()]
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(attempt / 10)
            port = wanted or _free_port()
            arguments = ("-D", str(self.data), f"--port={port}", *options)
            process = await self._launch("postgres", *arguments)
            if await self._became_ready(process):
                return process, port
        raise self._failure("PostgreSQL did not start")

    async def _launch(self, program: str, *arguments: str) -> Process:
        path = self.programs / program
        command = launch.command(self.account.uid, self.account.gid, path, *arguments)
        with self.log.open("ab") as log:
            os.fchmod(log.fileno(), PRIVATE)  # it shows failed statements, whatever they held
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # so that Ctrl-C reaches us alone
            )

    async def _became_ready(self, process: Process) -> bool:
        """However long crash recovery takes."""
        try:
            await _until(lambda: process.returncode is not None or self._is_ready(process.pid))
        except asyncio.CancelledError:
            await _stop(process)
            raise
        return process.returncode is None

    def _is_ready(self, pid: int) -> bool:
        lines = self._pid_file()
        return len(lines) > STATUS and lines[0] == str(pid) and lines[STATUS].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    async def _stop_orphan(self) -> None:
        """A server whose parent was killed."""
        pid_file = self._pid_file()
        pid = int(pid_file[0]) if pid_file else 0
        if self._is_ours(pid):
            os.kill(pid, signal.SIGINT)
        await _until(lambda: not self._is_ours(pid))

    def _disarm_pid_file(self) -> None:
        """The number of a dead server may be another program's by now.

        PostgreSQL knows that its parent's is none of its own, and reads the rest of the file to
        wait for what the dead server left; so the file is not removed.
        """
        lines = self._pid_file()
        if lines:
            content = "\n".join([str(os.getpid()), *lines[1:]])
            (self.data / "postmaster.pid").write_text(content + "\n")

    def _is_ours(self, pid: int) -> bool:
        program, *arguments = _command_of(pid) or [""]
        return Path(program).name == "postgres" and arguments[:2] == ["-D", str(self.data)]

    def _draft(self) -> Path:
        for stale in self.data.parent.glob("initdb-*"):
            shutil.rmtree(stale, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.data.parent))
        self.account.own(draft)
        return draft

    def _failure(self, what: str) -> NotStarted:
        lines = self.log.read_text(errors="replace").splitlines() or ["no word"]
        fatal = [line for line in lines if "FATAL:" in line or "error:" in line] or lines
        return NotStarted(f"{what}: {fatal[-1].strip()} (log: {self.log})")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 (files and other people's processes ring no bell)
        await asyncio.sleep(0.01)


async def _stop(process: Process) -> None:
    """Open transactions are rolled back, everything committed is on disk."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    await process.wait()


def _command_of(pid: int) -> list[str]:
    if sys.platform == "linux":
        with suppress(FileNotFoundError, ProcessLookupError):
            return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        return []
    shown = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return shown.stdout.split()
