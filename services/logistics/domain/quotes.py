"""When is there a quote, and how long do its prices hold?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.kit.errors import FailedPrecondition, InvalidArgument, NotFound
from services.logistics.domain.packing import Load, Parcel, Size, chargeable_kg
from services.logistics.domain.rates import Lane, Option, Source

PRICES_HOLD = timedelta(minutes=15)


class AddressNotFound(NotFound):
    """No such address in the caller's book."""


class ProductUnavailable(FailedPrecondition):
    """Not on sale."""


class OutOfStock(FailedPrecondition):
    """No location has all the items."""


class DuplicateItem(InvalidArgument):
    """A variant that is named twice."""


class MixedOwners(FailedPrecondition):
    """Items of more than one seller do not travel together."""


class QuoteNotFound(NotFound):
    """No such quote, or one of somebody else."""


class QuoteExpired(FailedPrecondition):
    """The prices do not hold any more."""


@dataclass(frozen=True, slots=True)
class Item:
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Variant:
    """What it takes to ship a variant. The owner tells sellers apart and means nothing else."""

    owner: tuple[int, str]
    size: Size
    weight_grams: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class Destination:
    """An address as it was; the snapshot is the message that the address service made of it."""

    village_code: str
    postal_code: str
    snapshot: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    location_id: UUID
    postal_code: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is sent, from where to where, and how it is packed."""

    items: tuple[Item, ...]
    destination: Destination
    origin: Origin
    parcels: tuple[Parcel, ...]

    @property
    def lane(self) -> Lane:
        return Lane(
            self.origin.postal_code, self.destination.postal_code, chargeable_kg(self.parcels)
        )

    @property
    def province_code(self) -> str:
        """The first part of the village's code: "31" of "31.74.07.1001"."""
        return self.destination.village_code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class PackedSize:
    """What is kept of a parcel."""

    size: Size
    weight_grams: int
    chargeable_grams: int

    @classmethod
    def of(cls, parcel: Parcel) -> "PackedSize":
        return cls(parcel.size, parcel.weight_grams, parcel.chargeable_grams)


@dataclass(frozen=True, slots=True)
class Quote:
    id: UUID
    buyer_id: UUID
    items: tuple[Item, ...]
    destination: bytes
    location_id: UUID
    lane: Lane
    parcels: tuple[PackedSize, ...]
    options: tuple[Option, ...]
    create_time: datetime
    expire_time: datetime

    @property
    def is_courier_answer(self) -> bool:
        return all(option.source is Source.COURIER for option in self.options)


def distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """Each variant once."""
    seen: set[UUID] = set()
    for item in items:
        if item.variant_id in seen:
            raise DuplicateItem("a variant is named twice", variant_id=str(item.variant_id))
        seen.add(item.variant_id)
    return tuple(items)


def loads(items: Sequence[Item], variants: Mapping[UUID, Variant]) -> list[Load]:
    """What is to be packed, all of one seller."""
    owners = {variants[item.variant_id].owner for item in items}
    if len(owners) > 1:
        raise MixedOwners("the items are of more than one seller")
    return [_load(item, variants[item.variant_id]) for item in items]


def _load(item: Item, variant: Variant) -> Load:
    return Load(
        item.variant_id, item.quantity, variant.size, variant.weight_grams, variant.unit_price
    )


def quote(
    *,
    id: UUID,
    buyer_id: UUID,
    consignment: Consignment,
    options: tuple[Option, ...],
    now: datetime,
) -> Quote:
    return Quote(
        id=id,
        buyer_id=buyer_id,
        items=consignment.items,
        destination=consignment.destination.snapshot,
        location_id=consignment.origin.location_id,
        lane=consignment.lane,
        parcels=tuple(map(PackedSize.of, consignment.parcels)),
        options=options,
        create_time=now,
        expire_time=now + PRICES_HOLD,
    )


def redeemable(quote: Quote, now: datetime) -> Quote:
    """The quote, while its prices hold."""
    if now >= quote.expire_time:
        raise QuoteExpired(
            "the prices of this quote no longer hold", shipping_quote_id=str(quote.id)
        )
    return quote
