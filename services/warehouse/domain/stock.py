"""How much of what lies where, for whom, and what may be done to it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.kit.actor import Actor
from services.kit.errors import FailedPrecondition, InvalidField, NotFound, PermissionDenied
from services.warehouse.domain.locations import Location


class StockLevelNotFound(NotFound):
    """The variant was never at this location."""


class OwnerMismatch(FailedPrecondition):
    """The stock belongs to somebody else."""


class StockReserved(FailedPrecondition):
    """More would be taken than is available."""


class OutOfStock(FailedPrecondition):
    """There is not enough of a variant."""


class OrganizationRequired(PermissionDenied):
    """The caller sells nothing, so no stock is theirs."""


class OwnerKind(StrEnum):
    PLATFORM = "platform"
    SELLER = "seller"
    FACTORY = "factory"


class Action(StrEnum):
    ADJUST = "adjust"
    RESERVE = "reserve"
    RELEASE = "release"
    EXPIRE = "expire"
    FULFIL = "fulfil"


class Reason(StrEnum):
    """Why stock is adjusted."""

    RECEIVED = "received"
    FOUND = "found"
    DAMAGED = "damaged"
    LOST = "lost"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Owner:
    kind: OwnerKind
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Level:
    """The stock of one variant at one location."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    owner: Owner
    quantity: int
    reserved: int
    update_time: datetime

    @property
    def available(self) -> int:
        return self.quantity - self.reserved


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What staff did to a level, and why."""

    delta: int
    reason: Reason
    notes: str


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of one level."""

    id: UUID
    stock_level_id: UUID
    variant_id: UUID
    location_id: UUID
    action: Action
    actor: str
    quantity_before: int
    quantity_after: int
    reserved_before: int
    reserved_after: int
    reason: str
    notes: str
    reservation_id: UUID | None
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A variant and how many of it."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Stocked:
    """A location and which of the wanted variants it has enough of."""

    location: Location
    variant_ids: frozenset[UUID]


def owner(kind: OwnerKind, id: UUID | None) -> Owner:
    """The platform needs no id; everybody else does."""
    if kind is OwnerKind.PLATFORM and id is not None:
        raise InvalidField("owner_id", "the platform has none")
    if kind is not OwnerKind.PLATFORM and id is None:
        raise InvalidField("owner_id", f"say which {kind}")
    return Owner(kind, id)


def may_adjust(level: Level, by: Owner, delta: int) -> None:
    if level.owner != by:
        raise OwnerMismatch("the stock belongs to somebody else", owner_kind=level.owner.kind)
    if level.available + delta < 0:
        raise StockReserved(f"only {level.available} can be taken", available=str(level.available))


def whose_stock(actor: Actor) -> UUID | None:
    """Whose stock a caller may list: their organization's; None stands for everybody's."""
    if actor.is_staff:
        return None
    if actor.org_id is None:
        raise OrganizationRequired("the token names no organization")
    return actor.org_id


def each_once(items: Sequence[Item]) -> tuple[Item, ...]:
    """Two quantities of one variant would contradict each other."""
    if len({item.variant_id for item in items}) < len(items):
        raise InvalidField("items", "name each variant once")
    return tuple(items)


def locate(candidates: Sequence[Stocked], items: Sequence[Item]) -> Location:
    """The first by code that has everything.

    Otherwise the variant to blame is the first that no location has enough of, or else the first
    that is missing where least is missing.
    """
    wanted = {item.variant_id for item in items}
    best = max(sorted(candidates, key=_code), key=_how_many, default=None)
    if best and best.variant_ids == wanted:
        return best.location
    somewhere = {variant_id for each in candidates for variant_id in each.variant_ids}
    nowhere = wanted - somewhere
    missing = nowhere or wanted - (best.variant_ids if best else frozenset())
    variant_id = next(item.variant_id for item in items if item.variant_id in missing)
    raise OutOfStock("no location has all of it", variant_id=str(variant_id))


def _code(stocked: Stocked) -> str:
    return stocked.location.code


def _how_many(stocked: Stocked) -> int:
    return len(stocked.variant_ids)
