"""What a product is: its variants, its images, its owner."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

PLATFORM_ID = UUID(int=0)


class OwnerKind(StrEnum):
    PLATFORM = "platform"
    SELLER = "seller"
    FACTORY = "factory"


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a product; the platform's id is PLATFORM_ID."""

    kind: OwnerKind
    id: UUID


@dataclass(frozen=True, slots=True)
class Parcel:
    """One unit, packed for shipping."""

    weight_grams: int
    length_cm: int
    width_cm: int
    height_cm: int


@dataclass(frozen=True, slots=True)
class Variant:
    id: UUID
    product_id: UUID
    sku: str
    name: str
    price_adjustment: int
    parcel: Parcel
    version: int
    create_time: datetime
    update_time: datetime
    delete_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Image:
    id: UUID
    product_id: UUID
    variant_id: UUID | None
    uri: str
    alt_text: str
    position: int
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """With its variants that are not deleted, in the order they were added, and its images."""

    id: UUID
    slug: str
    name: str
    description: str
    category_id: UUID | None
    owner: Owner
    base_price: int
    state: State
    variants: tuple[Variant, ...]
    images: tuple[Image, ...]
    version: int
    create_time: datetime
    update_time: datetime
    delete_time: datetime | None = None

    @property
    def is_deleted(self) -> bool:
        return self.delete_time is not None

    @property
    def is_on_sale(self) -> bool:
        return is_on_sale(self.state, self.delete_time)

    def find_variant(self, variant_id: UUID) -> Variant | None:
        return next((variant for variant in self.variants if variant.id == variant_id), None)


def is_on_sale(state: State, delete_time: datetime | None) -> bool:
    """Whether everybody sees a product."""
    return state is State.PUBLISHED and delete_time is None
