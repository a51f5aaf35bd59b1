"""Products, variants, images and categories <-> gotong.product.v1."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gotong.product.v1 import catalogue_pb2, product_pb2
from services.kit.mapping import money_from_proto, money_to_proto, time_to_proto
from services.product.domain.assortment import Draft
from services.product.domain.model import (
    PLATFORM_ID,
    Image,
    Owner,
    OwnerKind,
    Parcel,
    Product,
    State,
    Variant,
)
from services.product.domain.pricing import Offer, unit_price
from services.product.domain.tree import Category

MUTABLE_PRODUCT = frozenset({"name", "description", "category_id", "base_price"})
MUTABLE_VARIANT = frozenset(
    {
        "sku",
        "name",
        "price_adjustment",
        "weight_grams",
        "length_cm",
        "width_cm",
        "height_cm",
    }
)
MUTABLE_IMAGE = frozenset({"uri", "alt_text", "variant_id"})
MUTABLE_CATEGORY = frozenset({"name", "parent_id"})

_KIND = {
    OwnerKind.PLATFORM: product_pb2.Owner.KIND_PLATFORM,
    OwnerKind.SELLER: product_pb2.Owner.KIND_SELLER,
    OwnerKind.FACTORY: product_pb2.Owner.KIND_FACTORY,
}
_KIND_FROM = {proto: kind for kind, proto in _KIND.items()}
_STATE = {
    State.DRAFT: product_pb2.Product.STATE_DRAFT,
    State.PUBLISHED: product_pb2.Product.STATE_PUBLISHED,
    State.UNPUBLISHED: product_pb2.Product.STATE_UNPUBLISHED,
    State.ARCHIVED: product_pb2.Product.STATE_ARCHIVED,
}
_STATE_FROM = {proto: state for state, proto in _STATE.items()}


def id_from_proto(id: str) -> UUID | None:
    return UUID(id) if id else None


def owner_from_proto(proto: product_pb2.Product) -> Owner | None:
    if not proto.HasField("owner"):
        return None
    return Owner(_KIND_FROM[proto.owner.kind], id_from_proto(proto.owner.id) or PLATFORM_ID)


def states_from_proto(states: Iterable["product_pb2.Product.State.ValueType"]) -> set[State]:
    return {_STATE_FROM[state] for state in states}


def draft_from_proto(proto: product_pb2.Variant) -> Draft:
    adjusted = proto.HasField("price_adjustment")
    return Draft(
        sku=proto.sku,
        name=proto.name,
        price_adjustment=money_from_proto(proto.price_adjustment) if adjusted else 0,
        parcel=Parcel(proto.weight_grams, proto.length_cm, proto.width_cm, proto.height_cm),
    )


def product_from_proto(
    proto: product_pb2.Product, *, id: UUID, slug: str, owner: Owner, now: datetime
) -> Product:
    """A new product, still without variants."""
    return Product(
        id=id,
        slug=slug,
        name=proto.name,
        description=proto.description,
        category_id=id_from_proto(proto.category_id),
        owner=owner,
        base_price=money_from_proto(proto.base_price),
        state=State.DRAFT,
        variants=(),
        images=(),
        version=1,
        create_time=now,
        update_time=now,
    )


def product_with(product: Product, proto: product_pb2.Product) -> Product:
    """The product with what the caller may set."""
    return replace(
        product,
        name=proto.name,
        description=proto.description,
        category_id=id_from_proto(proto.category_id),
        base_price=money_from_proto(proto.base_price),
    )


def product_to_proto(product: Product) -> product_pb2.Product:
    return product_pb2.Product(
        id=str(product.id),
        slug=product.slug,
        name=product.name,
        description=product.description,
        category_id=_id_to_proto(product.category_id),
        owner=_owner_to_proto(product.owner),
        base_price=money_to_proto(product.base_price),
        state=_STATE[product.state],
        variants=(variant_to_proto(variant, product) for variant in product.variants),
        images=map(image_to_proto, product.images),
        etag=str(product.version),
        create_time=time_to_proto(product.create_time),
        update_time=time_to_proto(product.update_time),
        delete_time=time_to_proto(product.delete_time),
    )


def variant_to_proto(variant: Variant, product: Product) -> product_pb2.Variant:
    price = unit_price(product.base_price, variant.price_adjustment)
    return product_pb2.Variant(
        id=str(variant.id),
        product_id=str(variant.product_id),
        sku=variant.sku,
        name=variant.name,
        price_adjustment=money_to_proto(variant.price_adjustment),
        unit_price=money_to_proto(price),
        weight_grams=variant.parcel.weight_grams,
        length_cm=variant.parcel.length_cm,
        width_cm=variant.parcel.width_cm,
        height_cm=variant.parcel.height_cm,
        etag=str(variant.version),
        create_time=time_to_proto(variant.create_time),
        update_time=time_to_proto(variant.update_time),
        delete_time=time_to_proto(variant.delete_time),
    )


def image_to_proto(image: Image) -> product_pb2.Image:
    return product_pb2.Image(
        id=str(image.id),
        product_id=str(image.product_id),
        variant_id=_id_to_proto(image.variant_id),
        uri=image.uri,
        alt_text=image.alt_text,
        position=image.position,
        create_time=time_to_proto(image.create_time),
    )


def image_from_proto(proto: product_pb2.Image, *, id: UUID, position: int, now: datetime) -> Image:
    return Image(
        id=id,
        product_id=UUID(proto.product_id),
        variant_id=id_from_proto(proto.variant_id),
        uri=proto.uri,
        alt_text=proto.alt_text,
        position=position,
        create_time=now,
    )


def image_with(image: Image, proto: product_pb2.Image) -> Image:
    return replace(
        image,
        uri=proto.uri,
        alt_text=proto.alt_text,
        variant_id=id_from_proto(proto.variant_id),
    )


def offer_to_proto(offer: Offer) -> product_pb2.PricedVariant:
    return product_pb2.PricedVariant(
        variant_id=str(offer.variant_id),
        product_id=str(offer.product_id),
        sku=offer.sku,
        name=offer.name,
        owner=_owner_to_proto(offer.owner),
        unit_price=money_to_proto(offer.price),
        weight_grams=offer.parcel.weight_grams,
        length_cm=offer.parcel.length_cm,
        width_cm=offer.parcel.width_cm,
        height_cm=offer.parcel.height_cm,
    )


def category_to_proto(category: Category) -> catalogue_pb2.Category:
    return catalogue_pb2.Category(
        id=str(category.id),
        parent_id=_id_to_proto(category.parent_id),
        name=category.name,
        slug=category.slug,
        etag=str(category.version),
        create_time=time_to_proto(category.create_time),
        update_time=time_to_proto(category.update_time),
    )


def _owner_to_proto(owner: Owner) -> product_pb2.Owner:
    id = "" if owner.kind is OwnerKind.PLATFORM else str(owner.id)
    return product_pb2.Owner(kind=_KIND[owner.kind], id=id)


def _id_to_proto(id: UUID | None) -> str:
    return str(id) if id else ""
