"""SQL of variants. Who changes them has locked their product."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.kit.db import Tx, constraint
from services.kit.paging import Window
from services.product.domain.assortment import SkuTaken
from services.product.domain.model import Variant
from services.product.store.rows import row_of, variant_of
from services.product.tables import variants


async def get(tx: Tx, variant_id: UUID) -> Variant:
    """Of a product that has it; deleted ones too."""
    row = await tx.scalar(select(row_of(variants)).where(variants.c.id == variant_id))
    return variant_of(row)


async def list_by_product(
    tx: Tx, product_id: UUID, window: Window, *, show_deleted: bool
) -> list[Variant]:
    """In the order they were added."""
    statement = select(row_of(variants)).where(
        variants.c.product_id == product_id, variants.c.id > window.after_id
    )
    if not show_deleted:
        statement = statement.where(variants.c.delete_time.is_(None))
    result = await tx.execute(statement.order_by(variants.c.id).limit(window.limit))
    return [variant_of(row) for row in result.scalars()]


async def add(tx: Tx, owner_id: UUID, added: Sequence[Variant]) -> None:
    """All of them in one statement, by SKU so that rivals cannot wait for each other in a ring."""
    rows = [
        {"id": variant.id, "owner_id": owner_id, **_columns(variant)}
        for variant in sorted(added, key=lambda variant: variant.sku)
    ]
    result = await tx.execute(
        insert(variants)
        .values(rows)
        .on_conflict_do_nothing(constraint="variants_sku")
        .returning(variants.c.id)
    )
    stored = set(result.scalars())
    for variant in added:
        if variant.id not in stored:
            raise _taken(variant)


async def save(tx: Tx, variant: Variant) -> None:
    """Record the next version of a variant."""
    try:
        saved = await tx.execute(
            update(variants)
            .where(variants.c.id == variant.id, variants.c.version == variant.version - 1)
            .values(**_columns(variant))
        )
    except IntegrityError as error:
        if constraint(error) != "variants_sku":
            raise
        raise _taken(variant) from error
    assert saved.rowcount == 1, f"the product of {variant.id} was not locked"


def _taken(variant: Variant) -> SkuTaken:
    return SkuTaken("another variant of the owner has this SKU", sku=variant.sku)


def _columns(variant: Variant) -> dict[str, Any]:
    return {
        "product_id": variant.product_id,
        "sku": variant.sku,
        "name": variant.name,
        "price_adjustment": variant.price_adjustment,
        "weight_grams": variant.parcel.weight_grams,
        "length_cm": variant.parcel.length_cm,
        "width_cm": variant.parcel.width_cm,
        "height_cm": variant.parcel.height_cm,
        "version": variant.version,
        "create_time": variant.create_time,
        "update_time": variant.update_time,
        "delete_time": variant.delete_time,
    }
