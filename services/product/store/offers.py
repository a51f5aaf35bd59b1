"""SQL of what is for sale, at which price."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.kit.db import Row, Tx, prepared
from services.product.domain.model import Owner, OwnerKind, Parcel, State, is_on_sale
from services.product.domain.pricing import Offer
from services.product.tables import products, variants

_OFFERS = prepared(
    select(
        variants.c.id.label("variant_id"),
        variants.c.product_id,
        variants.c.sku,
        variants.c.name.label("variant_name"),
        variants.c.price_adjustment,
        variants.c.weight_grams,
        variants.c.length_cm,
        variants.c.width_cm,
        variants.c.height_cm,
        variants.c.delete_time.is_not(None).label("variant_is_deleted"),
        products.c.name.label("product_name"),
        products.c.owner_kind,
        products.c.owner_id,
        products.c.base_price,
        products.c.state,
        products.c.delete_time,
    )
    .join_from(variants, products, products.c.id == variants.c.product_id)
    .where(variants.c.id == any_(bindparam("variant_ids", type_=ARRAY(Uuid))))
)


async def of_variants(tx: Tx, variant_ids: Sequence[UUID]) -> dict[UUID, Offer]:
    """Of the variants that there are, on sale or not."""
    rows = await tx.fetch(_OFFERS, {"variant_ids": variant_ids})
    return {row.variant_id: _offer(row) for row in rows}


def _offer(row: Row) -> Offer:
    return Offer(
        variant_id=row.variant_id,
        product_id=row.product_id,
        sku=row.sku,
        product_name=row.product_name,
        variant_name=row.variant_name,
        owner=Owner(OwnerKind(row.owner_kind), row.owner_id),
        base_price=row.base_price,
        price_adjustment=row.price_adjustment,
        parcel=Parcel(row.weight_grams, row.length_cm, row.width_cm, row.height_cm),
        is_on_sale=is_on_sale(State(row.state), row.delete_time) and not row.variant_is_deleted,
    )
