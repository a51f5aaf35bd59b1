import pytest

from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, Products
from tests.product.requests import (
    a_variant,
    create_product,
    delete,
    draft,
    get,
    publish,
    reasons,
    retried,
    rivals,
)
from tests.support import an_id, idr, invalid, refused


async def test_a_product_begins_as_a_draft(seller: Caller) -> None:
    product = await seller.products.CreateProduct(create_product())

    assert product.state == pb.Product.STATE_DRAFT
    assert product == await seller.products.GetProduct(get(product))


async def test_a_product_belongs_to_the_sellers_organisation(seller: Caller) -> None:
    product = await seller.products.CreateProduct(create_product())

    assert product.owner == pb.Owner(kind=pb.Owner.KIND_SELLER, id=seller.org_id)


async def test_a_factorys_product_belongs_to_the_factory(service: Products) -> None:
    factory = await service.merchant("factory")

    product = await factory.products.CreateProduct(create_product())

    assert product.owner == pb.Owner(kind=pb.Owner.KIND_FACTORY, id=factory.org_id)


async def test_staff_name_the_owner(admin: Caller, seller: Caller) -> None:
    owner = pb.Owner(kind=pb.Owner.KIND_SELLER, id=seller.org_id)

    product = await admin.products.CreateProduct(create_product(owner=owner))

    assert product.owner == owner
    assert (await seller.products.PublishProduct(publish(product))).id == product.id


async def test_the_platform_owns_products_without_an_id(admin: Caller) -> None:
    owner = pb.Owner(kind=pb.Owner.KIND_PLATFORM)

    product = await admin.products.CreateProduct(create_product(owner=owner))

    assert product.owner == owner


@pytest.mark.parametrize(
    "owner",
    [
        None,
        pb.Owner(kind=pb.Owner.KIND_SELLER),
        pb.Owner(kind=pb.Owner.KIND_PLATFORM, id=an_id()),
    ],
    ids=["nobody", "a seller without id", "the platform with an id"],
)
async def test_staff_who_name_no_owner_are_refused(admin: Caller, owner: pb.Owner | None) -> None:
    with refused("OWNER_REQUIRED"):
        await admin.products.CreateProduct(create_product(owner=owner))


async def test_a_seller_without_an_organisation_is_refused(service: Products) -> None:
    lonely = await service.user("seller")

    with refused("OWNER_REQUIRED"):
        await lonely.products.CreateProduct(create_product())


async def test_a_seller_creates_nothing_for_others(seller: Caller, rival: Caller) -> None:
    owner = pb.Owner(kind=pb.Owner.KIND_SELLER, id=rival.org_id)

    with refused("NOT_YOUR_PRODUCT"):
        await seller.products.CreateProduct(create_product(owner=owner))


async def test_buyers_create_nothing(buyer: Caller) -> None:
    with refused("ROLE_REQUIRED"):
        await buyer.products.CreateProduct(create_product())


async def test_a_product_without_variants_gets_one(seller: Caller) -> None:
    product = await seller.products.CreateProduct(create_product(price=75_000))

    assert [variant.unit_price for variant in product.variants] == [idr(75_000)]
    assert product.variants[0].sku.startswith(product.slug[:50])


async def test_variants_keep_the_order_they_were_given_in(seller: Caller) -> None:
    names = ["1 kg", "250 g", "500 g"]

    product = await draft(seller, *(a_variant(name=name) for name in names))

    assert [variant.name for variant in product.variants] == names


async def test_a_variant_costs_the_base_price_and_its_adjustment(seller: Caller) -> None:
    variants = [a_variant(adjustment=amount) for amount in (-10_000, 0, 5_000)]

    product = await draft(seller, *variants, price=75_000)

    prices = [variant.unit_price for variant in product.variants]
    assert prices == [idr(65_000), idr(75_000), idr(80_000)]


async def test_a_price_below_nothing_is_refused(seller: Caller) -> None:
    with refused("PRICE_OUT_OF_RANGE", unit_price="-1"):
        await draft(seller, a_variant(adjustment=-75_001), price=75_000)


async def test_a_sku_is_taken_once_per_owner(seller: Caller) -> None:
    await draft(seller, a_variant(sku="GAYO-1"))

    with refused("SKU_TAKEN", sku="GAYO-1"):
        await draft(seller, a_variant(sku="GAYO-2"), a_variant(sku="GAYO-1"))


async def test_a_sku_twice_in_one_product_is_refused(seller: Caller) -> None:
    with refused("SKU_TAKEN", sku="GAYO-1"):
        await draft(seller, a_variant(sku="GAYO-1"), a_variant(sku="GAYO-1"))


async def test_owners_may_have_the_same_sku(seller: Caller, rival: Caller) -> None:
    mine, theirs = [await draft(owner, a_variant(sku="GAYO-1")) for owner in (seller, rival)]

    assert mine.variants[0].sku == theirs.variants[0].sku


async def test_of_rivals_for_a_sku_one_wins(seller: Caller) -> None:
    skus = [("A", "B"), ("B", "A"), ("B", "C"), ("C", "A")]
    requests = [create_product(*(a_variant(sku=sku) for sku in pair)) for pair in skus]

    outcomes = await rivals(*map(seller.products.CreateProduct, requests))

    assert reasons(outcomes) == ["SKU_TAKEN"] * 3


async def test_an_unknown_category_is_refused(seller: Caller) -> None:
    category_id = an_id()

    with refused("CATEGORY_NOT_FOUND", category_id=category_id):
        await draft(seller, category_id=category_id)


async def test_products_of_one_name_have_numbered_slugs(seller: Caller, rival: Caller) -> None:
    name = f"Teh {an_id()}"

    slugs = [(await draft(owner, name=name)).slug for owner in (seller, rival, seller)]

    first = name.lower().replace(" ", "-")
    assert slugs == [first, f"{first}-2", f"{first}-3"]


async def test_rivals_for_a_name_get_different_slugs_without_gaps(seller: Caller) -> None:
    name = f"Teh {an_id()}"
    first = name.lower().replace(" ", "-")

    products = await rivals(*(draft(seller, name=name) for _ in range(8)))

    assert {product.slug for product in products} == {
        first,
        *(f"{first}-{number}" for number in range(2, 9)),
    }


async def test_a_name_that_ends_in_a_number_takes_no_slug_of_others(seller: Caller) -> None:
    name = f"Teh {an_id()}"
    names = [f"{name} 2", name, name, f"{name} 2"]

    slugs = [(await draft(seller, name=each)).slug for each in names]

    first = slugs[1]
    assert slugs == [f"{first}-2", first, f"{first}-3", f"{first}-2-2"]


async def test_the_slug_of_a_deleted_product_stays_taken(seller: Caller) -> None:
    name = f"Teh {an_id()}"
    product = await draft(seller, name=name)
    await seller.products.DeleteProduct(delete(product))

    assert (await draft(seller, name=name)).slug == f"{product.slug}-2"


async def test_a_name_of_symbols_has_a_slug(seller: Caller) -> None:
    product = await draft(seller, name="!!!")

    assert product.slug.startswith("produk")


async def test_a_malformed_product_is_refused_by_field(seller: Caller) -> None:
    request = create_product(a_variant(weight_grams=0), name="", price=-1)

    with invalid("product.name", "product.base_price", "product.variants.weight_grams"):
        await seller.products.CreateProduct(request)


async def test_a_retry_returns_the_first_product(seller: Caller) -> None:
    name = f"Teh {an_id()}"

    product = await retried(seller.products.CreateProduct, create_product(name=name))

    assert (await draft(seller, name=name)).slug == f"{product.slug}-2"


async def test_the_same_request_id_for_another_product_is_refused(seller: Caller) -> None:
    request_id = an_id()
    await seller.products.CreateProduct(create_product(request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await draft(seller, request_id=request_id, name="Teh")
