from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsServiceStub
from tests.logistics.conftest import Buyer
from tests.logistics.requests import a_province, set_zone_rate
from tests.support import invalid, refused


async def test_pages_together_are_the_zone_table_by_province(admin: LogisticsServiceStub) -> None:
    mine = [await admin.SetZoneRate(set_zone_rate(a_province())) for _ in range(3)]

    rates: list[pb.ZoneRate] = []
    request = pb.ListZoneRatesRequest(page_size=2)
    while True:
        page = await admin.ListZoneRates(request)
        assert 1 <= len(page.zone_rates) <= 2
        rates += page.zone_rates
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break

    provinces = [rate.province_code for rate in rates]
    assert provinces == sorted(set(provinces))
    assert all(rate in rates for rate in mine)


async def test_a_token_of_no_list_is_refused(admin: LogisticsServiceStub) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await admin.ListZoneRates(pb.ListZoneRatesRequest(page_token="x"))


async def test_a_page_larger_than_the_contract_allows_is_refused(
    admin: LogisticsServiceStub,
) -> None:
    with invalid("page_size"):
        await admin.ListZoneRates(pb.ListZoneRatesRequest(page_size=101))


async def test_buyers_do_not_read_the_zone_table(buyer: Buyer) -> None:
    with refused("ROLE_REQUIRED"):
        await buyer.stub.ListZoneRates(pb.ListZoneRatesRequest())
