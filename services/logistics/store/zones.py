"""SQL of the zone table."""

from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db import Tx
from services.kit.paging import Window
from services.logistics.domain.zones import ZoneRate, ZoneRateNotFound
from services.logistics.tables import zone_rates


async def put(tx: Tx, rate: ZoneRate) -> None:
    values = {"price_per_kg": rate.price_per_kg, "update_time": rate.update_time}
    await tx.execute(
        insert(zone_rates)
        .values(province_code=rate.province_code, **values)
        .on_conflict_do_update(index_elements=[zone_rates.c.province_code], set_=values)
    )


async def get(tx: Tx, province_code: str) -> ZoneRate:
    result = await tx.execute(select(zone_rates).where(zone_rates.c.province_code == province_code))
    row = result.one_or_none()
    if row is None:
        raise _not_found(province_code)
    return _zone_rate(row)


async def list_all(tx: Tx, window: Window) -> list[ZoneRate]:
    result = await tx.execute(
        select(zone_rates)
        .where(zone_rates.c.province_code > window.after)
        .order_by(zone_rates.c.province_code)
        .limit(window.limit)
    )
    return [_zone_rate(row) for row in result]


async def remove(tx: Tx, province_code: str) -> None:
    result = await tx.execute(
        delete(zone_rates)
        .where(zone_rates.c.province_code == province_code)
        .returning(zone_rates.c.province_code)
    )
    if result.one_or_none() is None:
        raise _not_found(province_code)


def _not_found(province_code: str) -> ZoneRateNotFound:
    return ZoneRateNotFound("this province is not in the zone table", province_code=province_code)


def _zone_rate(row: Row[Any]) -> ZoneRate:
    return ZoneRate(row.province_code, row.price_per_kg, row.update_time)
