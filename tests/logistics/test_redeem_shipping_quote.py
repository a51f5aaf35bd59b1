from tests.logistics.conftest import Buyer, Logistics
from tests.logistics.requests import redeem


async def test_a_quote_is_redeemed_while_its_prices_hold(
    logistics: Logistics, buyer: Buyer
) -> None:
    quote = await buyer.quote()
    order = await logistics.service("order")

    assert await order.RedeemShippingQuote(redeem(quote, buyer.id)) == quote
