from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    create_variant,
    delete_variant,
    draft,
    get,
    get_variant,
    published,
    retried,
    undelete_variant,
    update,
)
from tests.support import an_id, idr, refused


async def removed(owner: Caller, product: pb.Product) -> pb.Variant:
    """The first variant of the product, deleted."""
    return await owner.products.DeleteVariant(delete_variant(product.variants[0]))


async def test_a_variant_comes_back_in_its_place(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(name="a"), a_variant(name="b"))

    await seller.products.UndeleteVariant(undelete_variant(await removed(seller, product)))

    found = await nobody.products.GetProduct(get(product))
    assert [variant.name for variant in found.variants] == ["a", "b"]


async def test_a_variant_that_is_there_cannot_come_back(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants

    with refused("VARIANT_NOT_DELETED"):
        await seller.products.UndeleteVariant(undelete_variant(variant))


async def test_a_variant_does_not_come_back_below_nothing(seller: Caller) -> None:
    product = await draft(seller, a_variant(adjustment=-50_000), a_variant(), price=75_000)
    variant = await removed(seller, product)
    await seller.products.UpdateProduct(update(product, base_price=idr(49_999)))

    with refused("PRICE_OUT_OF_RANGE", unit_price="-1"):
        await seller.products.UndeleteVariant(undelete_variant(variant))


async def test_a_variant_does_not_come_back_to_a_full_product(seller: Caller) -> None:
    product = await draft(seller, *(a_variant() for _ in range(100)))
    variant = await removed(seller, product)
    await seller.products.CreateVariant(create_variant(product))

    with refused("TOO_MANY_VARIANTS", limit="100"):
        await seller.products.UndeleteVariant(undelete_variant(variant))


async def test_a_rival_cannot_bring_a_variant_back(seller: Caller, rival: Caller) -> None:
    product = await published(seller, a_variant(), a_variant())

    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.UndeleteVariant(undelete_variant(await removed(seller, product)))


async def test_an_unknown_variant_is_not_found(seller: Caller) -> None:
    with refused("VARIANT_NOT_FOUND"):
        await seller.products.UndeleteVariant(undelete_variant(pb.Variant(id=an_id())))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    variant = await removed(seller, await draft(seller, a_variant(), a_variant()))

    back = await retried(seller.products.UndeleteVariant, undelete_variant(variant))

    assert back == await seller.products.GetVariant(get_variant(variant))
