from gotong.product.v1.product_pb2 import Image
from tests.product.conftest import Caller, statements
from tests.product.requests import create_image, deleted, draft, list_images, with_images
from tests.support import refused


async def test_images_come_first_to_last(seller: Caller, nobody: Caller) -> None:
    product, images = await with_images(seller, 3)

    with statements() as sent:
        found = await nobody.catalogue.ListImages(list_images(product))

    assert list(found.images) == images
    assert len(sent) == 1


async def test_pages_follow_each_other_without_gaps(seller: Caller, nobody: Caller) -> None:
    product, images = await with_images(seller, 5)

    pages: list[list[Image]] = []
    token = ""
    while not pages or token:
        page = await nobody.catalogue.ListImages(
            list_images(product, page_size=2, page_token=token)
        )
        pages.append(list(page.images))
        token = page.next_page_token

    assert pages == [images[:2], images[2:4], images[4:]]


async def test_buyers_see_no_images_of_what_is_not_on_sale(
    seller: Caller, nobody: Caller, ops: Caller
) -> None:
    product = await draft(seller)
    image = await seller.catalogue.CreateImage(create_image(product))

    assert list((await ops.catalogue.ListImages(list_images(product))).images) == [image]
    for hidden in (product, await deleted(seller)):
        with refused("PRODUCT_NOT_FOUND", product_id=hidden.id):
            await nobody.catalogue.ListImages(list_images(hidden))


async def test_a_page_token_of_elsewhere_is_refused(seller: Caller) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await seller.catalogue.ListImages(list_images(await draft(seller), page_token="abc"))
