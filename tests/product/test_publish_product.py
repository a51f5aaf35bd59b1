from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    archive,
    deleted,
    draft,
    get,
    publish,
    published,
    reasons,
    retried,
    rivals,
    unpublish,
)
from tests.support import refused


async def test_a_published_product_is_on_sale(seller: Caller, nobody: Caller) -> None:
    product = await seller.products.PublishProduct(publish(await draft(seller)))

    assert product.state == pb.Product.STATE_PUBLISHED
    assert await nobody.products.GetProduct(get(product)) == product


async def test_an_unpublished_product_is_published_again(seller: Caller) -> None:
    product = await published(seller)
    await seller.products.UnpublishProduct(unpublish(product))

    again = await seller.products.PublishProduct(publish(product))

    assert again.state == pb.Product.STATE_PUBLISHED


async def test_what_is_published_archived_or_deleted_is_not_published(seller: Caller) -> None:
    archived = await seller.products.ArchiveProduct(archive(await draft(seller)))

    for product in (await published(seller), archived, await deleted(seller)):
        with refused("PRODUCT_NOT_PUBLISHABLE", product_id=product.id):
            await seller.products.PublishProduct(publish(product))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.PublishProduct(publish(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.PublishProduct(publish(await draft(seller)))


async def test_operators_look_but_do_not_publish(seller: Caller, ops: Caller) -> None:
    with refused("ROLE_REQUIRED"):
        await ops.products.PublishProduct(publish(await draft(seller)))


async def test_of_rivals_one_wins(seller: Caller) -> None:
    product = await draft(seller)

    outcomes = await rivals(*(seller.products.PublishProduct(publish(product)) for _ in range(8)))

    assert reasons(outcomes) == ["PRODUCT_NOT_PUBLISHABLE"] * 7


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await retried(seller.products.PublishProduct, publish(await draft(seller)))

    assert product == await seller.products.GetProduct(get(product))
