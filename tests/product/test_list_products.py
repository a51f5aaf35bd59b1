import asyncio

import pytest

from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, statements
from tests.product.requests import (
    Field,
    a_variant,
    branch,
    create_category,
    create_image,
    deleted,
    draft,
    published,
    unpublish,
    update,
)
from tests.support import an_id, refused

STATE = pb.Product


def of(owner: Caller, **different: Field) -> pb.ListProductsRequest:
    return pb.ListProductsRequest(owner_id=owner.org_id, **different)


async def names(caller: Caller, request: pb.ListProductsRequest) -> list[str]:
    return [product.name for product in (await caller.products.ListProducts(request)).products]


async def test_what_is_on_sale_is_listed_newest_first(seller: Caller, nobody: Caller) -> None:
    for name in ("pertama", "kedua", "ketiga"):
        await published(seller, name=name)

    assert await names(nobody, of(seller)) == ["ketiga", "kedua", "pertama"]


async def test_pages_follow_each_other_without_gaps(seller: Caller, nobody: Caller) -> None:
    for name in ("a", "b", "c", "d", "e"):
        await published(seller, name=name)

    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        page = await nobody.products.ListProducts(of(seller, page_size=2, page_token=token))
        pages.append([product.name for product in page.products])
        token = page.next_page_token

    assert pages == [["e", "d"], ["c", "b"], ["a"]]


async def test_buyers_do_not_see_what_is_not_on_sale(seller: Caller, nobody: Caller) -> None:
    await draft(seller)
    await deleted(seller)
    await seller.products.UnpublishProduct(unpublish(await published(seller)))

    assert await names(nobody, of(seller)) == []


@pytest.mark.parametrize(
    "more",
    [{"show_deleted": True}, {"states": [STATE.STATE_DRAFT, STATE.STATE_PUBLISHED]}],
    ids=str,
)
async def test_strangers_may_not_ask_for_more(
    seller: Caller, rival: Caller, nobody: Caller, more: dict[str, object]
) -> None:
    for caller in (rival, nobody):
        with refused("STAFF_OR_OWNER_ONLY"):
            await caller.products.ListProducts(of(seller, **more))


async def test_an_owner_may_not_ask_for_more_of_everybody(seller: Caller) -> None:
    with refused("STAFF_OR_OWNER_ONLY"):
        await seller.products.ListProducts(pb.ListProductsRequest(show_deleted=True))


async def test_owner_and_staff_ask_for_states(seller: Caller, ops: Caller) -> None:
    await published(seller, name="dijual")
    await draft(seller, name="draf")
    off_sale = await published(seller, name="berhenti")
    await seller.products.UnpublishProduct(unpublish(off_sale))
    states = [STATE.STATE_DRAFT, STATE.STATE_UNPUBLISHED]

    for caller in (seller, ops):
        assert await names(caller, of(seller, states=states)) == ["berhenti", "draf"]


async def test_owner_and_staff_see_deleted_ones_when_they_ask(seller: Caller, ops: Caller) -> None:
    await published(seller, name="dijual")
    await deleted(seller, name="terhapus")

    for caller in (seller, ops):
        assert await names(caller, of(seller)) == ["dijual"]
        assert await names(caller, of(seller, show_deleted=True)) == ["terhapus", "dijual"]


async def test_staff_list_the_products_of_all_owners(
    seller: Caller, rival: Caller, ops: Caller
) -> None:
    word = an_id()
    await draft(seller, name=f"satu {word}")
    await draft(rival, name=f"dua {word}")

    request = pb.ListProductsRequest(query=word, states=[STATE.STATE_DRAFT])

    assert await names(ops, request) == [f"dua {word}", f"satu {word}"]


async def test_a_category_is_listed_with_all_below_it(
    admin: Caller, seller: Caller, nobody: Caller
) -> None:
    categories = await branch(admin, 5)
    elsewhere = await admin.catalogue.CreateCategory(create_category())
    for category in (*categories, elsewhere):
        await published(seller, name=category.name, category_id=category.id)

    below = [f"Tingkat {level}" for level in (4, 3, 2)]

    assert await names(nobody, of(seller, category_id=categories[2].id)) == below


async def test_a_category_that_is_not_there_has_no_products(nobody: Caller) -> None:
    assert await names(nobody, pb.ListProductsRequest(category_id=an_id())) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kopi", ["Kopi Gayo", "Kopi Toraja"]),
        ("GAYO kopi", ["Kopi Gayo"]),
        ("kopi robusta", ["Kopi Toraja"]),
        ("kopi | teh", []),
        ("kop", []),
        ("  ", ["Kopi Gayo", "Kopi Toraja", "Teh Melati"]),
        ("!", []),
    ],
)
async def test_words_are_looked_for_in_name_and_description(
    seller: Caller, nobody: Caller, query: str, found: list[str]
) -> None:
    await published(seller, name="Teh Melati", description="Daun teh pilihan.")
    await published(seller, name="Kopi Toraja", description="Robusta, disangrai gelap.")
    await published(seller, name="Kopi Gayo", description="Arabika dari Aceh.")

    assert await names(nobody, of(seller, query=query)) == found


async def test_a_new_name_is_found_and_the_old_one_is_not(seller: Caller, nobody: Caller) -> None:
    product = await published(seller, name="Kopi")
    await seller.products.UpdateProduct(update(product, name="Teh"))

    assert await names(nobody, of(seller, query="teh")) == ["Teh"]
    assert await names(nobody, of(seller, query="kopi")) == []


@pytest.mark.parametrize("size", [1, 100])
async def test_a_page_is_read_in_one_statement_whatever_its_size(
    seller: Caller, nobody: Caller, size: int
) -> None:
    variants = [a_variant(name="250 g"), a_variant(name="1 kg")]
    products = await asyncio.gather(*(published(seller, *variants) for _ in range(size)))
    await seller.catalogue.CreateImage(create_image(products[0]))

    with statements() as sent:
        page = await nobody.products.ListProducts(of(seller, page_size=100))

    assert len(page.products) == size
    assert {len(product.variants) for product in page.products} == {2}
    assert len(sent) == 1


async def test_a_page_token_of_elsewhere_is_refused(nobody: Caller) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await nobody.products.ListProducts(pb.ListProductsRequest(page_token="abc"))
