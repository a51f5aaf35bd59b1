from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    create_variant,
    deleted,
    draft,
    get,
    published,
    reasons,
    retried,
    rivals,
)
from tests.support import idr, invalid, refused


async def test_a_variant_comes_last(seller: Caller) -> None:
    product = await draft(seller, price=75_000)

    variant = await seller.products.CreateVariant(
        create_variant(product, name="1 kg", adjustment=200_000)
    )

    assert variant.unit_price == idr(275_000)
    assert (await seller.products.GetProduct(get(product))).variants[-1] == variant


async def test_without_an_adjustment_it_costs_the_base_price(seller: Caller) -> None:
    product = await draft(seller, price=75_000)

    variant = await seller.products.CreateVariant(create_variant(product))

    assert (variant.price_adjustment, variant.unit_price) == (idr(0), idr(75_000))


async def test_a_price_below_nothing_is_refused(seller: Caller) -> None:
    with refused("PRICE_OUT_OF_RANGE", unit_price="-1"):
        await seller.products.CreateVariant(
            create_variant(await draft(seller, price=75_000), adjustment=-75_001)
        )


async def test_a_sku_is_taken_once_per_owner(seller: Caller, rival: Caller) -> None:
    await draft(rival, a_variant(sku="GAYO-1"))
    await draft(seller, a_variant(sku="GAYO-2"))
    product = await draft(seller)

    await seller.products.CreateVariant(create_variant(product, sku="GAYO-1"))
    with refused("SKU_TAKEN", sku="GAYO-2"):
        await seller.products.CreateVariant(create_variant(product, sku="GAYO-2"))


async def test_a_hundred_variants_are_enough(seller: Caller) -> None:
    product = await draft(seller, *(a_variant() for _ in range(98)))

    outcomes = await rivals(
        *(seller.products.CreateVariant(create_variant(product)) for _ in range(4))
    )

    assert reasons(outcomes) == ["TOO_MANY_VARIANTS"] * 2
    assert len((await seller.products.GetProduct(get(product))).variants) == 100


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.CreateVariant(create_variant(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.CreateVariant(create_variant(await draft(seller)))


async def test_a_deleted_product_gets_no_variants(seller: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await seller.products.CreateVariant(create_variant(await deleted(seller)))


async def test_a_variant_of_no_product_is_refused(seller: Caller) -> None:
    with invalid("variant.product_id"):
        await seller.products.CreateVariant(create_variant(pb.Product()))


async def test_a_retry_returns_the_first_variant(seller: Caller) -> None:
    product = await draft(seller)

    variant = await retried(seller.products.CreateVariant, create_variant(product))

    found = await seller.products.GetProduct(get(product))
    assert list(found.variants) == [*product.variants, variant]
