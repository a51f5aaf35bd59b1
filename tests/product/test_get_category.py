from gotong.product.v1 import catalogue_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import create_category
from tests.support import an_id, refused


async def test_everybody_reads_categories(admin: Caller, nobody: Caller) -> None:
    category = await admin.catalogue.CreateCategory(create_category())

    found = await nobody.catalogue.GetCategory(pb.GetCategoryRequest(category_id=category.id))

    assert found == category


async def test_an_unknown_category_is_not_found(nobody: Caller) -> None:
    category_id = an_id()

    with refused("CATEGORY_NOT_FOUND", category_id=category_id):
        await nobody.catalogue.GetCategory(pb.GetCategoryRequest(category_id=category_id))
