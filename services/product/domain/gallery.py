"""Which images may a product have, and in which order?"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.kit.errors import FailedPrecondition
from services.product.domain.access import ImageNotFound
from services.product.domain.assortment import existing
from services.product.domain.model import Image, Product

MOST_IMAGES = 20


class TooManyImages(FailedPrecondition):
    """The product has as many images as a product may have."""


class ImagesDiffer(FailedPrecondition):
    """Not exactly the images that the product has."""


def next_position(product: Product) -> int:
    """Where another image goes: last."""
    if len(product.images) >= MOST_IMAGES:
        raise TooManyImages(f"a product has at most {MOST_IMAGES}", limit=str(MOST_IMAGES))
    return len(product.images)


def check_variant(product: Product, variant_id: UUID | None) -> None:
    """An image is of all variants or of one that the product has."""
    if variant_id is not None:
        existing(product, variant_id)


def image_of(product: Product, image_id: UUID) -> Image:
    for image in product.images:
        if image.id == image_id:
            return image
    raise ImageNotFound.of(image_id)


def reordered(product: Product, image_ids: Sequence[UUID]) -> list[Image]:
    """The product's images in another order, all of them and no others."""
    images = {image.id: image for image in product.images}
    if images.keys() != set(image_ids):
        raise ImagesDiffer("name every image of the product", images=str(len(images)))
    return [replace(images[id], position=place) for place, id in enumerate(image_ids)]
