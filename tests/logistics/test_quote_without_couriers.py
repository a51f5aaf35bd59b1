"""QuoteShipping while the couriers do not answer, and where none goes."""

import logging
from datetime import timedelta

import grpc
import pytest
import structlog

from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsServiceStub
from tests.logistics.conftest import BITESHIP_KEY, Buyer, Logistics, logistics_running
from tests.logistics.neighbours import World
from tests.logistics.requests import (
    a_postal_code,
    a_province,
    a_village_in,
    get_quote,
    set_zone_rate,
)
from tests.support import Realm, denied, refused

UNSERVED = "99999"
OUTAGES = ["status_500", "status_429", "reset_before_processing", "garbage"]

Option = pb.ShippingQuote.Option


def sources(quote: pb.ShippingQuote) -> set[int]:
    return {option.source for option in quote.options}


def a_packet(buyer: Buyer, *, grams: int = 300) -> dict[str, int]:
    """From a place that nobody else sends from."""
    location = buyer.world.location(postal_code=a_postal_code())
    return {buyer.world.variant(location=location, weight_grams=grams): 1}


async def a_rated_village(admin: LogisticsServiceStub, price_per_kg: int = 12_000) -> str:
    province = a_province()
    await admin.SetZoneRate(set_zone_rate(province, price_per_kg))
    return a_village_in(province)


@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_that_passes_is_not_noticed(
    logistics: Logistics, buyer: Buyer, outage: str
) -> None:
    async with logistics.spoilt(outage, times=2):
        quote = await buyer.quote(a_packet(buyer))

    assert sources(quote) == {Option.SOURCE_COURIER}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_while_couriers_do_not_answer_their_last_answer_serves(
    logistics: Logistics, buyer: Buyer, outage: str
) -> None:
    items = a_packet(buyer)
    before = await buyer.quote(items)

    async with logistics.spoilt(outage):
        after = await buyer.quote(items)

    assert sources(after) == {Option.SOURCE_CACHED}
    for option in after.options:
        option.source = Option.SOURCE_COURIER
    assert after.options == before.options


async def test_the_last_answer_is_anybodys(logistics: Logistics, buyer: Buyer) -> None:
    items = a_packet(buyer)
    await buyer.quote(items)

    async with logistics.spoilt("status_500"):
        quote = await (await logistics.buyer()).quote(items)

    assert sources(quote) == {Option.SOURCE_CACHED}


async def test_a_last_answer_serves_for_a_day(logistics: Logistics, buyer: Buyer) -> None:
    items = a_packet(buyer)
    await buyer.quote(items)
    logistics.clock.move(timedelta(hours=24))
    later = await logistics.buyer()

    async with logistics.spoilt("status_500"):
        assert sources(await later.quote(items)) == {Option.SOURCE_CACHED}
        logistics.clock.move(timedelta(seconds=1))
        with refused("SERVICE_AREA_UNSUPPORTED"):
            await later.quote(items)


async def test_an_answer_from_the_cache_does_not_become_younger(
    logistics: Logistics, buyer: Buyer
) -> None:
    items = a_packet(buyer)
    await buyer.quote(items)
    logistics.clock.move(timedelta(hours=20))
    later = await logistics.buyer()

    async with logistics.spoilt("status_500"):
        await later.quote(items)
        logistics.clock.move(timedelta(hours=5))
        much_later = await logistics.buyer()
        with refused("SERVICE_AREA_UNSUPPORTED"):
            await much_later.quote(items)


async def test_a_newer_answer_takes_the_place_of_the_last(
    logistics: Logistics, buyer: Buyer
) -> None:
    items = a_packet(buyer)
    await buyer.quote(items)
    logistics.clock.move(timedelta(hours=20))
    await (await logistics.buyer()).quote(items)
    logistics.clock.move(timedelta(hours=20))
    later = await logistics.buyer()

    async with logistics.spoilt("status_500"):
        assert sources(await later.quote(items)) == {Option.SOURCE_CACHED}


async def test_an_older_answer_that_is_recorded_later_is_not_the_last(
    logistics: Logistics, buyer: Buyer
) -> None:
    items, hour = a_packet(buyer), timedelta(hours=1)
    await buyer.quote(items)
    logistics.clock.move(-hour)
    await (await logistics.buyer()).quote(items)
    logistics.clock.move(25 * hour)
    later = await logistics.buyer()

    async with logistics.spoilt("status_500"):
        assert sources(await later.quote(items)) == {Option.SOURCE_CACHED}


@pytest.mark.parametrize("different", ["weight", "origin", "destination"])
async def test_an_answer_for_another_lane_or_weight_does_not_serve(
    logistics: Logistics, buyer: Buyer, different: str
) -> None:
    items, origin = a_packet(buyer), a_postal_code()
    await buyer.quote(items)
    (variant,) = items
    place = {"postal_code": a_postal_code()} if different == "destination" else {}
    if different == "weight":
        items = {variant: 4}
    if different == "origin":
        buyer.world.warehouses.places[variant] = buyer.world.location(postal_code=origin)

    async with logistics.spoilt("status_500"):
        with refused("SERVICE_AREA_UNSUPPORTED"):
            await buyer.quote(items, **place)


async def test_without_a_last_answer_the_zone_table_serves(
    logistics: Logistics, buyer: Buyer, admin: LogisticsServiceStub
) -> None:
    village = await a_rated_village(admin, price_per_kg=12_000)

    async with logistics.spoilt("status_500"):
        quote = await buyer.quote(a_packet(buyer, grams=2_300), village_code=village)

    (option,) = quote.options
    assert (option.id, option.price.units) == ("zone:std", 3 * 12_000)
    assert option.source == Option.SOURCE_ZONE_TABLE


async def test_a_last_answer_goes_before_the_zone_table(
    logistics: Logistics, buyer: Buyer, admin: LogisticsServiceStub
) -> None:
    items, village = a_packet(buyer), await a_rated_village(admin)
    await buyer.quote(items, village_code=village)

    async with logistics.spoilt("status_500"):
        quote = await buyer.quote(items, village_code=village)

    assert sources(quote) == {Option.SOURCE_CACHED}


async def test_where_no_courier_goes_the_zone_table_serves(
    buyer: Buyer, admin: LogisticsServiceStub
) -> None:
    village = await a_rated_village(admin)

    quote = await buyer.quote(a_packet(buyer), village_code=village, postal_code=UNSERVED)

    assert sources(quote) == {Option.SOURCE_ZONE_TABLE}


@pytest.mark.parametrize("postal_code", [UNSERVED, "18000"])
async def test_where_no_courier_goes_and_no_rate_is_set_nothing_is_sent(
    buyer: Buyer, postal_code: str
) -> None:
    with refused("SERVICE_AREA_UNSUPPORTED", postal_code=postal_code):
        await buyer.quote(a_packet(buyer), village_code="99.01.01.1001", postal_code=postal_code)


async def test_a_quote_by_the_zone_table_is_kept_with_its_source(
    logistics: Logistics, buyer: Buyer, admin: LogisticsServiceStub
) -> None:
    village = await a_rated_village(admin)

    async with logistics.spoilt("status_500"):
        quote = await buyer.quote(a_packet(buyer), village_code=village)

    assert await buyer.stub.GetShippingQuote(get_quote(quote)) == quote


async def test_a_caller_in_a_hurry_has_an_answer_in_time(
    logistics: Logistics, buyer: Buyer, admin: LogisticsServiceStub
) -> None:
    request = buyer.request(a_packet(buyer), village_code=await a_rated_village(admin))

    async with logistics.spoilt("delay", seconds=2):
        quote = await buyer.stub.QuoteShipping(request, timeout=1.2)

    assert sources(quote) == {Option.SOURCE_ZONE_TABLE}


async def test_a_key_that_is_refused_is_an_outage_and_never_logged(
    realm: Realm, world: World, admin: LogisticsServiceStub, caplog: pytest.LogCaptureFixture
) -> None:
    village, wrong = await a_rated_village(admin), "biteship_test.wrong"
    caplog.set_level(logging.DEBUG)

    with structlog.testing.capture_logs() as logs:
        async with logistics_running(realm, world, key=wrong) as misconfigured:
            buyer = await misconfigured.buyer()
            quote = await buyer.quote(a_packet(buyer), village_code=village)

    assert sources(quote) == {Option.SOURCE_ZONE_TABLE}
    assert [log["log_level"] for log in logs if log.get("provider") == "biteship"] == ["error"]
    assert wrong not in f"{logs}{caplog.text}"


async def test_what_is_asked_of_the_couriers_is_logged_without_the_key(
    logistics: Logistics, buyer: Buyer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with structlog.testing.capture_logs() as logs:
        async with logistics.spoilt("status_500"):
            with refused("SERVICE_AREA_UNSUPPORTED"):
                await buyer.quote(a_packet(buyer))

    assert any(log.get("provider") == "biteship" for log in logs)
    assert BITESHIP_KEY not in f"{logs}{caplog.text}"


@pytest.mark.parametrize("away", ["address", "product", "warehouse"])
async def test_while_a_neighbour_is_away_there_is_no_quote_and_no_guess(
    realm: Realm, world: World, away: str
) -> None:
    nobody = {away: "127.0.0.1:1"}
    async with logistics_running(realm, world, **nobody) as alone:
        buyer = await alone.buyer()

        with denied(grpc.StatusCode.UNAVAILABLE):
            await buyer.quote()
