import pytest

from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller
from tests.product.requests import (
    a_variant,
    archive,
    create_category,
    create_variant,
    deleted,
    draft,
    get,
    published,
    reasons,
    retried,
    rivals,
    update,
)
from tests.support import an_id, idr, invalid, refused


async def test_only_what_is_set_is_changed(seller: Caller) -> None:
    product = await published(seller, description="Arabika")

    changed = await seller.products.UpdateProduct(update(product, base_price=idr(80_000)))

    assert (changed.name, changed.description) == (product.name, "Arabika")
    assert changed.base_price == idr(80_000)
    assert changed == await seller.products.GetProduct(get(product))


async def test_a_mask_can_empty_a_field(admin: Caller, seller: Caller) -> None:
    category = await admin.catalogue.CreateCategory(create_category())
    product = await draft(seller, category_id=category.id, description="Arabika")

    changed = await seller.products.UpdateProduct(update(product, "category_id", "description"))

    assert (changed.category_id, changed.description) == ("", "")


async def test_staff_change_products_by_the_same_rules(seller: Caller, admin: Caller) -> None:
    product = await draft(seller, a_variant(adjustment=-50_000))

    with refused("PRICE_OUT_OF_RANGE"):
        await admin.products.UpdateProduct(update(product, base_price=idr(49_999)))
    changed = await admin.products.UpdateProduct(update(product, base_price=idr(50_000)))

    assert changed.variants[0].unit_price == idr(0)


async def test_a_new_base_price_changes_the_price_of_every_variant(seller: Caller) -> None:
    product = await draft(seller, a_variant(adjustment=-5_000), a_variant(adjustment=5_000))

    changed = await seller.products.UpdateProduct(update(product, base_price=idr(10_000)))

    assert [variant.unit_price for variant in changed.variants] == [idr(5_000), idr(15_000)]


async def test_a_new_name_gives_a_new_slug(seller: Caller) -> None:
    product = await draft(seller, name=f"Kopi {an_id()}")
    name = f"Téh Mélati {an_id()}"

    changed = await seller.products.UpdateProduct(update(product, name=name))

    assert changed.slug == name.lower().replace("é", "e").replace(" ", "-")


async def test_the_slug_stays_when_the_name_differs_in_case_only(seller: Caller) -> None:
    name = f"kopi {an_id()}"
    await draft(seller, name=name)
    product = await draft(seller, name=name)

    changed = await seller.products.UpdateProduct(update(product, name=name.upper()))

    assert changed.slug == product.slug


async def test_an_old_name_gives_the_old_slug_again(seller: Caller) -> None:
    product = await draft(seller, name=f"Kopi {an_id()}")
    await seller.products.UpdateProduct(update(product, name=f"Teh {an_id()}"))

    changed = await seller.products.UpdateProduct(update(product, name=product.name))

    assert changed.slug == product.slug


async def test_rivals_for_a_name_get_different_slugs(seller: Caller) -> None:
    products = [await draft(seller) for _ in range(6)]
    name = f"Teh {an_id()}"

    changed = await rivals(
        *(seller.products.UpdateProduct(update(product, name=name)) for product in products)
    )

    assert len({product.slug for product in changed}) == 6


@pytest.mark.parametrize("path", ["slug", "state", "owner", "variants", "id", "base_price.units"])
async def test_what_is_output_only_cannot_be_changed(seller: Caller, path: str) -> None:
    with invalid("update_mask"):
        await seller.products.UpdateProduct(update(await draft(seller), path))


async def test_a_malformed_change_is_refused_by_field(seller: Caller) -> None:
    with invalid("base_price"):
        await seller.products.UpdateProduct(update(await draft(seller), base_price=idr(-1)))


async def test_a_product_without_an_id_is_refused(seller: Caller) -> None:
    with invalid("product.id"):
        await seller.products.UpdateProduct(update(pb.Product(), name="Teh"))


async def test_an_update_of_an_old_copy_is_refused(seller: Caller) -> None:
    product = await draft(seller)
    newest = await seller.products.UpdateProduct(update(product, etag=product.etag, name="Teh"))

    with refused("ETAG_MISMATCH", etag=newest.etag):
        await seller.products.UpdateProduct(update(product, etag=product.etag, name="Kopi"))


async def test_a_new_variant_makes_a_copy_old(seller: Caller) -> None:
    product = await draft(seller)
    await seller.products.CreateVariant(create_variant(product))

    with refused("ETAG_MISMATCH"):
        await seller.products.UpdateProduct(update(product, etag=product.etag, name="Teh"))


async def test_of_rivals_with_the_same_copy_one_wins(seller: Caller) -> None:
    product = await draft(seller)
    requests = [update(product, etag=product.etag, description=str(n)) for n in range(8)]

    outcomes = await rivals(*map(seller.products.UpdateProduct, requests))

    assert reasons(outcomes) == ["ETAG_MISMATCH"] * 7


async def test_base_price_and_a_new_variant_cannot_meet_below_nothing(seller: Caller) -> None:
    product = await draft(seller, price=50_000)

    outcomes = await rivals(
        seller.products.UpdateProduct(update(product, base_price=idr(10_000))),
        seller.products.CreateVariant(create_variant(product, adjustment=-20_000)),
    )

    assert reasons(outcomes) == ["PRICE_OUT_OF_RANGE"]


async def test_an_unknown_category_is_refused(seller: Caller) -> None:
    with refused("CATEGORY_NOT_FOUND"):
        await seller.products.UpdateProduct(update(await draft(seller), category_id=an_id()))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.UpdateProduct(update(await published(seller), name="Teh"))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.UpdateProduct(update(await draft(seller), name="Teh"))


async def test_a_deleted_product_is_not_changed(seller: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await seller.products.UpdateProduct(update(await deleted(seller), name="Teh"))


async def test_an_archived_product_is_not_changed(seller: Caller) -> None:
    product = await draft(seller)
    await seller.products.ArchiveProduct(archive(product))

    with refused("PRODUCT_ARCHIVED"):
        await seller.products.UpdateProduct(update(product, name="Teh"))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await draft(seller)

    changed = await retried(seller.products.UpdateProduct, update(product, name="Teh"))

    assert changed == await seller.products.GetProduct(get(product))
