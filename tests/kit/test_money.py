import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.money import next_reversal, share_rounded_half_up, share_rounded_up, split

AMOUNTS = st.integers(0, 10**15)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(any)
RATES = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10_000, [333, 333, 334], [3_330, 3_330, 3_340]),
        (100_000, [1, 1, 1], [33_334, 33_333, 33_333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (1, [0, 1, 1], [0, 1, 0]),
        (1, [1, 3, 2], [0, 1, 0]),
        (7, [5], [7]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_a_split_gives_the_rest_to_the_largest_remainders(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert split(amount, weights) == parts


@given(AMOUNTS, WEIGHTS)
def test_the_parts_of_a_split_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    assert sum(split(amount, weights)) == amount


@given(AMOUNTS, WEIGHTS)
def test_no_part_of_a_split_is_a_rupiah_off(amount: int, weights: list[int]) -> None:
    for part, weight in zip(split(amount, weights), weights, strict=True):
        assert abs(part * sum(weights) - amount * weight) < sum(weights)


@given(AMOUNTS, WEIGHTS)
def test_a_line_of_weight_nothing_gets_nothing(amount: int, weights: list[int]) -> None:
    assert not any(p for p, w in zip(split(amount, weights), weights, strict=True) if w == 0)


@given(AMOUNTS, st.integers(1, 50))
def test_of_equal_lines_the_first_get_the_rest(amount: int, lines: int) -> None:
    parts = split(amount, [1] * lines)

    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_there_is_nothing_to_split_over_without_weight(weights: list[int]) -> None:
    with pytest.raises(AssertionError):
        split(1, weights)


@pytest.mark.parametrize(
    ("amount", "basis_points", "fee"),
    [(1_065_000, 300, 31_950), (1_000_000, 300, 30_000), (1, 1, 1), (10_001, 1, 2), (0, 300, 0)],
)
def test_what_recovers_a_cost_is_rounded_up(amount: int, basis_points: int, fee: int) -> None:
    assert share_rounded_up(amount, basis_points) == fee


@given(AMOUNTS, RATES)
def test_a_fee_is_the_least_that_recovers_the_cost(amount: int, basis_points: int) -> None:
    fee = share_rounded_up(amount, basis_points)

    assert (fee - 1) * 10_000 < amount * basis_points <= fee * 10_000


@pytest.mark.parametrize(
    ("amount", "basis_points", "share"),
    [(900_000, 250, 22_500), (1, 4_999, 0), (1, 5_000, 1), (3, 5_000, 2), (0, 250, 0)],
)
def test_a_commission_is_rounded_half_up(amount: int, basis_points: int, share: int) -> None:
    assert share_rounded_half_up(amount, basis_points) == share


@given(AMOUNTS, RATES)
def test_a_commission_is_at_most_half_a_rupiah_off(amount: int, basis_points: int) -> None:
    share = share_rounded_half_up(amount, basis_points)

    assert -5_000 < share * 10_000 - amount * basis_points <= 5_000


def reversals(total: int, refunds: list[int]) -> list[int]:
    """Of a total over the sum of the refunds, one after the other."""
    base, reversed_base, done = sum(refunds), 0, list[int]()
    for refund in refunds:
        reversed_base += refund
        done.append(next_reversal(total, reversed_base=reversed_base, base=base, already=sum(done)))
    return done


@pytest.mark.parametrize(
    ("total", "refunds", "parts"),
    [
        (22_500, [270_000, 90_000, 540_000], [6_750, 2_250, 13_500]),
        (1, [1, 1], [1, 0]),
        (1, [1, 2], [0, 1]),
        (100, [1, 1, 1], [33, 34, 33]),
    ],
)
def test_a_commission_is_reversed_with_each_refund(
    total: int, refunds: list[int], parts: list[int]
) -> None:
    assert reversals(total, refunds) == parts


@given(AMOUNTS, st.lists(st.integers(0, 10**12), min_size=1, max_size=50).filter(any))
def test_reversals_add_up_to_the_whole_and_never_turn_round(total: int, refunds: list[int]) -> None:
    parts = reversals(total, refunds)

    assert sum(parts) == total
    assert min(parts) >= 0
