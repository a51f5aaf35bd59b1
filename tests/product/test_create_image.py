from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    create_image,
    deleted,
    draft,
    get,
    list_images,
    published,
    reasons,
    retried,
    rivals,
    with_images,
)
from tests.support import an_id, invalid, refused


async def test_an_image_is_the_last(seller: Caller) -> None:
    product, images = await with_images(seller, 2)

    assert [image.position for image in images] == [0, 1]
    assert list((await seller.products.GetProduct(get(product))).images) == images


async def test_an_image_may_be_of_one_variant(seller: Caller) -> None:
    product = await draft(seller)
    [variant] = product.variants

    image = await seller.catalogue.CreateImage(create_image(product, variant_id=variant.id))

    assert image.variant_id == variant.id


async def test_an_image_of_another_products_variant_is_refused(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants

    with refused("VARIANT_NOT_FOUND", variant_id=variant.id):
        await seller.catalogue.CreateImage(create_image(await draft(seller), variant_id=variant.id))


async def test_rivals_get_places_next_to_each_other_and_twenty_are_enough(seller: Caller) -> None:
    product, _ = await with_images(seller, 16)

    outcomes = await rivals(
        *(seller.catalogue.CreateImage(create_image(product)) for _ in range(6))
    )

    images = (await seller.catalogue.ListImages(list_images(product))).images
    assert reasons(outcomes) == ["TOO_MANY_IMAGES"] * 2
    assert [image.position for image in images] == list(range(20))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.catalogue.CreateImage(create_image(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.catalogue.CreateImage(create_image(await draft(seller)))


async def test_deleted_and_unknown_products_get_no_images(seller: Caller) -> None:
    for product in (await deleted(seller), pb.Product(id=an_id())):
        with refused("PRODUCT_NOT_FOUND", product_id=product.id):
            await seller.catalogue.CreateImage(create_image(product))


async def test_an_image_that_is_not_at_an_https_address_is_refused(seller: Caller) -> None:
    with invalid("image.uri"):
        await seller.catalogue.CreateImage(
            create_image(await draft(seller), uri="http://gambar.example/kopi.jpg")
        )


async def test_a_retry_returns_the_first_image(seller: Caller) -> None:
    product = await draft(seller)

    image = await retried(seller.catalogue.CreateImage, create_image(product))

    assert list((await seller.products.GetProduct(get(product))).images) == [image]
