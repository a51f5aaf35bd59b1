"""SQL of categories."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from services.kit.db import Tx
from services.kit.paging import Window
from services.product.domain.tree import Category, CategoryNotEmpty, CategoryNotFound
from services.product.tables import categories


def below(category_id: UUID) -> Select[tuple[UUID]]:
    """The ids of a category and all below it."""
    tree = select(literal(category_id).label("id")).cte("below", recursive=True)
    tree = tree.union(select(categories.c.id).join(tree, categories.c.parent_id == tree.c.id))
    return select(tree.c.id)


async def lock_tree(tx: Tx) -> None:
    """Keep others from adding and moving categories; products may still be put into them."""
    await tx.execute(text("LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE"))


async def get(tx: Tx, category_id: UUID) -> Category:
    result = await tx.execute(select(categories).where(categories.c.id == category_id))
    row = result.one_or_none()
    if row is None:
        raise CategoryNotFound.of(category_id)
    return _category(row)


async def list_by_parent(tx: Tx, parent_id: UUID | None, window: Window) -> list[Category]:
    """By slug, which is the name without case and accents."""
    result = await tx.execute(
        select(categories)
        .where(categories.c.parent_id == parent_id, categories.c.slug > window.after)
        .order_by(categories.c.slug)
        .limit(window.limit)
    )
    return [_category(row) for row in result]


async def list_above(tx: Tx, parent_id: UUID | None) -> Collection[UUID]:
    """A parent and all that is above it; nothing if there is no such parent."""
    start = select(categories.c.id, categories.c.parent_id).where(categories.c.id == parent_id)
    path = start.cte("above", recursive=True)
    path = path.union(
        select(categories.c.id, categories.c.parent_id).join(
            path, categories.c.id == path.c.parent_id
        )
    )
    return set((await tx.execute(select(path.c.id))).scalars())


async def count_levels(tx: Tx, category_id: UUID) -> int:
    """How many levels a category has with all that is below it."""
    tree = select(literal(category_id).label("id"), literal(1).label("level"))
    levels = tree.cte("levels", recursive=True)
    levels = levels.union_all(
        select(categories.c.id, levels.c.level + 1).join(
            levels, categories.c.parent_id == levels.c.id
        )
    )
    count: int = await tx.scalar(select(func.max(levels.c.level)))
    return count


async def list_slugs(tx: Tx, base: str, *, but: UUID) -> list[str]:
    """Those that others have and that begin like this."""
    result = await tx.execute(
        select(categories.c.slug).where(
            categories.c.slug.startswith(base, autoescape=True), categories.c.id != but
        )
    )
    return list(result.scalars())


async def add(tx: Tx, category: Category) -> None:
    await tx.execute(insert(categories).values(id=category.id, **_columns(category)))


async def save(tx: Tx, category: Category) -> None:
    """Record the next version of a category."""
    saved = await tx.execute(
        update(categories)
        .where(categories.c.id == category.id, categories.c.version == category.version - 1)
        .values(**_columns(category))
    )
    assert saved.rowcount == 1, f"{category.id} was changed without the lock"


async def remove(tx: Tx, category_id: UUID) -> None:
    """The database knows whether products or categories are in it, also those just added."""
    try:
        removed = await tx.execute(delete(categories).where(categories.c.id == category_id))
    except IntegrityError as error:
        raise CategoryNotEmpty("something is in it", category_id=str(category_id)) from error
    if not removed.rowcount:
        raise CategoryNotFound.of(category_id)


def _columns(category: Category) -> dict[str, Any]:
    return {
        "parent_id": category.parent_id,
        "name": category.name,
        "slug": category.slug,
        "version": category.version,
        "create_time": category.create_time,
        "update_time": category.update_time,
    }


def _category(row: Row[Any]) -> Category:
    return Category(
        id=row.id,
        parent_id=row.parent_id,
        name=row.name,
        slug=row.slug,
        version=row.version,
        create_time=row.create_time,
        update_time=row.update_time,
    )
