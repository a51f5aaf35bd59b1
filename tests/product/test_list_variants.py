from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, statements
from tests.product.requests import (
    Field,
    a_variant,
    create_variant,
    delete_variant,
    draft,
    published,
)
from tests.support import idr, refused


def of(product: pb.Product, **different: Field) -> pb.ListVariantsRequest:
    return pb.ListVariantsRequest(product_id=product.id, **different)


async def names(caller: Caller, request: pb.ListVariantsRequest) -> list[str]:
    return [variant.name for variant in (await caller.products.ListVariants(request)).variants]


async def test_variants_come_in_the_order_they_were_added(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(name="L"), a_variant(name="S"))
    await seller.products.CreateVariant(create_variant(product, name="M"))

    assert await names(nobody, of(product)) == ["L", "S", "M"]


async def test_variants_have_their_prices(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, a_variant(adjustment=-5_000), price=75_000)

    [variant] = (await nobody.products.ListVariants(of(product))).variants

    assert variant.unit_price == idr(70_000)


async def test_pages_follow_each_other_without_gaps(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, *(a_variant(name=name) for name in "abc"))

    first = await nobody.products.ListVariants(of(product, page_size=2))
    rest = of(product, page_size=2, page_token=first.next_page_token)

    assert [variant.name for variant in first.variants] == ["a", "b"]
    assert await names(nobody, rest) == ["c"]


async def test_deleted_variants_are_listed_for_owner_and_staff_who_ask(
    seller: Caller, nobody: Caller, ops: Caller
) -> None:
    product = await published(seller, a_variant(name="a"), a_variant(name="b"))
    await seller.products.DeleteVariant(delete_variant(product.variants[0]))

    for caller in (seller, ops):
        assert await names(caller, of(product)) == ["b"]
        assert await names(caller, of(product, show_deleted=True)) == ["a", "b"]
    with refused("STAFF_OR_OWNER_ONLY"):
        await nobody.products.ListVariants(of(product, show_deleted=True))


async def test_what_is_not_on_sale_has_no_variants_for_buyers(
    seller: Caller, nobody: Caller
) -> None:
    with refused("PRODUCT_NOT_FOUND"):
        await nobody.products.ListVariants(of(await draft(seller)))


async def test_a_page_is_read_in_two_statements(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, *(a_variant() for _ in range(20)))

    with statements() as sent:
        await nobody.products.ListVariants(of(product, page_size=20))

    assert len(sent) == 2


async def test_a_page_token_of_elsewhere_is_refused(seller: Caller) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await seller.products.ListVariants(of(await draft(seller), page_token="abc"))
