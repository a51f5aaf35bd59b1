"""How a program runs as another user and ends when its parent does.

Run as a script, so that nothing happens between fork and exec in a process that has threads:
python launch.py PARENT UID GID PROGRAM ARGUMENT...
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def command(uid: int, gid: int, *program: str | Path) -> list[str]:
    identity = [str(os.getpid()), str(uid), str(gid)]
    return [sys.executable, "-I", "-S", "-B", __file__, *identity, *map(str, program)]


def become(uid: int, gid: int) -> None:
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def end_with(parent: int) -> None:
    """Only Linux can; elsewhere an orphan lives until the next start stops it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
        if os.getppid() != parent:
            sys.exit("the parent is gone already")


def main(parent: str, uid: str, gid: str, *program: str) -> None:
    become(int(uid), int(gid))  # first: changing the user forgets the death signal
    end_with(int(parent))
    os.execv(program[0], program)  # noqa: S606 (a program by its path, no shell)


if __name__ == "__main__":
    main(*sys.argv[1:])
