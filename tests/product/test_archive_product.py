from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    archive,
    delete,
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


async def test_drafts_and_unpublished_products_are_archived(seller: Caller) -> None:
    unpublished = await seller.products.UnpublishProduct(unpublish(await published(seller)))

    for product in (await draft(seller), unpublished):
        archived = await seller.products.ArchiveProduct(archive(product))
        assert archived.state == pb.Product.STATE_ARCHIVED


async def test_what_is_published_archived_or_deleted_is_not_archived(seller: Caller) -> None:
    archived = await seller.products.ArchiveProduct(archive(await draft(seller)))
    gone = await seller.products.DeleteProduct(delete(await draft(seller)))

    for product in (await published(seller), archived, gone):
        with refused("PRODUCT_NOT_ARCHIVABLE", product_id=product.id):
            await seller.products.ArchiveProduct(archive(product))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.ArchiveProduct(archive(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.ArchiveProduct(archive(await draft(seller)))


async def test_of_publishing_and_archiving_at_once_one_wins(seller: Caller) -> None:
    product = await draft(seller)

    outcomes = await rivals(
        seller.products.ArchiveProduct(archive(product)),
        seller.products.PublishProduct(publish(product)),
    )

    assert reasons(outcomes) in (["PRODUCT_NOT_ARCHIVABLE"], ["PRODUCT_NOT_PUBLISHABLE"])


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await retried(seller.products.ArchiveProduct, archive(await draft(seller)))

    assert product == await seller.products.GetProduct(get(product))
