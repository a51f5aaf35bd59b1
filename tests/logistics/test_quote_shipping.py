import asyncio
from datetime import timedelta

import grpc
import pytest

from gotong.logistics.v1 import logistics_pb2 as pb
from tests.logistics.conftest import Buyer, Logistics
from tests.logistics.requests import a_postal_code, quote_shipping
from tests.support import an_id, denied, invalid, refused


def prices(quote: pb.ShippingQuote) -> dict[str, int]:
    return {option.id: option.price.units for option in quote.options}


async def test_the_couriers_prices_come_cheapest_first(buyer: Buyer) -> None:
    # From zone 6 to zone 1, one kilogram.
    quote = await buyer.quote()

    assert list(prices(quote).items()) == [
        ("anteraja:reg", 7_000 + 6 * 2_300),
        ("sicepat:reg", 7_500 + 6 * 2_400),
        ("jne:reg", 8_000 + 6 * 2_500),
        ("jnt:ez", 8_500 + 6 * 2_600),
        ("sicepat:best", 14_000 + 6 * 4_500),
        ("jne:yes", 16_000 + 6 * 5_000),
    ]


async def test_an_option_says_who_sends_what_how_and_whence_its_price(buyer: Buyer) -> None:
    quote = await buyer.quote()

    (option,) = (option for option in quote.options if option.id == "sicepat:best")
    assert (option.courier_code, option.courier_name) == ("sicepat", "SiCepat")
    assert (option.service_code, option.service_name) == ("best", "Besok Sampai Tujuan")
    assert option.duration == "1 - 1 days"
    assert {option.source for option in quote.options} == {pb.ShippingQuote.Option.SOURCE_COURIER}


async def test_a_quote_keeps_what_is_sent_from_where_to_where(buyer: Buyer) -> None:
    address, location = buyer.world.address(buyer.id), buyer.world.location()
    variant = buyer.world.variant(location=location)

    quote = await buyer.stub.QuoteShipping(quote_shipping(address.address_id, {variant: 2}))

    assert quote.buyer_id == buyer.id
    assert [(item.variant_id, item.quantity) for item in quote.items] == [(variant, 2)]
    assert (quote.destination, quote.location_id) == (address, location)


async def test_prices_hold_for_a_quarter_of_an_hour(logistics: Logistics, buyer: Buyer) -> None:
    quote = await buyer.quote()

    created, expires = (time.ToDatetime() for time in (quote.create_time, quote.expire_time))
    assert created == logistics.clock().replace(tzinfo=None)
    assert expires - created == timedelta(minutes=15)


async def test_units_that_fit_one_box_travel_in_it_and_weigh_together(buyer: Buyer) -> None:
    quote = await buyer.quote({buyer.world.variant(size=(20, 12, 8), weight_grams=300): 3})

    assert list(quote.parcels) == [
        pb.ShippingQuote.Parcel(
            length_cm=25, width_cm=20, height_cm=15, weight_grams=900, chargeable_grams=2_000
        )
    ]


async def test_a_light_and_bulky_parcel_is_charged_by_its_volume(buyer: Buyer) -> None:
    light, heavy = [
        await buyer.quote({buyer.world.variant(size=(30, 30, 30), weight_grams=grams): 1})
        for grams in (500, 4_500)
    ]

    assert [parcel.chargeable_grams for parcel in light.parcels] == [5_000]
    assert prices(light) == prices(heavy)


async def test_the_couriers_price_all_parcels(buyer: Buyer) -> None:
    variant = buyer.world.variant(size=(60, 40, 40), weight_grams=1_000)
    one, two = [await buyer.quote({variant: quantity}) for quantity in (1, 2)]

    assert len(two.parcels) == 2
    assert prices(two) == {id: 2 * price for id, price in prices(one).items()}


async def test_an_address_of_somebody_else_is_refused(buyer: Buyer) -> None:
    strange = buyer.world.address(an_id()).address_id

    with refused("ADDRESS_NOT_FOUND", address_id=strange):
        await buyer.stub.QuoteShipping(quote_shipping(strange, {buyer.world.variant(): 1}))


async def test_a_product_that_is_not_on_sale_is_refused(buyer: Buyer) -> None:
    unknown = an_id()

    with refused("PRODUCT_UNAVAILABLE", variant_id=unknown):
        await buyer.quote({unknown: 1})


async def test_items_that_no_location_has_together_are_refused(buyer: Buyer) -> None:
    seller, missing = an_id(), buyer.world.variant(in_stock=False)
    buyer.world.products.variants[missing].owner.id = seller

    with refused("OUT_OF_STOCK", variant_id=missing):
        await buyer.quote({buyer.world.variant(seller=seller): 1, missing: 1})


async def test_items_of_two_sellers_are_refused_wherever_they_are(buyer: Buyer) -> None:
    together = buyer.world.location()
    here = {buyer.world.variant(location=together): 1, buyer.world.variant(location=together): 1}
    apart = {buyer.world.variant(): 1, buyer.world.variant(): 1}

    for items in (here, apart):
        with refused("MIXED_OWNERS"):
            await buyer.quote(items)


async def test_a_variant_that_is_named_twice_is_refused(buyer: Buyer) -> None:
    request = buyer.request()
    variant_id = request.items[0].variant_id
    request.items.add(variant_id=variant_id.upper(), quantity=1)

    with refused("DUPLICATE_ITEM", variant_id=variant_id):
        await buyer.stub.QuoteShipping(request)


async def test_what_no_courier_carries_is_refused(buyer: Buyer) -> None:
    wardrobe = buyer.world.variant(size=(201, 60, 60))

    with refused("PARCEL_TOO_LARGE", variant_id=wardrobe):
        await buyer.quote({wardrobe: 1})


async def test_more_parcels_than_a_van_holds_are_refused(buyer: Buyer) -> None:
    together, seller = buyer.world.location(), an_id()
    items = {
        buyer.world.variant(location=together, seller=seller, size=(30, 30, 30)): 10_000
        for _ in range(50)
    }

    with refused("PARCEL_TOO_LARGE", most_parcels="50"):
        await buyer.quote(items)


async def test_a_malformed_request_is_refused_by_field(buyer: Buyer) -> None:
    with invalid("address_id", "items"):
        await buyer.stub.QuoteShipping(pb.QuoteShippingRequest(address_id="?", request_id=an_id()))


async def test_a_quantity_beyond_the_contract_is_refused(buyer: Buyer) -> None:
    with denied(grpc.StatusCode.INVALID_ARGUMENT):
        await buyer.quote({buyer.world.variant(): 10_001})


async def test_a_retry_returns_the_first_quote(buyer: Buyer) -> None:
    request = buyer.request()

    first, *retries = await asyncio.gather(*(buyer.stub.QuoteShipping(request) for _ in range(8)))

    assert retries == [first] * 7


async def test_the_same_request_id_for_other_items_is_refused(buyer: Buyer) -> None:
    request_id = an_id()
    await buyer.quote(request_id=request_id)

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.quote(request_id=request_id)


async def test_quotes_of_one_lane_that_race_are_all_made(buyer: Buyer) -> None:
    items = {buyer.world.variant(location=buyer.world.location(postal_code=a_postal_code())): 1}

    quotes = await asyncio.gather(*(buyer.quote(items) for _ in range(8)))

    assert len({quote.id for quote in quotes}) == 8


@pytest.mark.parametrize("role", ["seller", "admin"])
async def test_only_buyers_ask_for_quotes(logistics: Logistics, buyer: Buyer, role: str) -> None:
    other = await logistics.user(role=role)

    with refused("ROLE_REQUIRED"):
        await other.QuoteShipping(buyer.request())
