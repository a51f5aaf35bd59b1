from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, statements
from tests.product.requests import deleted, draft, published
from tests.support import an_id


def batch(*products: pb.Product) -> pb.BatchGetProductsRequest:
    return pb.BatchGetProductsRequest(product_ids=[product.id for product in products])


async def test_products_come_in_the_order_asked_for(seller: Caller, nobody: Caller) -> None:
    first, second, third = [await published(seller) for _ in range(3)]

    found = await nobody.products.BatchGetProducts(batch(third, first, second))

    assert list(found.products) == [third, first, second]


async def test_what_the_caller_cannot_see_is_missing(seller: Caller, nobody: Caller) -> None:
    product = await published(seller)
    unknown = pb.Product(id=an_id())

    found = await nobody.products.BatchGetProducts(
        batch(await draft(seller), product, await deleted(seller), unknown)
    )

    assert list(found.products) == [product]


async def test_owner_and_staff_see_everything(seller: Caller, admin: Caller) -> None:
    products = [await draft(seller), await deleted(seller)]

    for caller in (seller, admin):
        found = await caller.products.BatchGetProducts(batch(*products))
        assert list(found.products) == products


async def test_a_batch_is_read_in_one_statement(seller: Caller, nobody: Caller) -> None:
    products = [await published(seller) for _ in range(5)]

    with statements() as sent:
        await nobody.products.BatchGetProducts(batch(*products))

    assert len(sent) == 1
