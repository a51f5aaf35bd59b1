"""SQL of products."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.kit.db import Tx, constraint
from services.kit.paging import Window
from services.product.domain.access import Listing
from services.product.domain.model import Product
from services.product.domain.tree import CategoryNotFound
from services.product.store.categories import below
from services.product.store.rows import PRODUCTS, among, product_of
from services.product.tables import images, product_slugs, products, variants


async def find(tx: Tx, product_id: UUID) -> Product | None:
    return await _one(tx, products.c.id == product_id)


async def find_by_slug(tx: Tx, slug: str) -> Product | None:
    """Of the product that has this slug or had it."""
    return await _one(tx, products.c.id == _owner_of(product_slugs, product_slugs.c.slug == slug))


async def find_by_variant(tx: Tx, variant_id: UUID) -> Product | None:
    return await _one(tx, products.c.id == _owner_of(variants, variants.c.id == variant_id))


async def lock(tx: Tx, product_id: UUID) -> Product | None:
    """Keep others from changing the product, its variants or its images."""
    return await _locked(tx, products.c.id == product_id)


async def lock_by_variant(tx: Tx, variant_id: UUID) -> Product | None:
    return await _locked(tx, products.c.id == _owner_of(variants, variants.c.id == variant_id))


async def lock_by_image(tx: Tx, image_id: UUID) -> Product | None:
    return await _locked(tx, products.c.id == _owner_of(images, images.c.id == image_id))


async def list_by_ids(tx: Tx, product_ids: Sequence[UUID]) -> list[Product]:
    result = await tx.execute(PRODUCTS.where(among(products.c.id, product_ids)))
    return [product_of(row) for row in result]


async def list_products(
    tx: Tx, listing: Listing, window: Window, *, category_id: UUID | None, words: str
) -> list[Product]:
    """Newest first."""
    where = [products.c.id < window.before_id, _in_states(listing)]
    if not listing.show_deleted:
        where.append(products.c.delete_time.is_(None))
    if listing.owner_id:
        where.append(products.c.owner_id == listing.owner_id)
    if category_id:
        where.append(products.c.category_id.in_(below(category_id)))
    if words:
        where.append(products.c.search.bool_op("@@")(func.plainto_tsquery("simple", words)))
    result = await tx.execute(
        PRODUCTS.where(*where).order_by(products.c.id.desc()).limit(window.limit)
    )
    return [product_of(row) for row in result]


async def add(tx: Tx, product: Product) -> None:
    """Its slug has been claimed; its variants are added on their own."""
    async with _category_of(product):
        await tx.execute(insert(products).values(id=product.id, **_columns(product)))


async def save(tx: Tx, product: Product) -> None:
    """Record the next version of a product that is locked."""
    async with _category_of(product):
        saved = await tx.execute(
            update(products)
            .where(products.c.id == product.id, products.c.version == product.version - 1)
            .values(**_columns(product))
        )
    assert saved.rowcount == 1, f"{product.id} was not locked"


def _in_states(listing: Listing) -> ColumnElement[bool]:
    """One state by equality, so that its index gives the newest first."""
    if len(listing.states) == 1:
        return products.c.state == next(iter(listing.states))
    return products.c.state.in_(listing.states)


def _owner_of(table: Table, where: ColumnElement[bool]) -> ScalarSelect[UUID]:
    """The id of the product that a slug, a variant or an image belongs to."""
    return select(table.c.product_id).where(where).scalar_subquery()


async def _locked(tx: Tx, where: ColumnElement[bool]) -> Product | None:
    """First the lock, then the reading, so that what was waited for is seen."""
    id = await tx.scalar(select(products.c.id).where(where).with_for_update(key_share=True))
    return await find(tx, id) if id else None


async def _one(tx: Tx, where: ColumnElement[bool]) -> Product | None:
    row = (await tx.execute(PRODUCTS.where(where))).one_or_none()
    return product_of(row) if row else None


@asynccontextmanager
async def _category_of(product: Product) -> AsyncIterator[None]:
    """The category is there, and stays: the database says so."""
    try:
        yield
    except IntegrityError as error:
        if constraint(error) != "products_category":
            raise
        raise CategoryNotFound.of(product.category_id) from error


def _columns(product: Product) -> dict[str, Any]:
    return {
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "category_id": product.category_id,
        "owner_kind": product.owner.kind,
        "owner_id": product.owner.id,
        "base_price": product.base_price,
        "state": product.state,
        "version": product.version,
        "create_time": product.create_time,
        "update_time": product.update_time,
        "delete_time": product.delete_time,
    }
