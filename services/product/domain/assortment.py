"""Which variants may a product have?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.kit.errors import AlreadyExists, FailedPrecondition
from services.product.domain.access import VariantNotFound
from services.product.domain.model import Parcel, Product, Variant
from services.product.domain.pricing import check_price

MOST_VARIANTS = 100
_DEFAULT_PARCEL = Parcel(weight_grams=1000, length_cm=10, width_cm=10, height_cm=10)
_LONGEST_SKU = 64
_SUFFIX = 8


class SkuTaken(AlreadyExists):
    """Another variant of the same owner has this SKU."""


class TooManyVariants(FailedPrecondition):
    """The product has as many variants as a product may have."""


class LastVariant(FailedPrecondition):
    """A product keeps one variant."""


class VariantNotDeleted(FailedPrecondition):
    """There is nothing to bring back."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of a variant by who adds or changes it; an empty SKU is made from the slug."""

    sku: str
    name: str
    price_adjustment: int
    parcel: Parcel


_DEFAULT_VARIANT = Draft(sku="", name="", price_adjustment=0, parcel=_DEFAULT_PARCEL)


def first_variants(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """What a new product has: what its owner gave, or one variant to begin with."""
    return drafts or [_DEFAULT_VARIANT]


def with_variants(product: Product, drafts: Sequence[tuple[UUID, Draft]], now: datetime) -> Product:
    """The product with these variants added."""
    if len(product.variants) + len(drafts) > MOST_VARIANTS:
        raise TooManyVariants(f"a product has at most {MOST_VARIANTS}", limit=str(MOST_VARIANTS))
    added = tuple(_variant(product, id, draft, now) for id, draft in drafts)
    return replace(product, variants=product.variants + added)


def changed(product: Product, variant: Variant, draft: Draft, now: datetime) -> Variant:
    wanted = _variant(product, variant.id, draft, now)
    return replace(wanted, version=variant.version + 1, create_time=variant.create_time)


def deleted(product: Product, variant: Variant, now: datetime) -> Variant:
    if product.variants == (variant,):
        raise LastVariant("a product keeps one variant", variant_id=str(variant.id))
    return replace(variant, version=variant.version + 1, update_time=now, delete_time=now)


def undeleted(product: Product, variant: Variant, now: datetime) -> Variant:
    """The price may have become impossible and the product full in the meantime."""
    if variant.delete_time is None:
        raise VariantNotDeleted("it is not deleted", variant_id=str(variant.id))
    draft = Draft(variant.sku, variant.name, variant.price_adjustment, variant.parcel)
    with_variants(product, [(variant.id, draft)], now)
    return replace(variant, version=variant.version + 1, update_time=now, delete_time=None)


def existing(product: Product, variant_id: UUID) -> Variant:
    """One of the product's variants that are not deleted."""
    variant = product.find_variant(variant_id)
    if variant is None:
        raise VariantNotFound.of(variant_id)
    return variant


def _variant(product: Product, id: UUID, draft: Draft, now: datetime) -> Variant:
    check_price(product.base_price, draft.price_adjustment)
    return Variant(
        id=id,
        product_id=product.id,
        sku=draft.sku or _sku(product.slug, id),
        name=draft.name,
        price_adjustment=draft.price_adjustment,
        parcel=draft.parcel,
        version=1,
        create_time=now,
        update_time=now,
    )


def _sku(slug: str, variant_id: UUID) -> str:
    """The slug to read, and the random end of the id to be unique."""
    words = slug[: _LONGEST_SKU - _SUFFIX - 1].rstrip("-")
    return f"{words}-{variant_id.hex[-_SUFFIX:]}"
