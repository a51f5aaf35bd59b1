from tests.product.conftest import Caller
from tests.product.requests import branch, create_category, draft, retried, rivals
from tests.support import an_id, refused


async def test_a_category_is_at_the_top_or_below_another(admin: Caller) -> None:
    above, below = await branch(admin, 2)

    assert (above.parent_id, below.parent_id) == ("", above.id)


async def test_categories_of_one_name_have_numbered_slugs(admin: Caller) -> None:
    name = f"Kopi & Teh {an_id()}"

    slugs = [(await admin.catalogue.CreateCategory(create_category(name))).slug for _ in range(3)]

    first = name.lower().replace(" & ", "-").replace(" ", "-")
    assert slugs == [first, f"{first}-2", f"{first}-3"]


async def test_rivals_for_a_name_get_different_slugs(admin: Caller) -> None:
    name = f"Kopi {an_id()}"

    categories = await rivals(
        *(admin.catalogue.CreateCategory(create_category(name)) for _ in range(6))
    )

    assert len({category.slug for category in categories}) == 6


async def test_a_category_has_slugs_apart_from_products(admin: Caller, seller: Caller) -> None:
    name = f"Kopi {an_id()}"
    product = await draft(seller, name=name)

    category = await admin.catalogue.CreateCategory(create_category(name))

    assert category.slug == product.slug


async def test_a_sixth_level_is_refused(admin: Caller) -> None:
    *_, deepest = await branch(admin, 5)

    with refused("CATEGORY_TOO_DEEP", limit="5"):
        await admin.catalogue.CreateCategory(create_category(parent_id=deepest.id))


async def test_an_unknown_parent_is_refused(admin: Caller) -> None:
    parent_id = an_id()

    with refused("CATEGORY_NOT_FOUND", category_id=parent_id):
        await admin.catalogue.CreateCategory(create_category(parent_id=parent_id))


async def test_sellers_keep_no_categories(seller: Caller, ops: Caller) -> None:
    for caller in (seller, ops):
        with refused("ROLE_REQUIRED"):
            await caller.catalogue.CreateCategory(create_category())


async def test_a_retry_returns_the_first_category(admin: Caller) -> None:
    name = f"Kopi {an_id()}"

    category = await retried(admin.catalogue.CreateCategory, create_category(name))

    second = await admin.catalogue.CreateCategory(create_category(name))
    assert second.slug == f"{category.slug}-2"
