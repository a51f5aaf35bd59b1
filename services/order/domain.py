"""The rules of orders. Pure: no clock, no database, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.kit.actor import Actor, Role
from services.kit.errors import FailedPrecondition, NotFound, PermissionDenied

# How long stock stays set aside after the order could be paid: time for the payment to be closed.
RESERVATION_MARGIN = timedelta(minutes=30)


class OrderNotFound(NotFound):
    """No such order, for this caller."""


class QuoteNotFound(NotFound):
    """No such shipping quote of this buyer."""


class QuoteExpired(FailedPrecondition):
    """The prices of the quote do not hold any more."""


class QuoteAlreadyUsed(FailedPrecondition):
    """An order was placed from this quote before."""


class ShippingOptionNotFound(NotFound):
    """The quote has no such option."""


class ProductUnavailable(FailedPrecondition):
    """A variant is not for sale any more."""


class OutOfStock(FailedPrecondition):
    """Less of a variant is left than wanted."""


class LocationClosed(FailedPrecondition):
    """The location of the quote does not ship any more."""


class OrderNotCancellable(FailedPrecondition):
    """The order is not waiting for payment."""


class OrderNotPayable(FailedPrecondition):
    """The order is not waiting for this payment."""


class AmountMismatch(FailedPrecondition):
    """Another amount than the order's total."""


class StaffOnly(PermissionDenied):
    """Only staff may look at somebody else's orders."""


class State(StrEnum):
    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SellerKind(StrEnum):
    PLATFORM = "platform"
    SELLER = "seller"
    FACTORY = "factory"


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose goods they are; the platform has no id."""

    kind: SellerKind
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Item:
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a variant costs now, and what an order keeps of it."""

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    seller: Seller
    unit_price: int


@dataclass(frozen=True, slots=True)
class Line:
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Destination:
    """An address as it was when the quote was made."""

    address_id: UUID
    recipient_name: str
    phone_number: str
    street: str
    notes: str
    village_code: str
    village_name: str
    district_name: str
    regency_name: str
    province_name: str
    postal_code: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Option:
    """A courier service and its price."""

    id: str
    courier_code: str
    service_code: str
    price: int


@dataclass(frozen=True, slots=True)
class Quote:
    id: UUID
    items: tuple[Item, ...]
    destination: Destination
    location_id: UUID
    options: Mapping[str, Option]

    def option(self, option_id: str) -> Option:
        if option_id not in self.options:
            raise ShippingOptionNotFound(
                f"the quote has no option {option_id}", shipping_option_id=option_id
            )
        return self.options[option_id]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a buyer owes, and why. The database computes the same total again."""

    subtotal: int
    shipping: int
    tax: int = 0
    discount: int = 0

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax - self.discount


@dataclass(frozen=True, slots=True)
class Order:
    id: UUID
    buyer_id: UUID
    seller: Seller
    state: State
    lines: tuple[Line, ...]
    amounts: Amounts
    shipping_quote_id: UUID
    option: Option
    location_id: UUID
    destination: Destination
    payment_id: UUID | None
    create_time: datetime
    update_time: datetime
    expire_time: datetime
    pay_time: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    from_state: State | None
    to_state: State
    actor: str
    reason: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose orders a caller may see: all, or those they bought or that are for their goods."""

    everybody: bool
    buyer_id: UUID | None
    seller_id: UUID | None


def place(  # noqa: PLR0913 - what an order is made of
    *,
    id: UUID,
    buyer_id: UUID,
    quote: Quote,
    option_id: str,
    prices: Mapping[UUID, Price],
    now: datetime,
    payment_window: timedelta,
) -> Order:
    """An order freezes today's prices and the quote's shipping price."""
    option = quote.option(option_id)
    seller, *others = {prices[item.variant_id].seller for item in quote.items}
    assert not others, f"quote {quote.id} has goods of several sellers"
    lines = tuple(_line(item, prices[item.variant_id]) for item in quote.items)
    return Order(
        id=id,
        buyer_id=buyer_id,
        seller=seller,
        state=State.PENDING_PAYMENT,
        lines=lines,
        amounts=amounts(lines, shipping=option.price),
        shipping_quote_id=quote.id,
        option=option,
        location_id=quote.location_id,
        destination=quote.destination,
        payment_id=None,
        create_time=now,
        update_time=now,
        expire_time=now + payment_window,
        pay_time=None,
    )


def amounts(lines: Sequence[Line], *, shipping: int, tax: int = 0, discount: int = 0) -> Amounts:
    """The one place where what a buyer owes is computed."""
    return Amounts(sum(line.amount for line in lines), shipping, tax, discount)


def audience(actor: Actor) -> Audience:
    trades = actor.plays(Role.SELLER, Role.FACTORY)
    return Audience(
        everybody=actor.is_staff,
        buyer_id=actor.user_id if actor.plays(Role.BUYER) else None,
        seller_id=actor.org_id if trades else None,
    )


def may_cancel(order: Order, actor: Actor) -> None:
    """The buyer and administrators, before the order is paid."""
    if not actor.plays(Role.ADMIN) and order.buyer_id != actor.user_id:
        raise OrderNotFound("no such order", order_id=str(order.id))
    if order.state is not State.PENDING_PAYMENT:
        raise not_cancellable(order.state)


def not_cancellable(state: State) -> OrderNotCancellable:
    return OrderNotCancellable(f"the order is {state}", state=state.upper())


def is_overdue(order: Order, now: datetime) -> bool:
    return order.state is State.PENDING_PAYMENT and order.expire_time <= now


def is_paid_by(order: Order, payment_id: UUID, amount: int) -> bool:
    """Whether this payment paid the order before; refuses what can never pay it."""
    if amount != order.amounts.total:
        raise AmountMismatch("not the order's total", total=str(order.amounts.total))
    if order.state is State.PENDING_PAYMENT:
        return False
    if order.payment_id != payment_id:
        raise OrderNotPayable(f"the order is {order.state}", state=order.state.upper())
    return True


def _line(item: Item, price: Price) -> Line:
    return Line(
        variant_id=item.variant_id,
        product_id=price.product_id,
        sku=price.sku,
        name=price.name,
        quantity=item.quantity,
        unit_price=price.unit_price,
    )
