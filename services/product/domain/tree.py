"""How do categories hang together?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.kit.errors import FailedPrecondition, NotFound
from services.product.domain.slug import number_of, numbered, slug_of

MOST_LEVELS = 5


class CategoryNotFound(NotFound):
    """No such category."""

    @classmethod
    def of(cls, category_id: object) -> "CategoryNotFound":
        return cls("no such category", category_id=str(category_id))


class CategoryTooDeep(FailedPrecondition):
    """Categories would hang below each other on too many levels."""


class CategoryCycle(FailedPrecondition):
    """A category would hang below itself."""


class CategoryNotEmpty(FailedPrecondition):
    """Products, deleted ones too, or categories are in it."""


@dataclass(frozen=True, slots=True)
class Category:
    id: UUID
    parent_id: UUID | None
    name: str
    slug: str
    version: int
    create_time: datetime
    update_time: datetime


def check_place(
    category_id: UUID, parent_id: UUID | None, *, above: Collection[UUID], levels: int
) -> None:
    """Whether a category with so many levels, its own included, may hang below a parent.

    `above` is the parent and all that is above it.
    """
    if parent_id is not None and parent_id not in above:
        raise CategoryNotFound.of(parent_id)
    if category_id in above:
        raise CategoryCycle("a category cannot hang below itself", category_id=str(category_id))
    if len(above) + levels > MOST_LEVELS:
        raise CategoryTooDeep(f"there are {MOST_LEVELS} levels at most", limit=str(MOST_LEVELS))


def changed(category: Category, name: str, parent_id: UUID | None, now: datetime) -> Category:
    version = category.version + 1
    return replace(category, name=name, parent_id=parent_id, version=version, update_time=now)


def base_slug(name: str) -> str:
    return slug_of(name, otherwise="kategori")


def free_slug(name: str, taken: Sequence[str]) -> str:
    """The slug of that name with the first number that no other category has."""
    base = base_slug(name)
    numbers = {number_of(slug, base) for slug in taken}
    return next(
        numbered(base, number) for number in range(1, len(taken) + 2) if number not in numbers
    )
