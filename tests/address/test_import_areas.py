"""The areas come from a file: as a whole, or not at all."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gotong.address.v1 import address_pb2 as pb
from services.address.areas import BadFile, import_areas
from tests.address.conftest import SAMPLE, Addresses


def a_file(folder: Path, *lines: str, header: str = "code,name,postal_code") -> Path:
    """Areas of a province that no other test looks into."""
    path = folder / "areas.csv"
    path.write_text("\n".join((header, "94,Papua Tengah,", *lines, "")))
    return path


async def names_below(addresses: Addresses, parent_code: str) -> list[str]:
    nobody = await addresses.bearer("")
    request = pb.ListAreasRequest(parent_code=parent_code, page_size=100)
    return [area.name for area in (await nobody.ListAreas(request)).areas]


async def test_children_may_come_before_their_parents(addresses: Addresses, tmp_path: Path) -> None:
    file = a_file(tmp_path, "94.01.01.2001,Oyehe,98815", "94.01.01,Nabire,", "94.01,Nabire,")

    assert await import_areas(addresses.db, file) == 4

    assert await names_below(addresses, "94.01.01") == ["Oyehe"]


async def test_a_second_import_brings_names_up_to_date(
    addresses: Addresses, tmp_path: Path
) -> None:
    await import_areas(addresses.db, a_file(tmp_path, "94.02,Before,"))

    await import_areas(addresses.db, a_file(tmp_path, "94.02,After,"))

    assert "After" in await names_below(addresses, "94")
    assert "Before" not in await names_below(addresses, "94")


async def test_imports_at_the_same_time_agree(addresses: Addresses) -> None:
    counts = await asyncio.gather(*(import_areas(addresses.db, SAMPLE) for _ in range(4)))

    assert counts == [128] * 4


async def test_more_than_one_batch_arrives_whole(addresses: Addresses, tmp_path: Path) -> None:
    villages = [f"94.03.01.{n},Village {n},98815" for n in range(1000, 3100)]
    file = a_file(tmp_path, "94.03,Mimika,", "94.03.01,Mimika Baru,", *villages)

    assert await import_areas(addresses.db, file) == 2103


async def test_a_bad_line_is_named_and_nothing_is_written(
    addresses: Addresses, tmp_path: Path
) -> None:
    file = a_file(tmp_path, "94.04,Good,", "94.04.01,Two fields", "95.01,Orphan,", "94.04,Twice,")

    with pytest.raises(BadFile) as fault:
        await import_areas(addresses.db, file)

    assert str(fault.value).splitlines() == [
        f"{file}:4: '94.04.01,Two fields' is no code of an area",
        f"{file}:5: 95.01 lies in 95, which is missing",
        f"{file}:6: 94.04 came before",
    ]
    assert "Good" not in await names_below(addresses, "94")


@pytest.mark.parametrize("header", ["kode,nama,kodepos", "", "code,name"])
async def test_a_file_with_another_header_is_refused(
    addresses: Addresses, tmp_path: Path, header: str
) -> None:
    with pytest.raises(BadFile, match=":1: the header is not code,name,postal_code"):
        await import_areas(addresses.db, a_file(tmp_path, header=header))


@pytest.mark.parametrize("content", [b"", b"code,name,postal_code\n94,\xff\xfe,\n"])
async def test_a_file_that_is_no_text_or_empty_is_refused(
    addresses: Addresses, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "areas.csv"
    file.write_bytes(content)

    with pytest.raises(BadFile):
        await import_areas(addresses.db, file)


def run(addresses: Addresses, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.address.areas", "import", str(file)],
        env=os.environ | {"PYTHONPATH": "gen:.", "DATABASE_URL": addresses.realm.urls["address"]},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_command_imports_a_file(addresses: Addresses) -> None:
    outcome = await asyncio.to_thread(run, addresses, SAMPLE)

    assert outcome.returncode == 0, outcome.stderr
    assert '"number": 128' in outcome.stdout


async def test_the_command_fails_for_a_file_that_is_not_there(
    addresses: Addresses, tmp_path: Path
) -> None:
    outcome = await asyncio.to_thread(run, addresses, tmp_path / "none.csv")

    assert outcome.returncode == 1
    assert "nothing was imported" in outcome.stderr
    assert "none.csv" in outcome.stderr
