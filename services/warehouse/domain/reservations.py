"""How does stock that is set aside for an owner live and end?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.kit.errors import AlreadyExists, FailedPrecondition, NotFound, ServiceError
from services.warehouse.domain.locations import LocationInactive, LocationNotFound
from services.warehouse.domain.stock import Action, Item, OutOfStock


class ReservationNotFound(NotFound):
    """No such reservation, or none for this owner."""


class ReservationDiffers(AlreadyExists):
    """The owner has a reservation, of other items."""


class ReservationNotConfirmable(FailedPrecondition):
    """Released or consumed."""


class ReservationNotReleasable(FailedPrecondition):
    """Its items were shipped."""


class ReservationNotConfirmed(FailedPrecondition):
    """Nobody paid for it, or no longer needs it."""


class State(StrEnum):
    ACTIVE = "active"
    CONFIRMED = "confirmed"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    RELEASED = "released"


class OwnerType(StrEnum):
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Holder:
    """What stock is set aside for."""

    type: OwnerType
    id: UUID


@dataclass(frozen=True, slots=True)
class Reservation:
    id: UUID
    holder: Holder
    location_id: UUID
    state: State
    items: tuple[Item, ...]
    expire_time: datetime
    create_time: datetime
    update_time: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """The next state of a reservation, and what that does to its stock, if anything."""

    to: State
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was found where stock should be taken: whether anybody may sell from it, and how much.

    active is None where there is no such location.
    """

    active: bool | None
    available: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action does to a level per unit of an item."""

    quantity: int
    reserved: int


EFFECTS: Mapping[Action, Effect] = {
    Action.RESERVE: Effect(quantity=0, reserved=1),
    Action.RELEASE: Effect(quantity=0, reserved=-1),
    Action.EXPIRE: Effect(quantity=0, reserved=-1),
    Action.FULFIL: Effect(quantity=-1, reserved=-1),
}

_CONFIRM: Mapping[State, Step | None] = {
    State.ACTIVE: Step(State.CONFIRMED),
    State.CONFIRMED: None,
    State.EXPIRED: Step(State.CONFIRMED, Action.RESERVE),
}
_RELEASE: Mapping[State, Step | None] = {
    State.ACTIVE: Step(State.RELEASED, Action.RELEASE),
    State.CONFIRMED: Step(State.RELEASED, Action.RELEASE),
    State.EXPIRED: None,
    State.RELEASED: None,
}
_CONSUME: Mapping[State, Step | None] = {
    State.CONFIRMED: Step(State.CONSUMED, Action.FULFIL),
    State.CONSUMED: None,
}


def confirm(reservation: Reservation) -> Step | None:
    """None where nothing is left to be done; so with all steps."""
    if reservation.state not in _CONFIRM:
        raise ReservationNotConfirmable(f"it is {reservation.state}", state=reservation.state)
    return _CONFIRM[reservation.state]


def release(reservation: Reservation) -> Step | None:
    if reservation.state not in _RELEASE:
        raise ReservationNotReleasable(f"it is {reservation.state}", state=reservation.state)
    return _RELEASE[reservation.state]


def consume(reservation: Reservation) -> Step | None:
    if reservation.state not in _CONSUME:
        raise ReservationNotConfirmed(f"it is {reservation.state}", state=reservation.state)
    return _CONSUME[reservation.state]


def expire(reservation: Reservation, now: datetime) -> Step | None:
    due = reservation.state is State.ACTIVE and reservation.expire_time <= now
    return Step(State.EXPIRED, Action.EXPIRE) if due else None


def same(existing: Reservation, items: Sequence[Item]) -> Reservation:
    """The one reservation of an owner, if it is of these items in whatever order."""
    if set(existing.items) != set(items):
        raise ReservationDiffers(
            "the owner has a reservation of other items", reservation_id=str(existing.id)
        )
    return existing


def refusal(shelf: Shelf, items: Sequence[Item]) -> ServiceError | None:
    """Why the items cannot be set aside, if they cannot."""
    if shelf.active is None:
        return LocationNotFound("no such location")
    if not shelf.active:
        return LocationInactive("nothing is sold from this location")
    return _shortage(shelf, items)


def may_move(action: Action, shelf: Shelf, items: Sequence[Item]) -> None:
    """What a reservation holds can always be moved; setting aside anew needs enough of it.

    Whether the location still sells does not matter: the owner has paid.
    """
    shortage = _shortage(shelf, items)
    if action is Action.RESERVE and shortage:
        raise shortage


def _shortage(shelf: Shelf, items: Sequence[Item]) -> OutOfStock | None:
    """Names the first item that there is not enough of."""
    for item in items:
        available = shelf.available.get(item.variant_id, 0)
        if available < item.quantity:
            return OutOfStock(
                "there is not enough of a variant",
                variant_id=str(item.variant_id),
                available=str(available),
            )
    return None
