"""SQL of slugs: each is given out once, and leads to its product for good."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db import Tx
from services.product.domain.slug import numbered
from services.product.tables import product_slugs, slug_numbers


async def claim(tx: Tx, base: str, product_id: UUID) -> str:
    """The product's slug of this base: the one it had before, or the next that is free.

    Rivals for a base wait at its number. A slug can only be taken already when it looks like
    another name's, as that of the first "kopi 2" does like that of the second "kopi".
    """
    if earlier := await _earlier(tx, base, product_id):
        return earlier
    while True:
        slug = numbered(base, await _next_number(tx, base))
        claimed = await tx.execute(
            insert(product_slugs)
            .values(slug=slug, base=base, product_id=product_id)
            .on_conflict_do_nothing(index_elements=[product_slugs.c.slug])
        )
        if claimed.rowcount:
            return slug


async def _earlier(tx: Tx, base: str, product_id: UUID) -> str | None:
    slug: str | None = await tx.scalar(
        select(product_slugs.c.slug).where(
            product_slugs.c.product_id == product_id, product_slugs.c.base == base
        )
    )
    return slug


async def _next_number(tx: Tx, base: str) -> int:
    number: int = await tx.scalar(
        insert(slug_numbers)
        .values(base=base, last_number=1)
        .on_conflict_do_update(
            index_elements=[slug_numbers.c.base],
            set_={"last_number": slug_numbers.c.last_number + 1},
        )
        .returning(slug_numbers.c.last_number)
    )
    return number
