import pytest

from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    create_image,
    draft,
    get,
    retried,
    update_image,
    with_images,
)
from tests.support import an_id, invalid, refused


async def test_only_what_is_set_is_changed(seller: Caller) -> None:
    product, [image] = await with_images(seller, 1)

    changed = await seller.catalogue.UpdateImage(update_image(image, alt_text="Biji kopi"))

    assert (changed.uri, changed.alt_text) == (image.uri, "Biji kopi")
    assert list((await seller.products.GetProduct(get(product))).images) == [changed]


async def test_an_image_becomes_one_of_a_variant_and_of_all_again(seller: Caller) -> None:
    product, [image] = await with_images(seller, 1)
    variant_id = product.variants[0].id

    one = await seller.catalogue.UpdateImage(update_image(image, variant_id=variant_id))
    all_again = await seller.catalogue.UpdateImage(update_image(image, "variant_id"))

    assert (one.variant_id, all_again.variant_id) == (variant_id, "")


async def test_an_image_of_another_products_variant_is_refused(seller: Caller) -> None:
    _, [image] = await with_images(seller, 1)
    [variant] = (await draft(seller)).variants

    with refused("VARIANT_NOT_FOUND", variant_id=variant.id):
        await seller.catalogue.UpdateImage(update_image(image, variant_id=variant.id))


@pytest.mark.parametrize("path", ["position", "product_id", "id"])
async def test_what_is_output_only_cannot_be_changed(seller: Caller, path: str) -> None:
    _, [image] = await with_images(seller, 1)

    with invalid("update_mask"):
        await seller.catalogue.UpdateImage(update_image(image, path))


async def test_a_malformed_change_is_refused_by_field(seller: Caller) -> None:
    _, [image] = await with_images(seller, 1)

    with invalid("uri"):
        await seller.catalogue.UpdateImage(update_image(image, uri="http://gambar.example/a"))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    _, [on_sale] = await with_images(seller, 1)
    in_draft = await seller.catalogue.CreateImage(create_image(await draft(seller)))

    with refused("NOT_YOUR_PRODUCT"):
        await rival.catalogue.UpdateImage(update_image(on_sale, alt_text="Biji kopi"))
    with refused("IMAGE_NOT_FOUND"):
        await rival.catalogue.UpdateImage(update_image(in_draft, alt_text="Biji kopi"))


async def test_an_unknown_image_is_not_found(seller: Caller) -> None:
    with refused("IMAGE_NOT_FOUND"):
        await seller.catalogue.UpdateImage(update_image(pb.Image(id=an_id()), alt_text="Biji"))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product, [image] = await with_images(seller, 1)

    changed = await retried(seller.catalogue.UpdateImage, update_image(image, alt_text="Biji"))

    assert list((await seller.products.GetProduct(get(product))).images) == [changed]
