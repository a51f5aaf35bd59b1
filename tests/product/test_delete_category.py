from gotong.product.v1 import catalogue_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    branch,
    create_category,
    delete,
    delete_category,
    draft,
    reasons,
    retried,
    rivals,
)
from tests.support import an_id, refused


async def test_an_empty_category_is_removed(admin: Caller) -> None:
    [category] = await branch(admin, 1)

    await admin.catalogue.DeleteCategory(delete_category(category))

    with refused("CATEGORY_NOT_FOUND"):
        await admin.catalogue.GetCategory(pb.GetCategoryRequest(category_id=category.id))


async def test_a_category_with_another_below_it_stays(admin: Caller) -> None:
    above, _ = await branch(admin, 2)

    with refused("CATEGORY_NOT_EMPTY", category_id=above.id):
        await admin.catalogue.DeleteCategory(delete_category(above))


async def test_a_category_with_products_stays_even_if_they_are_deleted(
    admin: Caller, seller: Caller
) -> None:
    [category] = await branch(admin, 1)
    await seller.products.DeleteProduct(delete(await draft(seller, category_id=category.id)))

    with refused("CATEGORY_NOT_EMPTY"):
        await admin.catalogue.DeleteCategory(delete_category(category))


async def test_removing_a_category_and_filling_it_at_once_one_wins(
    admin: Caller, seller: Caller
) -> None:
    [category] = await branch(admin, 1)

    outcomes = await rivals(
        admin.catalogue.DeleteCategory(delete_category(category)),
        draft(seller, category_id=category.id),
        admin.catalogue.CreateCategory(create_category(parent_id=category.id)),
    )

    found = set(reasons(outcomes))
    assert found in ({"CATEGORY_NOT_EMPTY"}, {"CATEGORY_NOT_FOUND"})


async def test_an_unknown_category_is_not_found(admin: Caller) -> None:
    with refused("CATEGORY_NOT_FOUND"):
        await admin.catalogue.DeleteCategory(delete_category(pb.Category(id=an_id())))


async def test_a_retry_returns_the_first_answer(admin: Caller) -> None:
    [category] = await branch(admin, 1)

    answer = await retried(admin.catalogue.DeleteCategory, delete_category(category))

    assert answer == pb.DeleteCategoryResponse()
