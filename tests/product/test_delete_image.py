from gotong.product.v1 import catalogue_pb2, product_pb2
from tests.product.conftest import Caller
from tests.product.requests import (
    create_image,
    delete,
    delete_image,
    draft,
    list_images,
    reasons,
    retried,
    rivals,
    with_images,
)
from tests.support import an_id, refused


async def test_those_behind_it_move_up(seller: Caller) -> None:
    product, [first, second, third] = await with_images(seller, 3)

    await seller.catalogue.DeleteImage(delete_image(first))

    found = (await seller.catalogue.ListImages(list_images(product))).images
    assert [(image.id, image.position) for image in found] == [(second.id, 0), (third.id, 1)]


async def test_places_stay_next_to_each_other_whatever_happens_at_once(seller: Caller) -> None:
    product, images = await with_images(seller, 6)

    outcomes = await rivals(
        *(seller.catalogue.DeleteImage(delete_image(image)) for image in images[::2]),
        *(seller.catalogue.CreateImage(create_image(product)) for _ in range(3)),
    )

    found = (await seller.catalogue.ListImages(list_images(product))).images
    assert reasons(outcomes) == []
    assert [image.position for image in found] == list(range(6))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    _, [on_sale] = await with_images(seller, 1)
    in_draft = await seller.catalogue.CreateImage(create_image(await draft(seller)))

    with refused("NOT_YOUR_PRODUCT"):
        await rival.catalogue.DeleteImage(delete_image(on_sale))
    with refused("IMAGE_NOT_FOUND"):
        await rival.catalogue.DeleteImage(delete_image(in_draft))


async def test_what_is_not_there_is_not_removed(seller: Caller) -> None:
    product, [gone, other] = await with_images(seller, 2)
    await seller.catalogue.DeleteImage(delete_image(gone))
    await seller.products.DeleteProduct(delete(product))

    for image in (gone, other, product_pb2.Image(id=an_id())):
        with refused("IMAGE_NOT_FOUND", image_id=image.id):
            await seller.catalogue.DeleteImage(delete_image(image))


async def test_of_rivals_one_wins(seller: Caller) -> None:
    _, [image] = await with_images(seller, 1)

    outcomes = await rivals(*(seller.catalogue.DeleteImage(delete_image(image)) for _ in range(4)))

    assert reasons(outcomes) == ["IMAGE_NOT_FOUND"] * 3


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product, [image, other] = await with_images(seller, 2)

    answer = await retried(seller.catalogue.DeleteImage, delete_image(image))

    found = (await seller.catalogue.ListImages(list_images(product))).images
    assert answer == catalogue_pb2.DeleteImageResponse()
    assert [image.id for image in found] == [other.id]
