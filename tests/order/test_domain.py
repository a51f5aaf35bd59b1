"""The rules of orders, as tables."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.actor import Actor, Role
from services.order import domain
from services.order.domain import (
    Amounts,
    Audience,
    Destination,
    Item,
    Line,
    Option,
    Order,
    Price,
    Quote,
    Seller,
    SellerKind,
    State,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WINDOW = timedelta(minutes=60)
PLATFORM = Seller(SellerKind.PLATFORM, None)
PAYMENT_ID = uuid4()
_MOVED_ON = [state for state in State if state is not State.PENDING_PAYMENT]

cart_lines = st.lists(
    st.tuples(st.integers(0, 1_000_000_000), st.integers(1, 10_000)), min_size=1, max_size=50
)
rupiah = st.integers(0, 10_000_000)


def a_line(unit_price: int, quantity: int) -> Line:
    return Line(uuid4(), uuid4(), "KAOS-M", "Kaos, M", quantity, unit_price)


def a_price(variant_id: UUID, unit_price: int, seller: Seller = PLATFORM) -> Price:
    return Price(variant_id, uuid4(), "KAOS-M", "Kaos, M", seller, unit_price)


def a_quote(*quantities: int, shipping: int = 18_000) -> Quote:
    return Quote(
        id=uuid4(),
        items=tuple(Item(uuid4(), quantity) for quantity in quantities),
        destination=Destination(
            address_id=uuid4(),
            recipient_name="Sari",
            phone_number="+6281234567890",
            street="Jalan Melawai 5",
            notes="",
            village_code="31.74.07.1001",
            village_name="Melawai",
            district_name="Kebayoran Baru",
            regency_name="Kota Administrasi Jakarta Selatan",
            province_name="DKI Jakarta",
            postal_code="12160",
            latitude=None,
            longitude=None,
        ),
        location_id=uuid4(),
        options={"jne:reg": Option("jne:reg", "jne", "reg", shipping)},
    )


def placed(quote: Quote, prices: list[Price]) -> Order:
    return domain.place(
        id=uuid4(),
        buyer_id=uuid4(),
        quote=quote,
        option_id="jne:reg",
        prices={price.variant_id: price for price in prices},
        now=NOW,
        payment_window=WINDOW,
    )


def an_order(state: State = State.PENDING_PAYMENT) -> Order:
    quote = a_quote(1)
    order = placed(quote, [a_price(item.variant_id, 250_000) for item in quote.items])
    paid = state is State.PAID
    return replace(
        order,
        state=state,
        payment_id=PAYMENT_ID if paid else None,
        pay_time=NOW if paid else None,
    )


def test_the_buyer_owes_goods_and_shipping_less_the_discount() -> None:
    """V-24."""
    amounts = domain.amounts([a_line(125_000, 2)], shipping=18_000, discount=10_000)

    assert amounts.total == 258_000


@given(cart=cart_lines, shipping=rupiah, tax=rupiah, discount=rupiah)
def test_the_total_is_what_a_calculator_says(
    cart: list[tuple[int, int]], shipping: int, tax: int, discount: int
) -> None:
    lines = [a_line(price, quantity) for price, quantity in cart]
    bought: Counter[int] = Counter()
    for price, quantity in cart:
        bought[price] += quantity
    receipt = [Decimal(price) * quantity for price, quantity in bought.items()]
    receipt += [Decimal(shipping), Decimal(tax), Decimal(-discount)]

    amounts = domain.amounts(lines, shipping=shipping, tax=tax, discount=discount)

    assert Decimal(amounts.total) == sum(receipt)
    assert amounts.subtotal == sum(line.amount for line in lines)


@given(cart=cart_lines, shipping=rupiah)
def test_an_order_takes_prices_from_today_and_quantities_from_the_quote(
    cart: list[tuple[int, int]], shipping: int
) -> None:
    quote = a_quote(*(quantity for _, quantity in cart), shipping=shipping)
    prices = [a_price(i.variant_id, p) for i, (p, _) in zip(quote.items, cart, strict=True)]

    order = placed(quote, prices[::-1])

    assert [(line.unit_price, line.quantity) for line in order.lines] == cart
    assert order.amounts == Amounts(sum(p * q for p, q in cart), shipping, 0, 0)


def test_an_order_waits_for_payment_as_long_as_the_window() -> None:
    order = an_order()

    assert order.state is State.PENDING_PAYMENT
    assert order.expire_time == NOW + WINDOW


def test_goods_of_two_sellers_never_make_one_order() -> None:
    quote = a_quote(1, 1)
    sellers = PLATFORM, Seller(SellerKind.SELLER, uuid4())
    prices = [a_price(i.variant_id, 1, s) for i, s in zip(quote.items, sellers, strict=True)]

    with pytest.raises(AssertionError):
        placed(quote, prices)


@pytest.mark.parametrize("state", _MOVED_ON)
def test_only_an_order_that_waits_for_payment_is_cancelled(state: State) -> None:
    order = an_order(state)

    for actor in (_buyer_of(order), Actor(frozenset({Role.ADMIN}), str(uuid4()))):
        with pytest.raises(domain.OrderNotCancellable) as refusal:
            domain.may_cancel(order, actor)
        assert refusal.value.metadata == {"state": state.name}


def test_the_buyer_and_administrators_cancel() -> None:
    order = an_order()

    domain.may_cancel(order, _buyer_of(order))
    domain.may_cancel(order, Actor(frozenset({Role.ADMIN}), str(uuid4())))


@pytest.mark.parametrize("state", State)
def test_a_stranger_learns_nothing_of_an_order(state: State) -> None:
    stranger = Actor(frozenset({Role.BUYER}), str(uuid4()))

    with pytest.raises(domain.OrderNotFound):
        domain.may_cancel(an_order(state), stranger)


def test_an_order_that_waits_for_payment_is_not_paid_yet() -> None:
    assert not domain.is_paid_by(an_order(), PAYMENT_ID, 268_000)


def test_its_own_payment_finds_an_order_paid() -> None:
    assert domain.is_paid_by(an_order(State.PAID), PAYMENT_ID, 268_000)


@pytest.mark.parametrize("state", _MOVED_ON)
def test_another_payment_pays_no_order_that_has_moved_on(state: State) -> None:
    with pytest.raises(domain.OrderNotPayable) as refusal:
        domain.is_paid_by(an_order(state), uuid4(), 268_000)
    assert refusal.value.metadata == {"state": state.name}


@pytest.mark.parametrize("amount", [0, 1, 250_000, 267_999, 268_001])
@pytest.mark.parametrize("state", State)
def test_another_amount_pays_nothing(state: State, amount: int) -> None:
    with pytest.raises(domain.AmountMismatch):
        domain.is_paid_by(an_order(state), PAYMENT_ID, amount)


def test_only_an_unpaid_order_past_its_time_is_overdue() -> None:
    times = NOW, NOW + WINDOW - timedelta(microseconds=1), NOW + WINDOW, NOW + 2 * WINDOW

    overdue = [(state, time) for state, time in product(State, times) if _is_overdue(state, time)]

    assert overdue == [(State.PENDING_PAYMENT, time) for time in times[2:]]


@pytest.mark.parametrize(
    ("roles", "everybody", "as_buyer", "as_seller"),
    [
        ({Role.BUYER}, False, True, False),
        ({Role.SELLER}, False, False, True),
        ({Role.FACTORY}, False, False, True),
        ({Role.BUYER, Role.FACTORY}, False, True, True),
        ({Role.ADMIN}, True, False, False),
        ({Role.OPS}, True, False, False),
        (set(), False, False, False),
    ],
)
def test_what_a_caller_sees_follows_from_their_roles(
    roles: set[Role], *, everybody: bool, as_buyer: bool, as_seller: bool
) -> None:
    user_id, org_id = uuid4(), uuid4()

    audience = domain.audience(Actor(frozenset(roles), str(user_id), org_id))

    assert audience == Audience(
        everybody, user_id if as_buyer else None, org_id if as_seller else None
    )


def _buyer_of(order: Order) -> Actor:
    return Actor(frozenset({Role.BUYER}), str(order.buyer_id))


def _is_overdue(state: State, time: datetime) -> bool:
    return domain.is_overdue(an_order(state), time)
