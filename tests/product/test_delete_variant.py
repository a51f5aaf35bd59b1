from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    delete_variant,
    draft,
    get,
    get_variant,
    published,
    reasons,
    retried,
    rivals,
)
from tests.support import refused


async def test_a_deleted_variant_is_off_the_product(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(name="a"), a_variant(name="b"))

    variant = await seller.products.DeleteVariant(delete_variant(product.variants[0]))

    assert variant.HasField("delete_time")
    found = await nobody.products.GetProduct(get(product))
    assert [variant.name for variant in found.variants] == ["b"]


async def test_a_product_keeps_one_variant(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants

    with refused("LAST_VARIANT", variant_id=variant.id):
        await seller.products.DeleteVariant(delete_variant(variant))


async def test_of_the_last_two_one_stays(seller: Caller) -> None:
    product = await draft(seller, a_variant(), a_variant())

    outcomes = await rivals(
        *(seller.products.DeleteVariant(delete_variant(each)) for each in product.variants)
    )

    assert reasons(outcomes) == ["LAST_VARIANT"]


async def test_a_deleted_variant_is_not_deleted_again(seller: Caller) -> None:
    product = await draft(seller, a_variant(), a_variant())
    variant = await seller.products.DeleteVariant(delete_variant(product.variants[0]))

    with refused("VARIANT_NOT_FOUND"):
        await seller.products.DeleteVariant(delete_variant(variant))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    [on_sale] = (await published(seller)).variants
    [in_draft] = (await draft(seller)).variants

    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.DeleteVariant(delete_variant(on_sale))
    with refused("VARIANT_NOT_FOUND"):
        await rival.products.DeleteVariant(delete_variant(in_draft))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await draft(seller, a_variant(), a_variant())

    variant = await retried(seller.products.DeleteVariant, delete_variant(product.variants[0]))

    assert variant == await seller.products.GetVariant(get_variant(variant))
