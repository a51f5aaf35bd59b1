from datetime import timedelta

from gotong.logistics.v1 import logistics_pb2 as pb
from gotong.logistics.v1.logistics_pb2_grpc import LogisticsInternalServiceStub
from tests.logistics.conftest import Buyer, Logistics
from tests.logistics.requests import redeem
from tests.support import an_id, refused


async def test_a_quote_is_redeemed_as_often_as_wanted_while_its_prices_hold(
    logistics: Logistics, buyer: Buyer
) -> None:
    quote, order = await buyer.quote(), await logistics.service("order")
    logistics.clock.move(timedelta(minutes=15) - timedelta(microseconds=1))

    for _ in range(2):
        assert await order.RedeemShippingQuote(redeem(quote, buyer.id)) == quote


async def test_a_quote_whose_prices_no_longer_hold_is_refused(
    logistics: Logistics, buyer: Buyer
) -> None:
    quote, order = await buyer.quote(), await logistics.service("order")
    logistics.clock.move(timedelta(minutes=15))

    with refused("QUOTE_EXPIRED", shipping_quote_id=quote.id):
        await order.RedeemShippingQuote(redeem(quote, buyer.id))


async def test_a_quote_of_somebody_else_is_not_found(logistics: Logistics, buyer: Buyer) -> None:
    quote, order = await buyer.quote(), await logistics.service("order")

    with refused("QUOTE_NOT_FOUND"):
        await order.RedeemShippingQuote(redeem(quote, an_id()))


async def test_an_expired_quote_of_somebody_else_is_not_found(
    logistics: Logistics, buyer: Buyer
) -> None:
    quote, order = await buyer.quote(), await logistics.service("order")
    logistics.clock.move(timedelta(minutes=15))

    with refused("QUOTE_NOT_FOUND"):
        await order.RedeemShippingQuote(redeem(quote, an_id()))


async def test_an_unknown_quote_is_not_found(logistics: Logistics) -> None:
    order = await logistics.service("order")

    with refused("QUOTE_NOT_FOUND"):
        await order.RedeemShippingQuote(redeem(pb.ShippingQuote(id=an_id()), an_id()))


async def test_users_do_not_redeem_quotes(logistics: Logistics, buyer: Buyer) -> None:
    quote = await buyer.quote()
    admin = LogisticsInternalServiceStub(await logistics.channel(buyer.id, "admin"))

    with refused("ROLE_REQUIRED"):
        await admin.RedeemShippingQuote(redeem(quote, buyer.id))
