"""What does a variant cost? The only place that computes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.kit.errors import FailedPrecondition, InvalidArgument
from services.product.domain.model import Owner, Parcel


class PriceOutOfRange(InvalidArgument):
    """Base price and adjustment add up to less than nothing."""


class ProductUnavailable(FailedPrecondition):
    """A variant that is not for sale."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant with all that decides its price and whether it is for sale."""

    variant_id: UUID
    product_id: UUID
    sku: str
    product_name: str
    variant_name: str
    owner: Owner
    base_price: int
    price_adjustment: int
    parcel: Parcel
    is_on_sale: bool

    @property
    def name(self) -> str:
        return ", ".join(filter(None, (self.product_name, self.variant_name)))

    @property
    def price(self) -> int:
        return unit_price(self.base_price, self.price_adjustment)


def unit_price(base_price: int, price_adjustment: int) -> int:
    return base_price + price_adjustment


def check_price(base_price: int, price_adjustment: int) -> None:
    price = unit_price(base_price, price_adjustment)
    if price < 0:
        raise PriceOutOfRange("nothing costs less than nothing", unit_price=str(price))


def quoted(wanted: Sequence[UUID], offers: Mapping[UUID, Offer]) -> list[Offer]:
    """The offers in the order asked for, all of them for sale."""
    for variant_id in wanted:
        if variant_id not in offers or not offers[variant_id].is_on_sale:
            raise ProductUnavailable("it is not for sale", variant_id=str(variant_id))
    return [offers[variant_id] for variant_id in wanted]
