"""Where can stock lie?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kit.errors import AlreadyExists, FailedPrecondition, NotFound


class LocationNotFound(NotFound):
    """No such location."""


class LocationCodeTaken(AlreadyExists):
    """Another location has this code."""


class LocationInUse(FailedPrecondition):
    """It holds stock, or once did."""


class LocationInactive(FailedPrecondition):
    """Stock here cannot be sold."""


@dataclass(frozen=True, slots=True)
class Place:
    """What staff say about a location."""

    name: str
    street: str
    postal_code: str
    phone_number: str
    active: bool


@dataclass(frozen=True, slots=True)
class Location:
    id: UUID
    code: str
    place: Place
    version: int
    create_time: datetime
    update_time: datetime
