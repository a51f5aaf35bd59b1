import pytest

from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    delete_variant,
    deleted,
    draft,
    get_variant,
    published,
    reasons,
    retried,
    rivals,
    update_variant,
)
from tests.support import idr, invalid, refused


async def test_only_what_is_set_is_changed(seller: Caller) -> None:
    [variant] = (await draft(seller, a_variant(name="250 g", sku="GAYO-250"))).variants

    changed = await seller.products.UpdateVariant(update_variant(variant, weight_grams=300))

    assert (changed.name, changed.sku, changed.weight_grams) == ("250 g", "GAYO-250", 300)
    assert changed == await seller.products.GetVariant(get_variant(variant))


async def test_a_new_adjustment_gives_a_new_price(seller: Caller) -> None:
    [variant] = (await draft(seller, price=75_000)).variants

    changed = await seller.products.UpdateVariant(
        update_variant(variant, price_adjustment=idr(-75_000))
    )

    assert changed.unit_price == idr(0)


async def test_without_an_adjustment_it_costs_the_base_price_again(seller: Caller) -> None:
    [variant] = (await draft(seller, a_variant(adjustment=5_000), price=75_000)).variants

    changed = await seller.products.UpdateVariant(update_variant(variant, "price_adjustment"))

    assert changed.unit_price == idr(75_000)


async def test_an_empty_sku_is_made_again(seller: Caller) -> None:
    product = await draft(seller, a_variant(sku="GAYO-1"))

    changed = await seller.products.UpdateVariant(update_variant(product.variants[0], "sku"))

    assert changed.sku.startswith(product.slug[:50])


async def test_a_price_below_nothing_is_refused(seller: Caller) -> None:
    [variant] = (await draft(seller, price=75_000)).variants

    with refused("PRICE_OUT_OF_RANGE", unit_price="-1"):
        await seller.products.UpdateVariant(update_variant(variant, price_adjustment=idr(-75_001)))


async def test_a_taken_sku_is_refused(seller: Caller) -> None:
    await draft(seller, a_variant(sku="GAYO-1"))
    [variant] = (await draft(seller)).variants

    with refused("SKU_TAKEN", sku="GAYO-1"):
        await seller.products.UpdateVariant(update_variant(variant, sku="GAYO-1"))


async def test_of_rivals_for_a_sku_one_wins(seller: Caller) -> None:
    variants = [(await draft(seller)).variants[0] for _ in range(4)]

    outcomes = await rivals(
        *(seller.products.UpdateVariant(update_variant(each, sku="GAYO-1")) for each in variants)
    )

    assert reasons(outcomes) == ["SKU_TAKEN"] * 3


async def test_an_update_of_an_old_copy_is_refused(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants
    newest = await seller.products.UpdateVariant(update_variant(variant, name="1 kg"))

    with refused("ETAG_MISMATCH", etag=newest.etag):
        await seller.products.UpdateVariant(update_variant(variant, name="2 kg", etag=variant.etag))


@pytest.mark.parametrize("path", ["product_id", "unit_price", "delete_time"])
async def test_what_is_output_only_cannot_be_changed(seller: Caller, path: str) -> None:
    [variant] = (await draft(seller)).variants

    with invalid("update_mask"):
        await seller.products.UpdateVariant(update_variant(variant, path))


async def test_a_malformed_change_is_refused_by_field(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants

    with invalid("sku"):
        await seller.products.UpdateVariant(update_variant(variant, sku="-"))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    [on_sale] = (await published(seller)).variants
    [in_draft] = (await draft(seller)).variants

    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.UpdateVariant(update_variant(on_sale, name="1 kg"))
    with refused("VARIANT_NOT_FOUND"):
        await rival.products.UpdateVariant(update_variant(in_draft, name="1 kg"))


async def test_what_is_deleted_is_not_changed(seller: Caller) -> None:
    product = await draft(seller, a_variant(), a_variant())
    gone = await seller.products.DeleteVariant(delete_variant(product.variants[0]))
    [of_a_deleted_product] = (await deleted(seller)).variants

    for variant in (gone, of_a_deleted_product):
        with refused("VARIANT_NOT_FOUND", variant_id=variant.id):
            await seller.products.UpdateVariant(update_variant(variant, name="1 kg"))


async def test_a_variant_without_an_id_is_refused(seller: Caller) -> None:
    with invalid("variant.id"):
        await seller.products.UpdateVariant(update_variant(pb.Variant(), name="1 kg"))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    [variant] = (await draft(seller)).variants

    changed = await retried(seller.products.UpdateVariant, update_variant(variant, name="1 kg"))

    assert changed == await seller.products.GetVariant(get_variant(variant))
