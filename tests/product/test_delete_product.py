from tests.product.conftest import Caller
from tests.product.requests import delete, deleted, draft, get, published, reasons, retried, rivals
from tests.support import refused


async def test_a_deleted_product_is_seen_by_its_owner_only(seller: Caller, buyer: Caller) -> None:
    product = await seller.products.DeleteProduct(delete(await published(seller)))

    assert product.HasField("delete_time")
    assert await seller.products.GetProduct(get(product)) == product
    with refused("PRODUCT_NOT_FOUND"):
        await buyer.products.GetProduct(get(product))


async def test_staff_delete_products(seller: Caller, admin: Caller) -> None:
    product = await admin.products.DeleteProduct(delete(await published(seller)))

    assert product.HasField("delete_time")


async def test_a_deleted_product_is_not_deleted_again(seller: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await seller.products.DeleteProduct(delete(await deleted(seller)))


async def test_a_rival_is_told_whose_it_is_only_if_they_see_it(
    seller: Caller, rival: Caller
) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.DeleteProduct(delete(await published(seller)))
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.DeleteProduct(delete(await draft(seller)))


async def test_of_rivals_one_wins(seller: Caller) -> None:
    product = await draft(seller)

    outcomes = await rivals(*(seller.products.DeleteProduct(delete(product)) for _ in range(8)))

    assert reasons(outcomes) == ["PRODUCT_NOT_FOUND"] * 7


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    product = await retried(seller.products.DeleteProduct, delete(await draft(seller)))

    assert product == await seller.products.GetProduct(get(product))
