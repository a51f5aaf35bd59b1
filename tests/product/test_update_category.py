import pytest

from gotong.product.v1 import catalogue_pb2 as pb
from gotong.product.v1.product_pb2 import ListProductsRequest
from tests.product.conftest import Caller
from tests.product.requests import (
    branch,
    create_category,
    published,
    reasons,
    retried,
    rivals,
    update_category,
)
from tests.support import an_id, invalid, refused


async def test_a_new_name_gives_a_new_slug(admin: Caller) -> None:
    category = await admin.catalogue.CreateCategory(create_category(f"Kopi {an_id()}"))
    name = f"Teh {an_id()}"

    changed = await admin.catalogue.UpdateCategory(update_category(category, name=name))

    assert (changed.name, changed.slug) == (name, name.lower().replace(" ", "-"))


async def test_the_slug_stays_when_the_name_differs_in_case_only(admin: Caller) -> None:
    name = f"kopi {an_id()}"
    await admin.catalogue.CreateCategory(create_category(name))
    category = await admin.catalogue.CreateCategory(create_category(name))

    changed = await admin.catalogue.UpdateCategory(update_category(category, name=name.upper()))

    assert changed.slug == category.slug


async def test_a_category_moves_with_all_below_it(
    admin: Caller, seller: Caller, nobody: Caller
) -> None:
    _, moved, below = await branch(admin, 3)
    target = await admin.catalogue.CreateCategory(create_category("Tujuan"))
    product = await published(seller, category_id=below.id)

    await admin.catalogue.UpdateCategory(update_category(moved, parent_id=target.id))

    found = await nobody.products.ListProducts(ListProductsRequest(category_id=target.id))
    assert list(found.products) == [product]


async def test_a_category_moves_to_the_top(admin: Caller) -> None:
    _, category = await branch(admin, 2)

    changed = await admin.catalogue.UpdateCategory(update_category(category, "parent_id"))

    assert changed.parent_id == ""


async def test_a_category_does_not_hang_below_itself(admin: Caller) -> None:
    top, middle, bottom = await branch(admin, 3)

    for below in (top, middle, bottom):
        with refused("CATEGORY_CYCLE", category_id=top.id):
            await admin.catalogue.UpdateCategory(update_category(top, parent_id=below.id))


async def test_of_moves_below_each_other_one_wins(admin: Caller) -> None:
    [first], [second] = await branch(admin, 1), await branch(admin, 1)

    outcomes = await rivals(
        admin.catalogue.UpdateCategory(update_category(first, parent_id=second.id)),
        admin.catalogue.UpdateCategory(update_category(second, parent_id=first.id)),
    )

    assert reasons(outcomes) == ["CATEGORY_CYCLE"]


async def test_what_is_below_counts_for_the_depth(admin: Caller) -> None:
    three, two = await branch(admin, 3), await branch(admin, 2)
    too_deep = await branch(admin, 3)

    with refused("CATEGORY_TOO_DEEP", limit="5"):
        await admin.catalogue.UpdateCategory(update_category(too_deep[0], parent_id=three[-1].id))
    changed = await admin.catalogue.UpdateCategory(update_category(two[0], parent_id=three[-1].id))

    assert changed.parent_id == three[-1].id


async def test_an_unknown_parent_is_refused(admin: Caller) -> None:
    [category] = await branch(admin, 1)

    with refused("CATEGORY_NOT_FOUND"):
        await admin.catalogue.UpdateCategory(update_category(category, parent_id=an_id()))


async def test_an_unknown_category_is_not_found(admin: Caller) -> None:
    with refused("CATEGORY_NOT_FOUND"):
        await admin.catalogue.UpdateCategory(update_category(pb.Category(id=an_id()), name="Teh"))


async def test_an_update_of_an_old_copy_is_refused(admin: Caller) -> None:
    [category] = await branch(admin, 1)
    newest = await admin.catalogue.UpdateCategory(update_category(category, name="Teh"))

    with refused("ETAG_MISMATCH", etag=newest.etag):
        await admin.catalogue.UpdateCategory(
            update_category(category, name="Kopi", etag=category.etag)
        )


@pytest.mark.parametrize("path", ["slug", "id", "create_time"])
async def test_what_is_output_only_cannot_be_changed(admin: Caller, path: str) -> None:
    [category] = await branch(admin, 1)

    with invalid("update_mask"):
        await admin.catalogue.UpdateCategory(update_category(category, path))


async def test_a_category_without_a_name_is_refused(admin: Caller) -> None:
    [category] = await branch(admin, 1)

    with invalid("name"):
        await admin.catalogue.UpdateCategory(update_category(category, "name"))


async def test_a_retry_returns_the_first_answer(admin: Caller) -> None:
    [category] = await branch(admin, 1)

    changed = await retried(admin.catalogue.UpdateCategory, update_category(category, name="Teh"))

    found = await admin.catalogue.GetCategory(pb.GetCategoryRequest(category_id=category.id))
    assert changed == found
