"""What the tests of the local pieces stand on: real files, real processes."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import Server, running


@pytest.fixture
def home() -> Iterator[Path]:
    """Not pytest's tmp_path, into which root's PostgreSQL, as nobody, may not look."""
    with tempfile.TemporaryDirectory(prefix="gotong-test-") as directory:
        path = Path(directory).resolve()
        path.chmod(0o711)
        yield path / "postgres"


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    async with running(None, durable=False) as server:
        yield server
