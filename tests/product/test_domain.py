import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.kit.actor import ANONYMOUS, Actor, Role, service
from services.product.domain import access, assortment, lifecycle, tree
from services.product.domain.model import Owner, OwnerKind, Product, State
from services.product.domain.pricing import PriceOutOfRange, check_price, unit_price
from services.product.domain.slug import LONGEST_SLUG, number_of, numbered, slug_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OWNER = Owner(OwnerKind.SELLER, uuid4())
PRICES = some.integers(min_value=0, max_value=1_000_000_000)
ADJUSTMENTS = some.integers(min_value=-1_000_000_000, max_value=1_000_000_000)


def a_product(
    *, state: State = State.DRAFT, base_price: int = 75_000, is_deleted: bool = False
) -> Product:
    return Product(
        id=uuid4(),
        slug="kopi-gayo",
        name="Kopi Gayo",
        description="",
        category_id=None,
        owner=OWNER,
        base_price=base_price,
        state=state,
        variants=(),
        images=(),
        version=1,
        create_time=NOW,
        update_time=NOW,
        delete_time=NOW if is_deleted else None,
    )


def an_actor(*roles: Role, org_id: UUID | None = None) -> Actor:
    return Actor(frozenset(roles), str(uuid4()), org_id)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Kopi Gayo 250 g", "kopi-gayo-250-g"),
        ("  Téh — Mélati!  ", "teh-melati"),
        ("KERIPIK_PISANG (½ kg)", "keripik-pisang-1-2-kg"),
        ("茶", "cha"),
        ("Tahu & Tempe &amp;", "tahu-tempe-amp"),
        ("!!!", "produk"),
        ("", "produk"),
    ],
)
def test_a_slug_is_the_name_in_plain_letters(name: str, slug: str) -> None:
    assert slug_of(name, otherwise="produk") == slug


@given(some.text(max_size=300))
def test_a_slug_is_never_empty_and_of_plain_words(name: str) -> None:
    words = slug_of(name, otherwise="produk").split("-")

    assert all(words)
    assert set("".join(words)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")


@given(some.text(max_size=300))
def test_the_slug_of_a_slug_is_itself(name: str) -> None:
    slug = slug_of(name, otherwise="produk")

    assert slug_of(slug, otherwise="teh") == slug


@given(some.text(max_size=1000))
def test_a_slug_fits_its_lookup(name: str) -> None:
    assert len(numbered(slug_of(name, otherwise="produk"), 10**9)) <= LONGEST_SLUG + 11 <= 200


@given(some.text(max_size=20), some.integers(min_value=1, max_value=10**9))
def test_a_number_is_read_from_the_slug_that_it_made(name: str, number: int) -> None:
    base = slug_of(name, otherwise="produk")

    assert number_of(numbered(base, number), base) == number


@given(some.text(max_size=20), some.integers(min_value=0, max_value=30))
def test_categories_of_one_name_are_numbered_without_gaps(name: str, others: int) -> None:
    slugs: list[str] = []
    for _ in range(others):
        slugs.append(tree.free_slug(name, slugs))

    assert slugs == [numbered(tree.base_slug(name), number) for number in range(1, others + 1)]


def test_a_slug_that_was_given_back_is_given_again() -> None:
    assert tree.free_slug("Kopi", ["kopi", "kopi-3", "kopi-bubuk"]) == "kopi-2"


@given(PRICES, ADJUSTMENTS)
def test_a_price_is_the_sum_or_refused(base_price: int, adjustment: int) -> None:
    if base_price + adjustment < 0:
        with pytest.raises(PriceOutOfRange):
            check_price(base_price, adjustment)
    else:
        check_price(base_price, adjustment)
        assert unit_price(base_price, adjustment) == base_price + adjustment


@given(some.text(min_size=1, max_size=150), some.uuids())
def test_a_made_sku_is_one_that_the_contract_allows(name: str, id: UUID) -> None:
    product = replace(a_product(), slug=lifecycle.base_slug(name))

    [default] = assortment.first_variants([])
    [variant] = assortment.with_variants(product, [(id, default)], NOW).variants

    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", variant.sku)


@pytest.mark.parametrize(
    ("actor", "on_sale", "otherwise"),
    [
        (ANONYMOUS, True, False),
        (an_actor(Role.BUYER), True, False),
        (an_actor(Role.BUYER, org_id=OWNER.id), True, False),
        (an_actor(Role.SELLER, org_id=uuid4()), True, False),
        (an_actor(Role.SELLER), True, False),
        (service("order"), True, False),
        (an_actor(Role.SELLER, org_id=OWNER.id), True, True),
        (an_actor(Role.FACTORY, org_id=OWNER.id), True, True),
        (an_actor(Role.ADMIN), True, True),
        (an_actor(Role.OPS), True, True),
    ],
)
def test_who_sees_a_product(actor: Actor, *, on_sale: bool, otherwise: bool) -> None:
    hidden = [a_product(state=state) for state in State if state is not State.PUBLISHED]
    hidden += [a_product(state=state, is_deleted=True) for state in State]

    assert access.sees(actor, a_product(state=State.PUBLISHED)) is on_sale
    assert {access.sees(actor, product) for product in hidden} == {otherwise}


@pytest.mark.parametrize("state", State)
def test_states_follow_each_other_as_the_contract_says(state: State) -> None:
    product = a_product(state=state)
    off_sale = {State.DRAFT, State.UNPUBLISHED}

    for change, refusal, allowed, result in (
        (lifecycle.publish, lifecycle.ProductNotPublishable, off_sale, State.PUBLISHED),
        (lifecycle.archive, lifecycle.ProductNotArchivable, off_sale, State.ARCHIVED),
        (lifecycle.unpublish, lifecycle.ProductNotPublished, {State.PUBLISHED}, State.UNPUBLISHED),
    ):
        if state in allowed:
            assert change(product, NOW).state is result
        else:
            with pytest.raises(refusal):
                change(product, NOW)


@given(some.integers(min_value=0, max_value=6), some.integers(min_value=1, max_value=6))
def test_no_category_hangs_below_the_fifth_level(above: int, levels: int) -> None:
    ids = [uuid4() for _ in range(above)]
    parent_id = ids[0] if ids else None

    if above + levels <= 5:
        tree.check_place(uuid4(), parent_id, above=ids, levels=levels)
    else:
        with pytest.raises(tree.CategoryTooDeep):
            tree.check_place(uuid4(), parent_id, above=ids, levels=levels)
