from gotong.logistics.v1.logistics_pb2_grpc import LogisticsServiceStub
from tests.logistics.conftest import Buyer, Logistics
from tests.logistics.requests import a_province, get_zone_rate, set_zone_rate
from tests.support import invalid, refused


async def test_operators_read_a_rate(logistics: Logistics, admin: LogisticsServiceStub) -> None:
    rate = await admin.SetZoneRate(set_zone_rate(a_province()))
    operator = await logistics.user(role="ops")

    assert await operator.GetZoneRate(get_zone_rate(rate.province_code)) == rate


async def test_a_province_without_a_rate_is_not_found(admin: LogisticsServiceStub) -> None:
    province = a_province()

    with refused("ZONE_RATE_NOT_FOUND", province_code=province):
        await admin.GetZoneRate(get_zone_rate(province))


async def test_a_malformed_province_is_refused(admin: LogisticsServiceStub) -> None:
    with invalid("province_code"):
        await admin.GetZoneRate(get_zone_rate("00"))


async def test_buyers_do_not_read_the_zone_table(buyer: Buyer) -> None:
    with refused("ROLE_REQUIRED"):
        await buyer.stub.GetZoneRate(get_zone_rate(a_province()))
