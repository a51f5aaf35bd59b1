import asyncio
from datetime import timedelta

import pytest

from gotong.logistics.v1.logistics_pb2_grpc import LogisticsServiceStub
from tests.logistics.conftest import Logistics
from tests.logistics.requests import a_province, get_zone_rate, set_zone_rate
from tests.support import an_id, idr, invalid, refused


async def test_a_rate_that_is_set_is_the_provinces(
    logistics: Logistics, admin: LogisticsServiceStub
) -> None:
    province = a_province()

    rate = await admin.SetZoneRate(set_zone_rate(province, 12_000))

    assert (rate.province_code, rate.price_per_kg) == (province, idr(12_000))
    assert rate.update_time.ToDatetime() == logistics.clock().replace(tzinfo=None)
    assert await admin.GetZoneRate(get_zone_rate(province)) == rate


async def test_a_new_rate_takes_the_place_of_the_old(
    logistics: Logistics, admin: LogisticsServiceStub
) -> None:
    province = a_province()
    old = await admin.SetZoneRate(set_zone_rate(province, 12_000))
    logistics.clock.move(timedelta(seconds=1))

    new = await admin.SetZoneRate(set_zone_rate(province, 13_000))

    assert new.update_time.ToDatetime() > old.update_time.ToDatetime()
    assert await admin.GetZoneRate(get_zone_rate(province)) == new


async def test_a_retry_does_not_bring_back_an_old_rate(admin: LogisticsServiceStub) -> None:
    province = a_province()
    request = set_zone_rate(province, 12_000)
    first = await admin.SetZoneRate(request)
    newer = await admin.SetZoneRate(set_zone_rate(province, 13_000))

    assert await admin.SetZoneRate(request) == first
    assert await admin.GetZoneRate(get_zone_rate(province)) == newer


async def test_retries_that_race_set_a_rate_once(admin: LogisticsServiceStub) -> None:
    request = set_zone_rate(a_province())

    first, *retries = await asyncio.gather(*(admin.SetZoneRate(request) for _ in range(8)))

    assert retries == [first] * 7


async def test_of_rates_that_race_one_stays(admin: LogisticsServiceStub) -> None:
    province = a_province()

    rates = await asyncio.gather(
        *(admin.SetZoneRate(set_zone_rate(province, 1_000 + n)) for n in range(8))
    )

    assert await admin.GetZoneRate(get_zone_rate(province)) in rates


async def test_the_same_request_id_for_another_rate_is_refused(
    admin: LogisticsServiceStub,
) -> None:
    province, request_id = a_province(), an_id()
    await admin.SetZoneRate(set_zone_rate(province, 12_000, request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await admin.SetZoneRate(set_zone_rate(province, 13_000, request_id=request_id))


async def test_a_rate_that_is_no_price_is_refused(admin: LogisticsServiceStub) -> None:
    with invalid("province_code", "price_per_kg"):
        await admin.SetZoneRate(set_zone_rate("JKT", 0))


@pytest.mark.parametrize("role", ["buyer", "ops"])
async def test_only_administrators_set_rates(logistics: Logistics, role: str) -> None:
    other = await logistics.user(role=role)

    with refused("ROLE_REQUIRED"):
        await other.SetZoneRate(set_zone_rate(a_province()))
