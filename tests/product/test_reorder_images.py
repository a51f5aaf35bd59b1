from tests.product.conftest import Caller
from tests.product.requests import (
    create_image,
    delete_image,
    draft,
    list_images,
    reasons,
    reorder,
    retried,
    rivals,
    with_images,
)
from tests.support import refused


async def test_images_get_the_order_asked_for(seller: Caller, nobody: Caller) -> None:
    product, [first, second, third] = await with_images(seller, 3)

    answer = await seller.catalogue.ReorderImages(reorder(product, [third, first, second]))

    found = (await nobody.catalogue.ListImages(list_images(product))).images
    assert [image.id for image in found] == [third.id, first.id, second.id]
    assert list(answer.images) == list(found)


async def test_other_images_than_the_products_are_refused(seller: Caller) -> None:
    product, images = await with_images(seller, 2)
    stranger = await seller.catalogue.CreateImage(create_image(await draft(seller)))

    for order in (images[:1], [*images, stranger], [images[0], stranger]):
        with refused("IMAGES_DIFFER", images="2"):
            await seller.catalogue.ReorderImages(reorder(product, order))


async def test_places_stay_next_to_each_other_when_one_is_removed_meanwhile(
    seller: Caller,
) -> None:
    product, images = await with_images(seller, 4)

    outcomes = await rivals(
        seller.catalogue.ReorderImages(reorder(product, images[::-1])),
        seller.catalogue.DeleteImage(delete_image(images[1])),
    )

    found = (await seller.catalogue.ListImages(list_images(product))).images
    assert reasons(outcomes) in ([], ["IMAGES_DIFFER"])
    assert [image.position for image in found] == [0, 1, 2]


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    product, images = await with_images(seller, 2)

    with refused("NOT_YOUR_PRODUCT"):
        await rival.catalogue.ReorderImages(reorder(product, images))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.catalogue.ReorderImages(reorder(await draft(seller), images))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product, images = await with_images(seller, 3)

    answer = await retried(seller.catalogue.ReorderImages, reorder(product, images[::-1]))

    assert [image.id for image in answer.images] == [image.id for image in images[::-1]]
