from tests.product.conftest import Caller, statements
from tests.product.requests import (
    by_slug,
    delete,
    deleted,
    draft,
    published,
    undelete,
    update,
)
from tests.support import an_id, refused


async def test_a_product_is_found_by_its_slug(seller: Caller, nobody: Caller) -> None:
    product = await published(seller)

    assert await nobody.products.GetProductBySlug(by_slug(product.slug)) == product


async def test_an_old_slug_leads_to_the_product_with_its_slug_of_today(
    seller: Caller, nobody: Caller
) -> None:
    old = await published(seller, name=f"Kopi {an_id()}")
    new = await seller.products.UpdateProduct(update(old, name=f"Teh {an_id()}"))

    found = await nobody.products.GetProductBySlug(by_slug(old.slug))

    assert (found.id, found.slug) == (old.id, new.slug)


async def test_an_old_slug_is_never_given_to_another_product(
    seller: Caller, nobody: Caller
) -> None:
    name = f"Kopi {an_id()}"
    old = await published(seller, name=name)
    await seller.products.UpdateProduct(update(old, name=f"Teh {an_id()}"))
    await published(seller, name=name)

    assert (await nobody.products.GetProductBySlug(by_slug(old.slug))).id == old.id


async def test_buyers_do_not_find_what_is_not_on_sale(seller: Caller, nobody: Caller) -> None:
    for product in (await draft(seller), await deleted(seller)):
        with refused("PRODUCT_NOT_FOUND", slug=product.slug):
            await nobody.products.GetProductBySlug(by_slug(product.slug))


async def test_owner_and_staff_find_a_deleted_product(seller: Caller, ops: Caller) -> None:
    product = await deleted(seller)

    for caller in (seller, ops):
        assert await caller.products.GetProductBySlug(by_slug(product.slug)) == product


async def test_a_product_that_comes_back_has_its_slug(seller: Caller, nobody: Caller) -> None:
    product = await published(seller)
    await seller.products.DeleteProduct(delete(product))
    await seller.products.UndeleteProduct(undelete(product))

    assert (await nobody.products.GetProductBySlug(by_slug(product.slug))).id == product.id


async def test_a_slug_is_looked_up_in_one_statement(seller: Caller, nobody: Caller) -> None:
    product = await published(seller)

    with statements() as sent:
        await nobody.products.GetProductBySlug(by_slug(product.slug))

    assert len(sent) == 1


async def test_an_unknown_slug_is_not_found(nobody: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await nobody.products.GetProductBySlug(by_slug("tidak-ada"))
