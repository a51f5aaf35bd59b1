from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import deleted, draft, get, published, retried, unpublish
from tests.support import refused


async def test_an_unpublished_product_is_off_sale(seller: Caller, nobody: Caller) -> None:
    product = await seller.products.UnpublishProduct(unpublish(await published(seller)))

    assert product.state == pb.Product.STATE_UNPUBLISHED
    with refused("PRODUCT_NOT_FOUND"):
        await nobody.products.GetProduct(get(product))


async def test_what_is_not_on_sale_is_not_taken_off_sale(seller: Caller) -> None:
    for product in (await draft(seller), await deleted(seller)):
        with refused("PRODUCT_NOT_PUBLISHED", product_id=product.id):
            await seller.products.UnpublishProduct(unpublish(product))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.UnpublishProduct(unpublish(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.UnpublishProduct(unpublish(await draft(seller)))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await retried(seller.products.UnpublishProduct, unpublish(await published(seller)))

    assert product == await seller.products.GetProduct(get(product))
