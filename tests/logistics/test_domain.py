"""What serves in place of the couriers' answer."""

import pytest

from services.logistics.domain.rates import (
    Answer,
    Fallback,
    Lane,
    Offered,
    Rate,
    ServiceAreaUnsupported,
    Silent,
    Source,
    Unserved,
    options,
)

LANE = Lane("66218", "12160", 3)
REGULAR = Rate("jne", "JNE", "reg", "Reguler", 22_000, "2 - 3 days")
EXPRESS = Rate("jne", "JNE", "yes", "Yakin Esok Sampai", 40_000, "1 - 1 days")
OFFERED = Offered((EXPRESS, REGULAR))
CACHED = Fallback(cached=(EXPRESS, REGULAR))
ZONE = Fallback(zone_price=12_000)
BOTH = Fallback(cached=(EXPRESS, REGULAR), zone_price=12_000)


@pytest.mark.parametrize(
    ("answer", "fallback", "source", "prices"),
    [
        (OFFERED, Fallback(), Source.COURIER, [22_000, 40_000]),
        (OFFERED, BOTH, Source.COURIER, [22_000, 40_000]),
        (Silent(), CACHED, Source.CACHED, [22_000, 40_000]),
        (Silent(), BOTH, Source.CACHED, [22_000, 40_000]),
        (Silent(), ZONE, Source.ZONE_TABLE, [36_000]),
        (Unserved(), ZONE, Source.ZONE_TABLE, [36_000]),
        (Unserved(), BOTH, Source.ZONE_TABLE, [36_000]),
    ],
)
def test_each_source_serves_in_its_turn(
    answer: Answer, fallback: Fallback, source: Source, prices: list[int]
) -> None:
    found = options(answer, fallback, LANE)

    assert {option.source for option in found} == {source}
    assert [option.rate.price for option in found] == prices


@pytest.mark.parametrize(
    ("answer", "fallback"),
    [(Silent(), Fallback()), (Unserved(), Fallback()), (Unserved(), CACHED)],
)
def test_without_a_source_there_is_no_price(answer: Answer, fallback: Fallback) -> None:
    with pytest.raises(ServiceAreaUnsupported):
        options(answer, fallback, LANE)


def test_options_of_equal_price_come_in_the_order_of_their_ids() -> None:
    rates = [Rate(courier, courier, "reg", "reg", 22_000, "") for courier in ("sicepat", "jne")]

    found = options(Offered(tuple(rates)), Fallback(), LANE)

    assert [option.rate.id for option in found] == ["jne:reg", "sicepat:reg"]
