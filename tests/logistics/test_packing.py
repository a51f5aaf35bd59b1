"""Which parcels items travel in: examples, then properties."""

import time
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.ids import new_id
from services.logistics.domain.packing import (
    BOXES,
    HEAVIEST_PARCEL_GRAMS,
    LONGEST_EDGE_CM,
    MOST_PARCELS,
    Load,
    Parcel,
    ParcelTooLarge,
    Size,
    chargeable_kg,
    pack,
)

Edges = tuple[int, int, int]
ANY_SIZE = st.builds(Size, *[st.integers(1, 45)] * 3)


def load(size: Edges = (20, 12, 8), quantity: int = 1, *, grams: int = 300, price: int = 0) -> Load:
    return Load(new_id(), quantity, Size(*size), grams, price)


def loads(sizes: st.SearchStrategy[Size] = ANY_SIZE) -> st.SearchStrategy[list[Load]]:
    one = st.builds(
        Load,
        st.uuids(),
        quantity=st.integers(1, 12),
        size=sizes,
        weight_grams=st.integers(1, 4_000),
        unit_price=st.integers(0, 1_000_000),
    )
    return st.lists(one, min_size=1, max_size=8, unique_by=lambda load: load.variant_id)


def sizes_of(parcels: tuple[Parcel, ...]) -> list[Size]:
    return [parcel.size for parcel in parcels]


def packed(of: list[Load]) -> tuple[Parcel, ...]:
    """What does not fit a van shows nothing here."""
    try:
        return pack(of)
    except ParcelTooLarge:
        return ()


@pytest.mark.parametrize(
    ("units", "boxes"),
    [
        ([load((20, 12, 8))], [(20, 12, 8)]),
        ([load((8, 20, 12))], [(20, 12, 8)]),
        ([load((10, 10, 10), 2)], [(20, 15, 10)]),
        ([load((10, 10, 10), 4)], [(25, 20, 15)]),
        ([load((20, 20, 20), 12)], [(60, 40, 40)]),
        ([load((20, 20, 20), 13)], [(60, 40, 40), (20, 20, 20)]),
        ([load((40, 40, 20), 3)], [(60, 40, 40)]),
        ([load((59, 3, 3), 2)], [(60, 40, 40)]),
        ([load((61, 5, 5), 2)], [(61, 5, 5), (61, 5, 5)]),
        ([load((10, 10, 10), 2, grams=2_000)], [(25, 20, 15)]),
        ([load((10, 10, 10), 3, grams=15_000)], [(60, 40, 40), (10, 10, 10)]),
        ([load((5, 5, 5), grams=31_000)], [(5, 5, 5)]),
        ([load((60, 40, 20)), load((20, 20, 20), 6)], [(60, 40, 40)]),
        ([load((40, 40, 40)), load((20, 40, 40))], [(60, 40, 40)]),
        ([load((60, 20, 40)), load((60, 20, 20), 2)], [(60, 40, 40)]),
        ([load((60, 40, 40)), load((9, 9, 9))], [(60, 40, 40), (9, 9, 9)]),
    ],
)
def test_a_parcel_is_the_smallest_box_that_holds_what_is_in_it(
    units: list[Load], boxes: list[Edges]
) -> None:
    assert sizes_of(pack(units)) == boxes


@pytest.mark.parametrize(
    ("size", "grams", "kg"),
    [
        ((10, 10, 10), 1, 1),
        ((10, 10, 10), 1_000, 1),
        ((10, 10, 10), 1_001, 2),
        ((30, 20, 10), 1, 1),
        ((30, 20, 11), 1, 2),
        ((30, 30, 30), 500, 5),
        ((30, 30, 30), 5_500, 6),
    ],
)
def test_the_larger_of_weight_and_volume_is_charged_in_whole_kilograms(
    size: Edges, grams: int, kg: int
) -> None:
    assert chargeable_kg(pack([load(size, grams=grams)])) == kg


def test_a_parcel_is_worth_what_is_in_it() -> None:
    (parcel,) = pack([load(quantity=2, price=125_000), load(price=40_000)])

    assert parcel.value_amount == 290_000


@pytest.mark.parametrize(
    "unit",
    [
        load((LONGEST_EDGE_CM + 1, 1, 1)),
        load((1, 1, 1), grams=HEAVIEST_PARCEL_GRAMS + 1),
        load((80, 80, 80), MOST_PARCELS + 1),
        load((60, 40, 40), MOST_PARCELS + 1),
        load((41, 41, 1), 10_000),
        load((1, 1, 1), 10_000, grams=30_000),
    ],
)
def test_what_is_too_large_or_too_much_is_refused(unit: Load) -> None:
    with pytest.raises(ParcelTooLarge):
        pack([unit])


@pytest.mark.parametrize(
    "unit",
    [
        load((LONGEST_EDGE_CM, 100, 100)),
        load((1, 1, 1), grams=HEAVIEST_PARCEL_GRAMS),
        load((80, 80, 80), MOST_PARCELS),
        load((60, 40, 40), MOST_PARCELS),
    ],
)
def test_what_just_goes_is_packed(unit: Load) -> None:
    assert len(pack([unit])) == unit.quantity


@pytest.mark.parametrize("edge", [1, 2, 3, 7, 40])
def test_the_largest_request_is_answered_at_once(edge: int) -> None:
    most = [load((edge, edge, 1 + n % edge), 10_000, grams=1) for n in range(50)]
    started = time.process_time()

    packed(most)

    assert time.process_time() - started < 1


@given(loads())
def test_every_unit_is_in_exactly_one_parcel(units: list[Load]) -> None:
    if parcels := packed(units):
        found: Counter[UUID] = Counter()
        for parcel in parcels:
            found.update(dict(parcel.contents))
        assert found == {unit.variant_id: unit.quantity for unit in units}


@given(loads())
def test_a_parcel_weighs_and_is_worth_the_sum_of_its_units(units: list[Load]) -> None:
    by_id = {unit.variant_id: unit for unit in units}
    for parcel in packed(units):
        of = [(by_id[variant_id], quantity) for variant_id, quantity in parcel.contents]
        assert parcel.weight_grams == sum(unit.weight_grams * n for unit, n in of)
        assert parcel.value_amount == sum(unit.unit_price * n for unit, n in of)


@given(loads())
def test_a_parcel_has_room_for_its_units(units: list[Load]) -> None:
    by_id = {unit.variant_id: unit for unit in units}
    for parcel in packed(units):
        of = [(by_id[variant_id].size, quantity) for variant_id, quantity in parcel.contents]
        assert sum(size.volume * n for size, n in of) <= parcel.size.volume
        for size, _ in of:
            assert all(a <= b for a, b in zip(sorted(size), sorted(parcel.size), strict=True))


@given(loads())
def test_a_box_is_a_standard_one_and_bears_its_weight(units: list[Load]) -> None:
    bears = {box.inner: box.most_grams for box in BOXES}
    for parcel in packed(units):
        if sum(quantity for _, quantity in parcel.contents) > 1:
            assert parcel.weight_grams <= bears[parcel.size]


@given(loads())
def test_no_less_is_charged_than_weight_and_volume_of_the_units(units: list[Load]) -> None:
    if parcels := packed(units):
        for parcel in parcels:
            assert parcel.chargeable_grams >= parcel.weight_grams
        charged = sum(parcel.chargeable_grams for parcel in parcels)
        assert charged >= sum(unit.weight_grams * unit.quantity for unit in units)
        assert charged * 6 >= sum(unit.size.volume * unit.quantity for unit in units)


@given(ANY_SIZE, st.integers(1, 4_000), st.integers(1, 40))
def test_one_unit_more_is_never_charged_less(size: Size, grams: int, quantity: int) -> None:
    fewer, more = (packed([load(size, n, grams=grams)]) for n in (quantity, quantity + 1))

    assert not more or chargeable_kg(more) >= chargeable_kg(fewer)


@given(loads().flatmap(lambda units: st.tuples(st.just(units), st.permutations(units))))
def test_the_order_of_the_items_does_not_matter(orders: tuple[list[Load], list[Load]]) -> None:
    assert packed(orders[0]) == packed(orders[1])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.data())
def test_what_fills_a_box_exactly_fits_it(
    along: int, across: int, up: int, data: st.DataObject
) -> None:
    """Units cut from the largest box as a grid, turned any way."""
    box = BOXES[-1].inner
    edges = (box.length // along, box.width // across, box.height // up)
    turned = data.draw(st.permutations(edges))
    units = load((turned[0], turned[1], turned[2]), along * across * up, grams=1)

    assert len(pack([units])) == 1
