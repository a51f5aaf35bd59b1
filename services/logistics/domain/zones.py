"""What staff set for a province."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.errors import NotFound


class ZoneRateNotFound(NotFound):
    """The province is not in the zone table."""


@dataclass(frozen=True, slots=True)
class ZoneRate:
    province_code: str
    price_per_kg: int
    update_time: datetime
