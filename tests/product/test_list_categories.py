from gotong.product.v1 import catalogue_pb2 as pb
from tests.product.conftest import Caller, statements
from tests.product.requests import create_category
from tests.support import an_id, refused


async def a_shelf(admin: Caller, *names: str) -> str:
    """A category with these directly below it, and something below the first."""
    shelf = await admin.catalogue.CreateCategory(create_category("Rak"))
    below = [
        await admin.catalogue.CreateCategory(create_category(name, parent_id=shelf.id))
        for name in names
    ]
    await admin.catalogue.CreateCategory(create_category("Dalam", parent_id=below[0].id))
    return shelf.id


async def test_those_directly_below_are_listed_by_name(admin: Caller, nobody: Caller) -> None:
    suffix = an_id()
    shelf_id = await a_shelf(admin, *(f"{name} {suffix}" for name in ("Teh", "éclair", "Kopi")))

    with statements() as sent:
        found = await nobody.catalogue.ListCategories(pb.ListCategoriesRequest(parent_id=shelf_id))

    assert [each.name.split()[0] for each in found.categories] == ["éclair", "Kopi", "Teh"]
    assert len(sent) == 1


async def test_pages_follow_each_other_without_gaps(admin: Caller, nobody: Caller) -> None:
    shelf_id = await a_shelf(admin, "Kopi", "Kopi", "Teh")

    first = await nobody.catalogue.ListCategories(
        pb.ListCategoriesRequest(parent_id=shelf_id, page_size=2)
    )
    rest = await nobody.catalogue.ListCategories(
        pb.ListCategoriesRequest(parent_id=shelf_id, page_size=2, page_token=first.next_page_token)
    )

    assert [each.name for each in first.categories] == ["Kopi", "Kopi"]
    assert [each.name for each in rest.categories] == ["Teh"]
    assert rest.next_page_token == ""


async def test_those_at_the_top_are_listed_without_a_parent(admin: Caller, nobody: Caller) -> None:
    await a_shelf(admin, "Kopi")

    found = await nobody.catalogue.ListCategories(pb.ListCategoriesRequest(page_size=100))

    assert {each.parent_id for each in found.categories} == {""}


async def test_a_page_token_of_elsewhere_is_refused(nobody: Caller) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await nobody.catalogue.ListCategories(pb.ListCategoriesRequest(page_token="abc"))
