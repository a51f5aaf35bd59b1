"""How do shared values look on the wire?"""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

CURRENCY = "IDR"


def money_to_proto(rupiah: int) -> Money:
    return Money(currency_code=CURRENCY, units=rupiah)


def money_from_proto(money: Money) -> int:
    """Exactly or not at all; the contract has refused other currencies and fractions before."""
    assert (money.currency_code, money.nanos) == (CURRENCY, 0), money
    return money.units


def time_to_proto(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    proto = Timestamp()
    proto.FromDatetime(time)
    return proto


def time_from_proto(proto: Timestamp) -> datetime:
    return proto.ToDatetime(UTC)
