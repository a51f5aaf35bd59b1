"""How do shared values look on the wire?"""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from services.kit.errors import InvalidArgument

CURRENCY = "IDR"


class InvalidTime(InvalidArgument):
    """A timestamp of no year that there is."""


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
    """Raises InvalidTime for one before year 1 or after 9999."""
    try:
        return proto.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidTime("a time out of range") from None
