"""Fills in the areas of Indonesia: `python -m services.address.areas import FILE`.

The file is UTF-8 CSV with the header code,name,postal_code and a line for each area, in any order:

    31,DKI Jakarta,
    31.74,Kota Administrasi Jakarta Selatan,
    31.74.07,Kebayoran Baru,
    31.74.07.1001,Melawai,12160

It is complete in itself: an area's parents are in it too, and every village has its postal code.
The whole file is checked before anything is written, so a bad line, which is named, changes
nothing. Then areas are added or brought up to date, parents first, a thousand in one transaction:
an import that was interrupted is simply run again. What a file does not name stays, because
addresses lie in it.

sample_areas.csv beside this module is for trying things out: all provinces, and a few villages with
village codes of our own numbering. The complete list (Kepmendagri 300.2.2-2138/2025, 83,762
villages) is not ours to ship. To make the file, join the tables of two SQL dumps, both MIT and both
with these codes, on their column kode: github.com/cahyadsn/wilayah (kode, nama) and
github.com/cahyadsn/wilayah_kodepos (kode, kodepos). The npm package idn-area-data (data under ODbL
1.0: name it, share derived databases alike) has the same codes and names, but no postal codes.
"""

import argparse
import asyncio
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from services.address import domain, store
from services.address.domain import Area, Level
from services.kit.db import Database
from services.kit.settings import from_env
from services.kit.telemetry import log, start_logging

_HEADER = ["code", "name", "postal_code"]
_BATCH = 1_000
_FAULTS = 20


class BadFile(Exception):
    """A file that is not imported, and why."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    database_url: str


async def import_areas(db: Database, path: Path) -> int:
    """Add the areas of a file or bring them up to date. Raises BadFile before it writes."""
    check(path)
    number = 0
    for level in Level:
        of_level = (area for _, area in _read(path) if area.level is level)
        while batch := list(islice(of_level, _BATCH)):
            async with db.transaction() as tx:
                await store.put_areas(tx, batch)
            number += len(batch)
    return number


def check(path: Path) -> None:
    """Raises BadFile naming the lines that are wrong, the first twenty of them."""
    try:
        faults = list(islice(_faults(path), _FAULTS))
    except (csv.Error, OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}") from error
    if faults:
        raise BadFile("\n".join(f"{path}:{line}: {fault}" for line, fault in faults))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m services.address.areas")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("import", help="add areas from a file").add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    start_logging()
    try:
        number = asyncio.run(_import(from_env(Settings, "address"), path))
    except BadFile as error:
        raise SystemExit(f"nothing was imported\n{error}") from None
    log.info("areas were imported", file=str(path), number=number)


async def _import(settings: Settings, path: Path) -> int:
    db = Database(settings.database_url, "address")
    try:
        return await import_areas(db, path)
    finally:
        await db.close()


def _faults(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        if next(csv.reader(file), None) != _HEADER:
            yield 1, f"the header is not {','.join(_HEADER)}"
            return
    codes = {area.code for _, area in _read(path)}
    seen: set[str] = set()
    for line, area in _read(path):
        fault = f"{area.code} came before" if area.code in seen else domain.fault_of(area, codes)
        seen.add(area.code)
        if fault:
            yield line, fault


def _read(path: Path) -> Iterator[tuple[int, Area]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            yield rows.line_num, _area(row)


def _area(row: Iterable[str]) -> Area:
    """Of a line with fields too few or too many, the code shows that it is none."""
    fields = [field.strip() for field in row]
    if len(fields) != len(_HEADER):
        return Area(",".join(fields), "", None)
    code, name, postal_code = fields
    return Area(code, name, postal_code or None)


if __name__ == "__main__":
    main()
