"""As whom PostgreSQL runs, and which paths that user can reach."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

OTHERS_ENTER = 0o001
OTHERS_RUN = 0o005


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def enters(self, directory: Path) -> bool:
        """Whether every step down to the directory is open to this user."""
        steps = (directory, *directory.parents)
        return self.is_us or all(step.stat().st_mode & OTHERS_ENTER for step in steps)

    def runs(self, program: Path) -> bool:
        may_run = program.stat().st_mode & OTHERS_RUN == OTHERS_RUN
        return self.is_us or (may_run and self.enters(program.parent))

    @property
    def is_us(self) -> bool:
        return os.geteuid() == self.uid


def account_for(data: Path) -> Account:
    """Us; but PostgreSQL refuses root, so then whoever owns the data, or nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)
