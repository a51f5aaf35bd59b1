"""The rules alone, without a service around them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.actor import Actor, Role
from services.kit.errors import InvalidField, ServiceError
from services.warehouse.domain import reservations as rules
from services.warehouse.domain.locations import Location, LocationInactive, LocationNotFound, Place
from services.warehouse.domain.reservations import (
    EFFECTS,
    Holder,
    OwnerType,
    Reservation,
    Shelf,
    State,
    Step,
)
from services.warehouse.domain.stock import (
    Action,
    Item,
    Level,
    OrganizationRequired,
    OutOfStock,
    Owner,
    OwnerKind,
    OwnerMismatch,
    Stocked,
    StockReserved,
    each_once,
    locate,
    may_adjust,
    owner,
    whose_stock,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=1)
PLATFORM = Owner(OwnerKind.PLATFORM, None)
VARIANTS = [UUID(int=number) for number in range(1, 5)]

Refusal = type[ServiceError]


def reservation(state: State) -> Reservation:
    items = (Item(VARIANTS[0], 2), Item(VARIANTS[1], 1))
    return Reservation(ID, Holder(OwnerType.ORDER, ID), ID, state, items, NOW, NOW, NOW)


def level(quantity: int, reserved: int) -> Level:
    return Level(ID, ID, ID, PLATFORM, quantity, reserved, NOW)


def location(code: str) -> Location:
    return Location(ID, code, Place("", "", "", "", active=True), 1, NOW, NOW)


LIVES: dict[Callable[[Reservation], Step | None], tuple[dict[State, Step | None], Refusal]] = {
    rules.confirm: (
        {
            State.ACTIVE: Step(State.CONFIRMED),
            State.CONFIRMED: None,
            State.EXPIRED: Step(State.CONFIRMED, Action.RESERVE),
        },
        rules.ReservationNotConfirmable,
    ),
    rules.release: (
        {
            State.ACTIVE: Step(State.RELEASED, Action.RELEASE),
            State.CONFIRMED: Step(State.RELEASED, Action.RELEASE),
            State.EXPIRED: None,
            State.RELEASED: None,
        },
        rules.ReservationNotReleasable,
    ),
    rules.consume: (
        {State.CONFIRMED: Step(State.CONSUMED, Action.FULFIL), State.CONSUMED: None},
        rules.ReservationNotConfirmed,
    ),
}


@pytest.mark.parametrize("verb", LIVES, ids=lambda verb: verb.__name__)
@pytest.mark.parametrize("state", State)
def test_a_reservation_lives_as_the_state_machine_says(
    verb: Callable[[Reservation], Step | None], state: State
) -> None:
    steps, refusal = LIVES[verb]

    if state in steps:
        assert verb(reservation(state)) == steps[state]
    else:
        with pytest.raises(refusal):
            verb(reservation(state))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_only_an_active_reservation_expires_and_only_in_time(state: State, seconds: int) -> None:
    step = rules.expire(reservation(state), NOW + timedelta(seconds=seconds))

    due = state is State.ACTIVE and seconds >= 0
    assert step == (Step(State.EXPIRED, Action.EXPIRE) if due else None)


def test_only_shipping_takes_from_the_shelf() -> None:
    taken = {action: effect.quantity for action, effect in EFFECTS.items() if effect.quantity}

    assert taken == {Action.FULFIL: -1}


def test_what_is_set_aside_once_is_given_back_once() -> None:
    assert {action: effect.reserved for action, effect in EFFECTS.items()} == {
        Action.RESERVE: 1,
        Action.RELEASE: -1,
        Action.EXPIRE: -1,
        Action.FULFIL: -1,
    }


def test_the_same_items_in_another_order_are_the_same() -> None:
    existing = reservation(State.EXPIRED)

    assert rules.same(existing, existing.items[::-1]) is existing


@pytest.mark.parametrize("items", [(Item(VARIANTS[0], 2),), (Item(VARIANTS[0], 1),), ()])
def test_other_items_are_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(rules.ReservationDiffers):
        rules.same(reservation(State.ACTIVE), items)


@pytest.mark.parametrize(
    ("shelf", "refusal"),
    [
        (Shelf(None, {}), LocationNotFound),
        (Shelf(active=False, available={}), LocationInactive),
        (Shelf(active=True, available={VARIANTS[0]: 2}), OutOfStock),
    ],
)
def test_a_shelf_says_why_nothing_was_set_aside(shelf: Shelf, refusal: Refusal) -> None:
    assert type(rules.refusal(shelf, reservation(State.ACTIVE).items)) is refusal


def test_the_first_item_that_is_short_is_named() -> None:
    shelf = Shelf(active=True, available={VARIANTS[0]: 2})

    refusal = rules.refusal(shelf, reservation(State.ACTIVE).items)

    assert refusal
    assert refusal.metadata == {"variant_id": str(VARIANTS[1]), "available": "0"}


@pytest.mark.parametrize("action", EFFECTS)
def test_only_setting_aside_needs_stock(action: Action) -> None:
    items, empty = reservation(State.EXPIRED).items, Shelf(active=False, available={})

    if action is Action.RESERVE:
        with pytest.raises(OutOfStock):
            rules.may_move(action, empty, items)
    else:
        rules.may_move(action, empty, items)


@given(
    quantity=st.integers(0, 20),
    reserved=st.integers(0, 20),
    delta=st.integers(-30, 30).filter(bool),
)
def test_an_adjustment_leaves_what_is_reserved(quantity: int, reserved: int, delta: int) -> None:
    before = level(quantity + reserved, reserved)

    if quantity + delta >= 0:
        may_adjust(before, PLATFORM, delta)
    else:
        with pytest.raises(StockReserved):
            may_adjust(before, PLATFORM, delta)


@pytest.mark.parametrize("kind", [OwnerKind.SELLER, OwnerKind.FACTORY])
def test_only_the_owner_of_stock_gets_more_of_it(kind: OwnerKind) -> None:
    theirs = replace(level(1, 0), owner=owner(kind, ID))

    may_adjust(theirs, owner(kind, ID), 1)
    for other in (owner(kind, UUID(int=2)), PLATFORM):
        with pytest.raises(OwnerMismatch):
            may_adjust(theirs, other, 1)


@pytest.mark.parametrize(
    ("kind", "id"), [(OwnerKind.PLATFORM, ID), (OwnerKind.SELLER, None), (OwnerKind.FACTORY, None)]
)
def test_an_owner_is_named_as_its_kind_needs(kind: OwnerKind, id: UUID | None) -> None:
    with pytest.raises(InvalidField):
        owner(kind, id)


def test_callers_list_the_stock_of_their_organization() -> None:
    assert whose_stock(Actor(frozenset({Role.SELLER}), "", ID)) == ID
    assert whose_stock(Actor(frozenset({Role.OPS, Role.SELLER}), "", ID)) is None
    with pytest.raises(OrganizationRequired):
        whose_stock(Actor(frozenset({Role.FACTORY}), ""))


def test_items_name_each_variant_once() -> None:
    with pytest.raises(InvalidField):
        each_once([Item(ID, 1), Item(ID, 2)])


ITEMS = st.lists(st.sampled_from(VARIANTS), min_size=1, unique=True)
SHELVES = st.dictionaries(st.sampled_from("CBA"), st.frozensets(st.sampled_from(VARIANTS)))


@given(wanted=ITEMS, shelves=SHELVES)
def test_the_first_location_with_everything_is_found_or_the_right_variant_blamed(
    wanted: list[UUID], shelves: dict[str, frozenset[UUID]]
) -> None:
    shelves = {code: has & set(wanted) for code, has in shelves.items() if has & set(wanted)}
    complete = sorted(code for code, has in shelves.items() if has == set(wanted))
    candidates = [Stocked(location(code), has) for code, has in shelves.items()]
    items = [Item(variant_id, 1) for variant_id in wanted]

    if complete:
        assert locate(candidates, items).code == complete[0]
        return

    nowhere = [id for id in wanted if not any(id in has for has in shelves.values())]
    best = min(shelves, key=lambda code: (-len(shelves[code]), code), default="")
    missing = [id for id in wanted if id not in shelves.get(best, ())]
    with pytest.raises(OutOfStock) as refusal:
        locate(candidates, items)
    assert refusal.value.metadata == {"variant_id": str((nowhere or missing)[0])}
