import asyncio

import pytest

from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsServiceStub
from tests.logistics.conftest import Logistics
from tests.logistics.requests import a_province, delete_zone_rate, get_zone_rate, set_zone_rate
from tests.support import invalid, reason_of, refused


async def test_a_rate_that_is_deleted_is_gone(admin: LogisticsServiceStub) -> None:
    province = a_province()
    await admin.SetZoneRate(set_zone_rate(province))

    await admin.DeleteZoneRate(delete_zone_rate(province))

    with refused("ZONE_RATE_NOT_FOUND"):
        await admin.GetZoneRate(get_zone_rate(province))


async def test_a_province_without_a_rate_is_not_found(admin: LogisticsServiceStub) -> None:
    province = a_province()

    with refused("ZONE_RATE_NOT_FOUND", province_code=province):
        await admin.DeleteZoneRate(delete_zone_rate(province))


async def test_a_racing_retry_deletes_once(admin: LogisticsServiceStub) -> None:
    province = a_province()
    await admin.SetZoneRate(set_zone_rate(province))
    request = delete_zone_rate(province)

    answers = await asyncio.gather(*(admin.DeleteZoneRate(request) for _ in range(8)))

    assert answers == [pb.DeleteZoneRateResponse()] * 8


async def test_a_retry_leaves_a_newer_rate_alone(admin: LogisticsServiceStub) -> None:
    province = a_province()
    await admin.SetZoneRate(set_zone_rate(province))
    request = delete_zone_rate(province)
    await admin.DeleteZoneRate(request)
    newer = await admin.SetZoneRate(set_zone_rate(province))

    await admin.DeleteZoneRate(request)

    assert await admin.GetZoneRate(get_zone_rate(province)) == newer


async def test_of_rivals_one_deletes(admin: LogisticsServiceStub) -> None:
    province = a_province()
    await admin.SetZoneRate(set_zone_rate(province))

    outcomes = await asyncio.gather(
        *(admin.DeleteZoneRate(delete_zone_rate(province)) for _ in range(8)),
        return_exceptions=True,
    )

    losers = [reason_of(o) for o in outcomes if isinstance(o, BaseException)]
    assert losers == ["ZONE_RATE_NOT_FOUND"] * 7


async def test_a_malformed_province_is_refused(admin: LogisticsServiceStub) -> None:
    with invalid("province_code"):
        await admin.DeleteZoneRate(delete_zone_rate("3"))


@pytest.mark.parametrize("role", ["buyer", "ops"])
async def test_only_administrators_delete_rates(logistics: Logistics, role: str) -> None:
    other = await logistics.user(role=role)

    with refused("ROLE_REQUIRED"):
        await other.DeleteZoneRate(delete_zone_rate(a_province()))
