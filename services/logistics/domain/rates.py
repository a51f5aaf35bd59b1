"""What does a lane cost? The courier's answer, and what serves in its place.

The order is written here and nowhere else, and every option says which it was:

1. COURIER: what the couriers ask now.
2. CACHED: they do not answer, so what they asked for the same lane and weight within a day.
3. ZONE_TABLE: neither, so what staff set for the province, for each chargeable kilogram. That no
   courier serves a lane is an answer, so it comes here at once and never to the cache.
4. Otherwise the service area is unsupported. No price is made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from services.kit.errors import FailedPrecondition

CACHE_LIFETIME = timedelta(hours=24)


class ServiceAreaUnsupported(FailedPrecondition):
    """Nobody says what it costs to send something there."""


class Source(StrEnum):
    COURIER = "courier"
    CACHED = "cached"
    ZONE_TABLE = "zone_table"


@dataclass(frozen=True, slots=True)
class Lane:
    """From where to where, and how much."""

    origin_postal_code: str
    destination_postal_code: str
    chargeable_kg: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A courier's service and its price on a lane."""

    courier_code: str
    courier_name: str
    service_code: str
    service_name: str
    price: int
    duration: str

    @property
    def id(self) -> str:
        return f"{self.courier_code}:{self.service_code}"


@dataclass(frozen=True, slots=True)
class Option:
    rate: Rate
    source: Source


@dataclass(frozen=True, slots=True)
class Offered:
    """The couriers name their prices."""

    rates: tuple[Rate, ...]
    needs_fallback: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Unserved:
    """The couriers answer that none of them serves the lane."""

    needs_fallback: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer, or none that can be read."""

    needs_fallback: ClassVar[bool] = True


Answer = Offered | Unserved | Silent


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is known without the couriers: young enough rates, and the province's price per kg."""

    cached: Sequence[Rate] = ()
    zone_price: int | None = None


def options(answer: Answer, fallback: Fallback, lane: Lane) -> tuple[Option, ...]:
    """The cheapest first."""
    rates, source = _resolve(answer, fallback, lane)
    cheapest = sorted(rates, key=lambda rate: (rate.price, rate.id))
    return tuple(Option(rate, source) for rate in cheapest)


def _resolve(answer: Answer, fallback: Fallback, lane: Lane) -> tuple[Sequence[Rate], Source]:
    match answer:
        case Offered(rates):
            return rates, Source.COURIER
        case Silent() if fallback.cached:
            return fallback.cached, Source.CACHED
        case _ if fallback.zone_price is not None:
            return [_zone_rate(fallback.zone_price * lane.chargeable_kg)], Source.ZONE_TABLE
        case _:
            raise ServiceAreaUnsupported(
                f"nobody says what it costs to send this to {lane.destination_postal_code}",
                postal_code=lane.destination_postal_code,
            )


def _zone_rate(price: int) -> Rate:
    return Rate(
        courier_code="zone",
        courier_name="Standard",
        service_code="std",
        service_name="Standard",
        price=price,
        duration="",
    )
