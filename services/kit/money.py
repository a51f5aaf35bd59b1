"""What is money? Whole rupiah in an int, never a float; and how shares of it are rounded.

The rounding rules are those of the domain: what is charged to recover a cost rounds up, shares
round half up, a split keeps the sum, and repeated reversals add up to the whole.
"""

from collections.abc import Sequence

BASIS_POINTS = 10_000


def share_rounded_up(amount: int, basis_points: int) -> int:
    """A share that is charged to recover a cost."""
    return -(-amount * basis_points // BASIS_POINTS)


def share_rounded_half_up(amount: int, basis_points: int) -> int:
    """A commission or tax share."""
    return (2 * amount * basis_points + BASIS_POINTS) // (2 * BASIS_POINTS)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over lines by weight; the parts sum to it, largest remainder first."""
    whole = sum(weights)
    assert whole > 0, "nothing to split over"
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def next_reversal(total: int, *, reversed_base: int, base: int, already: int) -> int:
    """How much of `total` to reverse now that `reversed_base` of `base` is reversed in all."""
    return (2 * total * reversed_base + base) // (2 * base) - already
