from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    delete_variant,
    deleted,
    draft,
    get_variant,
    published,
)
from tests.support import an_id, refused


async def test_who_sees_the_product_sees_the_variant(seller: Caller, nobody: Caller) -> None:
    [variant] = (await published(seller)).variants

    assert await nobody.products.GetVariant(get_variant(variant)) == variant


async def test_buyers_do_not_see_variants_of_what_is_not_on_sale(
    seller: Caller, nobody: Caller, ops: Caller
) -> None:
    for product in (await draft(seller), await deleted(seller)):
        [variant] = product.variants
        with refused("VARIANT_NOT_FOUND", variant_id=variant.id):
            await nobody.products.GetVariant(get_variant(variant))
        assert await ops.products.GetVariant(get_variant(variant)) == variant


async def test_a_deleted_variant_is_for_owner_and_staff(
    seller: Caller, nobody: Caller, ops: Caller
) -> None:
    product = await published(seller, a_variant(), a_variant())
    variant = await seller.products.DeleteVariant(delete_variant(product.variants[0]))

    for caller in (seller, ops):
        assert await caller.products.GetVariant(get_variant(variant)) == variant
    with refused("VARIANT_NOT_FOUND", variant_id=variant.id):
        await nobody.products.GetVariant(get_variant(variant))


async def test_an_unknown_variant_is_not_found(nobody: Caller) -> None:
    with refused("VARIANT_NOT_FOUND"):
        await nobody.products.GetVariant(get_variant(pb.Variant(id=an_id())))
