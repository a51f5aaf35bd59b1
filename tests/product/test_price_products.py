from gotong.product.v1 import product_pb2 as pb
from tests.product.conftest import Caller, Products, statements
from tests.product.requests import (
    a_variant,
    delete,
    delete_variant,
    draft,
    price,
    published,
    unpublish,
    update,
)
from tests.support import an_id, idr, refused


async def test_a_variant_is_priced_with_what_it_takes_to_ship_it(
    seller: Caller, order: Caller
) -> None:
    sold = a_variant(name="250 g", sku="GAYO-250", adjustment=-5_000)
    product = await published(seller, sold, price=75_000)

    [priced] = (await order.prices.PriceProducts(price(*product.variants))).variants

    assert priced == pb.PricedVariant(
        variant_id=product.variants[0].id,
        product_id=product.id,
        sku="GAYO-250",
        name="Kopi Gayo, 250 g",
        owner=product.owner,
        unit_price=idr(70_000),
        weight_grams=250,
        length_cm=20,
        width_cm=10,
        height_cm=5,
    )


async def test_the_only_variant_has_the_name_of_the_product(seller: Caller, order: Caller) -> None:
    product = await published(seller, name="Kopi Gayo")

    [priced] = (await order.prices.PriceProducts(price(*product.variants))).variants

    assert priced.name == "Kopi Gayo"


async def test_prices_come_in_the_order_asked_for(seller: Caller, order: Caller) -> None:
    first = await published(seller, a_variant(name="a"), a_variant(name="b"))
    second = await published(seller, a_variant(name="c"))
    wanted = [first.variants[1], second.variants[0], first.variants[0]]

    priced = (await order.prices.PriceProducts(price(*wanted))).variants

    assert [each.variant_id for each in priced] == [each.id for each in wanted]


async def test_the_price_is_the_one_that_everybody_sees(seller: Caller, order: Caller) -> None:
    product = await published(seller, a_variant(adjustment=1_500), a_variant(adjustment=-1_500))
    changed = await seller.products.UpdateProduct(update(product, base_price=idr(20_000)))

    priced = (await order.prices.PriceProducts(price(*product.variants))).variants

    assert [each.unit_price for each in priced] == [each.unit_price for each in changed.variants]


async def test_what_is_not_for_sale_has_no_price(seller: Caller, order: Caller) -> None:
    sold = await published(seller, a_variant(), a_variant())
    unpublished = await seller.products.UnpublishProduct(unpublish(await published(seller)))
    gone = await seller.products.DeleteProduct(delete(await published(seller)))
    variant = await seller.products.DeleteVariant(delete_variant(sold.variants[0]))
    others = [(await draft(seller)).variants[0], unpublished.variants[0], gone.variants[0]]

    for unavailable in (variant, *others, pb.Variant(id=an_id())):
        with refused("PRODUCT_UNAVAILABLE", variant_id=unavailable.id):
            await order.prices.PriceProducts(price(sold.variants[1], unavailable))


async def test_a_hundred_prices_are_one_statement(seller: Caller, order: Caller) -> None:
    product = await published(seller, *(a_variant() for _ in range(100)))

    with statements() as sent:
        priced = await order.prices.PriceProducts(price(*product.variants))

    assert len(priced.variants) == 100
    assert len(sent) == 1


async def test_only_services_ask_for_prices(seller: Caller, service: Products) -> None:
    product = await published(seller)

    for caller in (seller, await service.user("admin")):
        with refused("ROLE_REQUIRED"):
            await caller.prices.PriceProducts(price(*product.variants))
