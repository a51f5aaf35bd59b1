"""SQL of images. Who changes them has locked their product."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, delete, func, insert, literal, update

from services.kit.db import Tx
from services.product.domain.model import Image
from services.product.store.rows import among
from services.product.tables import images


async def add(tx: Tx, image: Image) -> None:
    await tx.execute(
        insert(images).values(
            id=image.id,
            product_id=image.product_id,
            variant_id=image.variant_id,
            uri=image.uri,
            alt_text=image.alt_text,
            position=image.position,
            create_time=image.create_time,
        )
    )


async def save(tx: Tx, image: Image) -> None:
    await tx.execute(
        update(images)
        .where(images.c.id == image.id)
        .values(variant_id=image.variant_id, uri=image.uri, alt_text=image.alt_text)
    )


async def remove(tx: Tx, image: Image) -> None:
    """Those behind it move up."""
    await tx.execute(delete(images).where(images.c.id == image.id))
    await tx.execute(
        update(images)
        .where(images.c.product_id == image.product_id, images.c.position > image.position)
        .values(position=images.c.position - 1)
    )


async def reorder(tx: Tx, image_ids: Sequence[UUID]) -> None:
    """The first gets position 0."""
    order = literal(image_ids, ARRAY(Uuid))
    await tx.execute(
        update(images)
        .where(among(images.c.id, image_ids))
        .values(position=func.array_position(order, images.c.id) - 1)
    )
