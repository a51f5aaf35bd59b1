"""How do rows become products? Everything of a product is read in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Row,
    Select,
    Table,
    Uuid,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.product.domain.model import Image, Owner, OwnerKind, Parcel, Product, State, Variant
from services.product.tables import images, products, variants

Json = Mapping[str, Any]


def row_of(table: Table) -> ColumnElement[Json]:
    """A whole row as one value."""
    return func.row_to_json(table.table_valued(), type_=JSON)


def among(column: ColumnElement[UUID], ids: Sequence[UUID]) -> ColumnElement[bool]:
    """However many ids there are, the statement is the same."""
    return column == any_(literal(ids, ARRAY(Uuid)))


def _all_of(table: Table, order: ColumnElement[Any], *where: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a scalar subquery of JSON
    rows = func.json_agg(aggregate_order_by(row_of(table), order), type_=JSON)
    return select(rows).where(table.c.product_id == products.c.id, *where).scalar_subquery()


PRODUCTS: Select[Any] = select(
    *(column for column in products.c if column.name != "search"),
    _all_of(variants, variants.c.id, variants.c.delete_time.is_(None)).label("variants"),
    _all_of(images, images.c.position).label("images"),
)


def product_of(row: Row[Any]) -> Product:
    return Product(
        id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description,
        category_id=row.category_id,
        owner=Owner(OwnerKind(row.owner_kind), row.owner_id),
        base_price=row.base_price,
        state=State(row.state),
        variants=tuple(map(variant_of, row.variants or ())),
        images=tuple(map(image_of, row.images or ())),
        version=row.version,
        create_time=row.create_time,
        update_time=row.update_time,
        delete_time=row.delete_time,
    )


def variant_of(row: Json) -> Variant:
    return Variant(
        id=UUID(row["id"]),
        product_id=UUID(row["product_id"]),
        sku=row["sku"],
        name=row["name"],
        price_adjustment=row["price_adjustment"],
        parcel=Parcel(row["weight_grams"], row["length_cm"], row["width_cm"], row["height_cm"]),
        version=row["version"],
        create_time=datetime.fromisoformat(row["create_time"]),
        update_time=datetime.fromisoformat(row["update_time"]),
        delete_time=datetime.fromisoformat(row["delete_time"]) if row["delete_time"] else None,
    )


def image_of(row: Json) -> Image:
    return Image(
        id=UUID(row["id"]),
        product_id=UUID(row["product_id"]),
        variant_id=UUID(row["variant_id"]) if row["variant_id"] else None,
        uri=row["uri"],
        alt_text=row["alt_text"],
        position=row["position"],
        create_time=datetime.fromisoformat(row["create_time"]),
    )
