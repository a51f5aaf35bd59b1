from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, Products, statements
from tests.product.requests import (
    a_variant,
    archive,
    create_image,
    deleted,
    draft,
    get,
    published,
    unpublish,
)
from tests.support import an_id, refused


async def hidden(owner: Caller) -> list[pb.Product]:
    """A draft, an unpublished, an archived and a deleted product."""
    unpublished = [
        await owner.products.UnpublishProduct(unpublish(await published(owner))) for _ in range(2)
    ]
    archived = await owner.products.ArchiveProduct(archive(unpublished[1]))
    return [await draft(owner), unpublished[0], archived, await deleted(owner)]


async def test_everybody_sees_what_is_on_sale(
    seller: Caller, buyer: Caller, nobody: Caller, rival: Caller
) -> None:
    product = await published(seller)

    for caller in (seller, buyer, nobody, rival):
        assert await caller.products.GetProduct(get(product)) == product


async def test_buyers_and_rivals_do_not_see_what_is_not_on_sale(
    seller: Caller, buyer: Caller, nobody: Caller, rival: Caller
) -> None:
    for product in await hidden(seller):
        for caller in (buyer, nobody, rival):
            with refused("PRODUCT_NOT_FOUND", product_id=product.id):
                await caller.products.GetProduct(get(product))


async def test_owner_and_staff_see_everything(seller: Caller, admin: Caller, ops: Caller) -> None:
    for product in await hidden(seller):
        for caller in (seller, admin, ops):
            assert await caller.products.GetProduct(get(product)) == product


async def test_a_product_comes_with_its_variants_and_images(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(name="250 g"), a_variant(name="1 kg"))
    image = await seller.catalogue.CreateImage(create_image(product))

    found = await nobody.products.GetProduct(get(product))

    assert list(found.variants) == list(product.variants)
    assert list(found.images) == [image]


async def test_a_product_is_read_in_one_statement(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(name="250 g"), a_variant(name="1 kg"))

    with statements() as sent:
        await nobody.products.GetProduct(get(product))

    assert len(sent) == 1


async def test_an_unknown_product_is_not_found(nobody: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await nobody.products.GetProduct(pb.GetProductRequest(product_id=an_id()))


async def test_a_buyer_of_the_organisation_is_not_its_merchant(
    seller: Caller, service: Products
) -> None:
    colleague = await service.user("buyer", org_id=seller.org_id)

    with refused("PRODUCT_NOT_FOUND"):
        await colleague.products.GetProduct(get(await draft(seller)))
