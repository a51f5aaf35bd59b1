from datetime import UTC, datetime

import pytest
from google.protobuf.json_format import MessageToDict
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from services.kit.mapping import money_from_proto, money_to_proto, time_from_proto, time_to_proto

TIMES = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - the zone is given next to it
    max_value=datetime(9999, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(st.integers(-(10**15), 10**15))
def test_the_wire_neither_makes_nor_loses_money(rupiah: int) -> None:
    wire = money_to_proto(rupiah).SerializeToString()

    assert money_from_proto(Money.FromString(wire)) == rupiah


@given(st.integers(-(10**15), 10**15))
def test_money_in_json_is_digits_in_a_text(rupiah: int) -> None:
    units = MessageToDict(money_to_proto(rupiah), always_print_fields_with_no_presence=True)

    assert units == {"currencyCode": "IDR", "units": str(rupiah), "nanos": 0}


@pytest.mark.parametrize(
    "money",
    [
        Money(currency_code="USD", units=1),
        Money(units=1),
        Money(currency_code="IDR", units=1, nanos=1),
        Money(currency_code="IDR", units=1, nanos=-1),
    ],
    ids=str,
)
def test_what_is_not_whole_rupiah_is_not_read(money: Money) -> None:
    with pytest.raises(AssertionError):
        money_from_proto(money)


@given(TIMES)
def test_a_time_comes_back_as_it_was(time: datetime) -> None:
    proto = time_to_proto(time)

    assert proto is not None
    assert time_from_proto(proto) == time


def test_no_time_stays_none() -> None:
    assert time_to_proto(None) is None
