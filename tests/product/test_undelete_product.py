from tests.product.conftest import Caller
from tests.product.requests import deleted, draft, get, published, retried, undelete
from tests.support import refused


async def test_a_product_comes_back_in_the_state_it_had(seller: Caller, nobody: Caller) -> None:
    product = await deleted(seller)

    back = await seller.products.UndeleteProduct(undelete(product))

    assert back.state == product.state
    assert await nobody.products.GetProduct(get(product)) == back


async def test_staff_bring_products_back(seller: Caller, admin: Caller) -> None:
    back = await admin.products.UndeleteProduct(undelete(await deleted(seller)))

    assert not back.HasField("delete_time")


async def test_a_product_that_is_there_cannot_come_back(seller: Caller) -> None:
    with refused("PRODUCT_NOT_DELETED"):
        await seller.products.UndeleteProduct(undelete(await draft(seller)))


async def test_a_rival_learns_nothing_of_a_deleted_product(seller: Caller, rival: Caller) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await rival.products.UndeleteProduct(undelete(await deleted(seller)))


async def test_a_rivals_product_cannot_be_brought_back(seller: Caller, rival: Caller) -> None:
    with refused("NOT_YOUR_PRODUCT"):
        await rival.products.UndeleteProduct(undelete(await published(seller)))


async def test_a_retry_returns_the_first_answer(seller: Caller) -> None:
    back = await retried(seller.products.UndeleteProduct, undelete(await deleted(seller)))

    assert back == await seller.products.GetProduct(get(back))
