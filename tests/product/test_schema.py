import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.kit import migrate
from services.kit.health import violations
from services.product.invariants import INVARIANTS
from tests.product.conftest import Caller, Products
from tests.product.requests import (
    create_image,
    create_variant,
    delete_image,
    delete_variant,
    draft,
    reorder,
    rivals,
    update,
    with_images,
)
from tests.support import Realm, idr


async def test_tables_and_migrations_agree(realm: Realm) -> None:
    await migrate.check("product", realm.urls["product"])


async def test_whatever_happens_at_once_the_invariants_hold(
    service: Products, seller: Caller
) -> None:
    product, images = await with_images(seller, 4)
    added = [
        await seller.products.CreateVariant(create_variant(product, adjustment=-50_000))
        for _ in range(2)
    ]

    await rivals(
        *(seller.products.DeleteVariant(delete_variant(each)) for each in product.variants),
        *(seller.products.DeleteVariant(delete_variant(each)) for each in added),
        seller.products.UpdateProduct(update(product, base_price=idr(49_999))),
        seller.catalogue.ReorderImages(reorder(product, images[::-1])),
        *(seller.catalogue.DeleteImage(delete_image(image)) for image in images[:2]),
        *(seller.catalogue.CreateImage(create_image(product)) for _ in range(2)),
    )

    assert await violations(service.db, INVARIANTS) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE products SET owner_kind = 'platform' WHERE id = :id",
        "UPDATE products SET base_price = -1 WHERE id = :id",
        "UPDATE products SET state = 'sold' WHERE id = :id",
        "UPDATE products SET slug = 'slug-nobody-has' WHERE id = :id",
        "UPDATE variants SET owner_id = gen_random_uuid() WHERE product_id = :id",
        "UPDATE variants SET weight_grams = 0 WHERE product_id = :id",
        "DELETE FROM products WHERE id = :id",
    ],
)
async def test_the_database_keeps_no_wrong_fact(
    service: Products, seller: Caller, wrong: str
) -> None:
    product = await draft(seller)

    with pytest.raises(IntegrityError):
        await service.db.execute(text(wrong), {"id": product.id})
