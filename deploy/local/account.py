"""As whom PostgreSQL runs, and which paths that user can reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def enters(self, directory: Path) -> bool:
        """Whether every step down to the directory is open to this user."""
        return self.is_us or all(map(self._may_execute, (directory, *directory.parents)))

    def runs(self, program: Path) -> bool:
        return self.is_us or (self._may_execute(program) and self.enters(program.parent))

    def _may_execute(self, path: Path) -> bool:
        status = path.stat()
        wanted = stat.S_IXUSR if status.st_uid == self.uid else stat.S_IXOTH
        return bool(status.st_mode & wanted)

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
