"""Valid requests. A test names only what it is about."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from gotong.product.v1 import catalogue_pb2, product_pb2
from tests.product.conftest import Caller
from tests.support import an_id, idr, reason_of

M = TypeVar("M", bound=Message)
R = TypeVar("R", bound=Message)

Field: TypeAlias = Any  # whose type the generated constructor checks


def a_variant(*, adjustment: int | None = None, **different: Field) -> product_pb2.Variant:
    fields: dict[str, Field] = {
        "weight_grams": 250,
        "length_cm": 20,
        "width_cm": 10,
        "height_cm": 5,
    }
    price_adjustment = None if adjustment is None else idr(adjustment)
    return product_pb2.Variant(price_adjustment=price_adjustment, **(fields | different))


def a_product(*, price: int = 75_000, **different: Field) -> product_pb2.Product:
    fields: dict[str, Field] = {"name": "Kopi Gayo"}
    return product_pb2.Product(base_price=idr(price), **(fields | different))


def create_product(
    *variants: product_pb2.Variant, request_id: str = "", **different: Field
) -> product_pb2.CreateProductRequest:
    product = a_product(variants=variants, **different)
    return product_pb2.CreateProductRequest(product=product, request_id=request_id or an_id())


async def draft(
    owner: Caller, *variants: product_pb2.Variant, **different: Field
) -> product_pb2.Product:
    """A product of this seller or factory that is not on sale yet."""
    return await owner.products.CreateProduct(create_product(*variants, **different))


async def published(
    owner: Caller, *variants: product_pb2.Variant, **different: Field
) -> product_pb2.Product:
    """A product of this seller or factory that is on sale."""
    product = await draft(owner, *variants, **different)
    return await owner.products.PublishProduct(publish(product))


async def deleted(owner: Caller, **different: Field) -> product_pb2.Product:
    """A product that was on sale until its owner deleted it."""
    product = await published(owner, **different)
    return await owner.products.DeleteProduct(delete(product))


def publish(product: product_pb2.Product) -> product_pb2.PublishProductRequest:
    return product_pb2.PublishProductRequest(product_id=product.id, request_id=an_id())


def unpublish(product: product_pb2.Product) -> product_pb2.UnpublishProductRequest:
    return product_pb2.UnpublishProductRequest(product_id=product.id, request_id=an_id())


def archive(product: product_pb2.Product) -> product_pb2.ArchiveProductRequest:
    return product_pb2.ArchiveProductRequest(product_id=product.id, request_id=an_id())


def delete(product: product_pb2.Product) -> product_pb2.DeleteProductRequest:
    return product_pb2.DeleteProductRequest(product_id=product.id, request_id=an_id())


def undelete(product: product_pb2.Product) -> product_pb2.UndeleteProductRequest:
    return product_pb2.UndeleteProductRequest(product_id=product.id, request_id=an_id())


def get(product: product_pb2.Product) -> product_pb2.GetProductRequest:
    return product_pb2.GetProductRequest(product_id=product.id)


def by_slug(slug: str) -> product_pb2.GetProductBySlugRequest:
    return product_pb2.GetProductBySlugRequest(slug=slug)


def update(
    product: product_pb2.Product, *mask: str, etag: str = "", **changes: Field
) -> product_pb2.UpdateProductRequest:
    return product_pb2.UpdateProductRequest(
        product=product_pb2.Product(id=product.id, etag=etag, **changes),
        update_mask=FieldMask(paths=mask),
        request_id=an_id(),
    )


def create_variant(
    product: product_pb2.Product, **different: Field
) -> product_pb2.CreateVariantRequest:
    return product_pb2.CreateVariantRequest(
        variant=a_variant(product_id=product.id, **different), request_id=an_id()
    )


def update_variant(
    variant: product_pb2.Variant, *mask: str, **changes: Field
) -> product_pb2.UpdateVariantRequest:
    return product_pb2.UpdateVariantRequest(
        variant=product_pb2.Variant(id=variant.id, **changes),
        update_mask=FieldMask(paths=mask),
        request_id=an_id(),
    )


def get_variant(variant: product_pb2.Variant) -> product_pb2.GetVariantRequest:
    return product_pb2.GetVariantRequest(variant_id=variant.id)


def delete_variant(variant: product_pb2.Variant) -> product_pb2.DeleteVariantRequest:
    return product_pb2.DeleteVariantRequest(variant_id=variant.id, request_id=an_id())


def undelete_variant(variant: product_pb2.Variant) -> product_pb2.UndeleteVariantRequest:
    return product_pb2.UndeleteVariantRequest(variant_id=variant.id, request_id=an_id())


def price(*variants: product_pb2.Variant) -> product_pb2.PriceProductsRequest:
    return product_pb2.PriceProductsRequest(variant_ids=[variant.id for variant in variants])


def create_category(
    name: str = "Kopi", *, parent_id: str = ""
) -> catalogue_pb2.CreateCategoryRequest:
    return catalogue_pb2.CreateCategoryRequest(
        category=catalogue_pb2.Category(name=name, parent_id=parent_id), request_id=an_id()
    )


def update_category(
    category: catalogue_pb2.Category, *mask: str, **changes: Field
) -> catalogue_pb2.UpdateCategoryRequest:
    return catalogue_pb2.UpdateCategoryRequest(
        category=catalogue_pb2.Category(id=category.id, **changes),
        update_mask=FieldMask(paths=mask),
        request_id=an_id(),
    )


def delete_category(category: catalogue_pb2.Category) -> catalogue_pb2.DeleteCategoryRequest:
    return catalogue_pb2.DeleteCategoryRequest(category_id=category.id, request_id=an_id())


async def branch(admin: Caller, levels: int) -> list[catalogue_pb2.Category]:
    """Categories below each other, from the top down."""
    categories: list[catalogue_pb2.Category] = []
    for level in range(levels):
        parent_id = categories[-1].id if categories else ""
        request = create_category(f"Tingkat {level}", parent_id=parent_id)
        categories.append(await admin.catalogue.CreateCategory(request))
    return categories


def create_image(
    product: product_pb2.Product, **different: Field
) -> catalogue_pb2.CreateImageRequest:
    fields: dict[str, Field] = {
        "uri": "https://gambar.example/kopi.jpg",
        "alt_text": "Sebungkus kopi",
    }
    image = product_pb2.Image(product_id=product.id, **(fields | different))
    return catalogue_pb2.CreateImageRequest(image=image, request_id=an_id())


def update_image(
    image: product_pb2.Image, *mask: str, **changes: Field
) -> catalogue_pb2.UpdateImageRequest:
    return catalogue_pb2.UpdateImageRequest(
        image=product_pb2.Image(id=image.id, **changes),
        update_mask=FieldMask(paths=mask),
        request_id=an_id(),
    )


def delete_image(image: product_pb2.Image) -> catalogue_pb2.DeleteImageRequest:
    return catalogue_pb2.DeleteImageRequest(image_id=image.id, request_id=an_id())


def list_images(
    product: product_pb2.Product, **different: Field
) -> catalogue_pb2.ListImagesRequest:
    return catalogue_pb2.ListImagesRequest(product_id=product.id, **different)


def reorder(
    product: product_pb2.Product, images: Sequence[product_pb2.Image]
) -> catalogue_pb2.ReorderImagesRequest:
    return catalogue_pb2.ReorderImagesRequest(
        product_id=product.id, image_ids=[image.id for image in images], request_id=an_id()
    )


async def with_images(
    owner: Caller, count: int
) -> tuple[product_pb2.Product, list[product_pb2.Image]]:
    product = await published(owner)
    images = [await owner.catalogue.CreateImage(create_image(product)) for _ in range(count)]
    return product, images


async def retried(rpc: Callable[[M], Awaitable[R]], request: M) -> R:
    """The one answer to eight copies of a request at once."""
    first, *others = await asyncio.gather(*(rpc(request) for _ in range(8)))
    assert others == [first] * 7
    return first


async def rivals(*calls: Awaitable[Any]) -> list[Any]:
    """What becomes of different calls at once: answers and refusals."""
    return await asyncio.gather(*calls, return_exceptions=True)


def reasons(outcomes: Sequence[Any]) -> list[str]:
    """Why those were refused that were."""
    return [reason_of(each) for each in outcomes if isinstance(each, BaseException)]
