"""Which states does a product pass through, and when may it be changed?"""

from dataclasses import replace
from datetime import datetime

from services.kit.errors import FailedPrecondition
from services.product.domain.model import Product, State
from services.product.domain.pricing import check_price
from services.product.domain.slug import slug_of


class ProductNotPublishable(FailedPrecondition):
    """Published already, archived or deleted."""


class ProductNotPublished(FailedPrecondition):
    """It is not on sale."""


class ProductNotArchivable(FailedPrecondition):
    """Published, archived already or deleted."""


class ProductArchived(FailedPrecondition):
    """It is retired for good."""


class ProductNotDeleted(FailedPrecondition):
    """There is nothing to bring back."""


_OFF_SALE = frozenset({State.DRAFT, State.UNPUBLISHED})


def base_slug(name: str) -> str:
    return slug_of(name, otherwise="produk")


def publish(product: Product, now: datetime) -> Product:
    if product.is_deleted or product.state not in _OFF_SALE:
        raise ProductNotPublishable("it is not a draft or unpublished", **_told(product))
    return touched(replace(product, state=State.PUBLISHED), now)


def unpublish(product: Product, now: datetime) -> Product:
    if not product.is_on_sale:
        raise ProductNotPublished("it is not on sale", **_told(product))
    return touched(replace(product, state=State.UNPUBLISHED), now)


def archive(product: Product, now: datetime) -> Product:
    if product.is_deleted or product.state not in _OFF_SALE:
        raise ProductNotArchivable("it is not a draft or unpublished", **_told(product))
    return touched(replace(product, state=State.ARCHIVED), now)


def delete(product: Product, now: datetime) -> Product:
    return touched(replace(product, delete_time=now), now)


def undelete(product: Product, now: datetime) -> Product:
    if not product.is_deleted:
        raise ProductNotDeleted("it is not deleted", **_told(product))
    return touched(replace(product, delete_time=None), now)


def edited(product: Product, wanted: Product, now: datetime) -> Product:
    """The product with its new text and price, which must suit all its variants."""
    if product.state is State.ARCHIVED:
        raise ProductArchived("it is retired for good", **_told(product))
    for variant in wanted.variants:
        check_price(wanted.base_price, variant.price_adjustment)
    return touched(wanted, now)


def touched(product: Product, now: datetime) -> Product:
    """Every change of a product, its variants or its images makes a new version of it."""
    return replace(product, version=product.version + 1, update_time=now)


def _told(product: Product) -> dict[str, str]:
    return {"product_id": str(product.id), "state": product.state.value}
