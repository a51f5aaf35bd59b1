from gotong.logistics.v1 import logistics_pb2 as pb
from tests.logistics.conftest import Buyer, Logistics
from tests.support import idr


async def test_the_couriers_prices_come_cheapest_first(buyer: Buyer) -> None:
    quote = await buyer.quote()

    assert [(option.id, option.price.units) for option in quote.options] == [
    ]
