import pytest

from gotong.logistics.v1 import logistics_pb2 as pb
from tests.logistics.conftest import Buyer, Logistics
from tests.logistics.requests import get_quote
from tests.support import an_id, invalid, refused


async def test_a_buyer_reads_their_quote_as_it_was_made(buyer: Buyer) -> None:
    location, seller = buyer.world.location(), an_id()
    small = buyer.world.variant(location=location, seller=seller)
    large = buyer.world.variant(location=location, seller=seller, size=(80, 10, 10))
    quote = await buyer.quote({small: 100, large: 2})

    assert await buyer.stub.GetShippingQuote(get_quote(quote)) == quote


async def test_a_quote_of_somebody_else_is_not_found(logistics: Logistics, buyer: Buyer) -> None:
    quote = await buyer.quote()
    stranger = await logistics.buyer()

    with refused("QUOTE_NOT_FOUND", shipping_quote_id=quote.id):
        await stranger.stub.GetShippingQuote(get_quote(quote))


async def test_an_unknown_quote_is_not_found(buyer: Buyer) -> None:
    with refused("QUOTE_NOT_FOUND"):
        await buyer.stub.GetShippingQuote(pb.GetShippingQuoteRequest(shipping_quote_id=an_id()))


@pytest.mark.parametrize("role", ["admin", "ops"])
async def test_staff_read_anybodys_quote(logistics: Logistics, buyer: Buyer, role: str) -> None:
    quote = await buyer.quote()
    staff = await logistics.user(role=role)

    assert await staff.GetShippingQuote(get_quote(quote)) == quote


async def test_a_seller_reads_no_quotes(logistics: Logistics, buyer: Buyer) -> None:
    quote = await buyer.quote()
    seller = await logistics.user(role="seller")

    with refused("ROLE_REQUIRED"):
        await seller.GetShippingQuote(get_quote(quote))


async def test_a_malformed_id_is_refused(buyer: Buyer) -> None:
    with invalid("shipping_quote_id"):
        await buyer.stub.GetShippingQuote(pb.GetShippingQuoteRequest(shipping_quote_id="1"))
