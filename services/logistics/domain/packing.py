"""Which parcels do items travel in? Pure and bounded: units that are alike are placed in blocks.

A box is filled by first-fit decreasing: the largest units go first, each into the first open box
with room for it, turned as fits best. What is not used of a box are free cuboids, so whatever is
said to fit has a place. At the end every box is exchanged for the smallest that takes the same. A
unit alone needs no box, since products are packed for shipping; what is too large for every box
always travels so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple, Self
from uuid import UUID

from services.kit.errors import FailedPrecondition

MOST_PARCELS = 50
# What the couriers carry without asking first.
LONGEST_EDGE_CM = 200
HEAVIEST_PARCEL_GRAMS = 70_000

_CM3_PER_KG = 6_000
_GRAMS_PER_KG = 1_000


class ParcelTooLarge(FailedPrecondition):
    """More than a courier carries, in one parcel or in all."""


class Size(NamedTuple):
    """The edges in cm."""

    length: int
    width: int
    height: int

    @property
    def volume(self) -> int:
        return self.length * self.width * self.height

    def longest_first(self) -> "Size":
        return Size(*sorted(self, reverse=True))


@dataclass(frozen=True, slots=True)
class Box:
    inner: Size
    most_grams: int


# By volume. The last is the largest that couriers sort without a surcharge.
BOXES = (
    Box(Size(20, 15, 10), 3_000),
    Box(Size(25, 20, 15), 5_000),
    Box(Size(35, 25, 20), 10_000),
    Box(Size(45, 35, 30), 20_000),
    Box(Size(60, 40, 40), 30_000),
)
_LARGEST = BOXES[-1]


@dataclass(frozen=True, slots=True)
class Load:
    """Units of one variant."""

    variant_id: UUID
    quantity: int
    size: Size
    weight_grams: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One box as it would be packed, with what its contents are worth."""

    size: Size
    weight_grams: int
    value_amount: int
    contents: tuple[tuple[UUID, int], ...]

    @property
    def chargeable_grams(self) -> int:
        """The larger of weight and volume, in whole kilograms."""
        by_weight = -(-self.weight_grams // _GRAMS_PER_KG)
        by_volume = -(-self.size.volume // _CM3_PER_KG)
        return max(by_weight, by_volume) * _GRAMS_PER_KG


def chargeable_kg(parcels: Iterable[Parcel]) -> int:
    return sum(parcel.chargeable_grams for parcel in parcels) // _GRAMS_PER_KG


def pack(loads: Sequence[Load]) -> tuple[Parcel, ...]:
    """Every unit in exactly one parcel, or ParcelTooLarge."""
    _check_bulk(loads)
    alone: list[Parcel] = []
    boxes: list[_Packing] = []
    for load in sorted(loads, key=_largest_first):
        if _fits(load, _LARGEST):
            _distribute(load, boxes)
        else:
            alone += _each_alone(load)
        _check_number(len(alone) + len(boxes))
    return (*alone, *(packing.closed() for packing in boxes))


def _largest_first(load: Load) -> tuple[int, int, int, UUID]:
    return (-load.size.volume, -max(load.size), -load.weight_grams, load.variant_id)


def _check_bulk(loads: Sequence[Load]) -> None:
    """What cannot fit however it is packed need not be tried."""
    boxed = [load for load in loads if _fits(load, _LARGEST)]
    volume = sum(load.size.volume * load.quantity for load in boxed)
    weight = sum(load.weight_grams * load.quantity for load in boxed)
    by_volume = -(-volume // _LARGEST.inner.volume)
    _check_number(max(by_volume, -(-weight // _LARGEST.most_grams)))


def _check_number(parcels: int) -> None:
    if parcels > MOST_PARCELS:
        raise ParcelTooLarge(
            f"this takes more than {MOST_PARCELS} parcels", most_parcels=str(MOST_PARCELS)
        )


def _fits(load: Load, box: Box) -> bool:
    edges = zip(load.size.longest_first(), box.inner.longest_first(), strict=True)
    return load.weight_grams <= box.most_grams and all(own <= room for own, room in edges)


def _each_alone(load: Load) -> list[Parcel]:
    if max(load.size) > LONGEST_EDGE_CM or load.weight_grams > HEAVIEST_PARCEL_GRAMS:
        raise ParcelTooLarge(
            f"no courier carries {'x'.join(map(str, load.size))} cm of {load.weight_grams} g",
            variant_id=str(load.variant_id),
        )
    _check_number(load.quantity)
    return [_alone(load)] * load.quantity


def _alone(load: Load) -> Parcel:
    size = load.size.longest_first()
    return Parcel(size, load.weight_grams, load.unit_price, ((load.variant_id, 1),))


def _distribute(load: Load, boxes: list["_Packing"]) -> None:
    """Into the first boxes with room, then into new ones."""
    left = load.quantity
    for packing in boxes:
        left -= packing.put(load, left)
        if not left:
            return
    while left:
        _check_number(len(boxes) + 1)
        packing = _Packing.into(_LARGEST)
        left -= packing.put(load, left)
        boxes.append(packing)


@dataclass(slots=True)
class _Packing:
    """A box that is being filled."""

    box: Box
    free: list[Size]
    weight_grams: int = 0
    contents: list[tuple[Load, int]] = field(default_factory=list)

    @classmethod
    def into(cls, box: Box) -> Self:
        return cls(box, [box.inner])

    def put(self, load: Load, wanted: int) -> int:
        """How many of the wanted units found room."""
        by_weight = (self.box.most_grams - self.weight_grams) // load.weight_grams
        most = min(wanted, by_weight)
        placed = self._place(_turned(load.size), most)
        if placed:
            self.weight_grams += placed * load.weight_grams
            self.contents.append((load, placed))
        return placed

    def _place(self, turned: Sequence[Size], most: int) -> int:
        """Fill the smallest spaces first; what is left of a space is tried again."""
        placed, spaces = 0, sorted(self.free, key=lambda space: -space.volume)
        kept = []
        while spaces:
            space = spaces.pop()
            block = _block(space, turned, most - placed) if placed < most else None
            if block is None:
                kept.append(space)
            else:
                placed += block.units
                spaces += _left_over(space, block.size)
        self.free = kept
        return placed

    def closed(self) -> Parcel:
        """In the smallest box that takes the same; a single unit as it is."""
        (load, units), *others = self.contents
        if units == 1 and not others:
            return _alone(load)
        box = next((box for box in BOXES[:-1] if self._fits_into(box)), self.box)
        return Parcel(
            size=box.inner,
            weight_grams=self.weight_grams,
            value_amount=sum(load.unit_price * units for load, units in self.contents),
            contents=tuple((load.variant_id, units) for load, units in self.contents),
        )

    def _fits_into(self, box: Box) -> bool:
        volume = sum(load.size.volume * units for load, units in self.contents)
        if self.weight_grams > box.most_grams or volume > box.inner.volume:
            return False
        other = _Packing.into(box)
        return all(other.put(load, units) == units for load, units in self.contents)


@lru_cache(maxsize=4096)
def _turned(size: Size) -> tuple[Size, ...]:
    """Every way to put it down, along its longest edge first."""
    return tuple(Size(*edges) for edges in sorted(set(permutations(size)), reverse=True))


class _Block(NamedTuple):
    """Units side by side, on top of each other and behind each other."""

    units: int
    size: Size


def _block(space: Size, turned: Sequence[Size], most: int) -> _Block | None:
    """The largest block of at most so many units that fits, turned as holds the most."""
    unit = max(turned, key=lambda unit: _capacity(space, unit).volume)
    along, across, up = _capacity(space, unit)
    if not along * across * up:
        return None
    along = min(along, most)
    across = min(across, most // along)
    up = min(up, most // (along * across))
    size = Size(unit.length * along, unit.width * across, unit.height * up)
    return _Block(along * across * up, size)


def _capacity(space: Size, unit: Size) -> Size:
    """How many units fit along each edge."""
    return Size(space.length // unit.length, space.width // unit.width, space.height // unit.height)


def _left_over(space: Size, used: Size) -> Iterator[Size]:
    """What a block in its corner leaves of a space: beside it, behind it and above it."""
    beside = Size(space.length - used.length, space.width, space.height)
    behind = Size(used.length, space.width - used.width, space.height)
    above = Size(used.length, used.width, space.height - used.height)
    return (left for left in (above, behind, beside) if left.volume)
