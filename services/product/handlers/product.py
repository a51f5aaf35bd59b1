"""gotong.product.v1.ProductService: who may, what then, record it."""

from dataclasses import replace
from uuid import UUID

from gotong.product.v1 import product_pb2 as pb
from gotong.product.v1.product_pb2_grpc import ProductServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.fieldmask import check_etag, merge, resource_id
from services.kit.ids import new_id
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.product.domain import access, assortment, lifecycle
from services.product.domain.access import ProductNotFound, VariantNotFound
from services.product.domain.model import Product, Variant
from services.product.handlers.common import editable, touch
from services.product.mapping import (
    MUTABLE_PRODUCT,
    MUTABLE_VARIANT,
    draft_from_proto,
    id_from_proto,
    owner_from_proto,
    product_from_proto,
    product_to_proto,
    product_with,
    states_from_proto,
    variant_to_proto,
)
from services.product.store import products, slugs, variants


class ProductService(ProductServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @command
    async def CreateProduct(self, request: pb.CreateProductRequest, call: Call) -> pb.Product:
        owner = access.owner_for(call.actor, owner_from_proto(request.product))
        id = new_id()
        slug = await slugs.claim(call.tx, lifecycle.base_slug(request.product.name), id)
        drafts = [draft_from_proto(variant) for variant in request.product.variants]
        product = assortment.with_variants(
            product_from_proto(request.product, id=id, slug=slug, owner=owner, now=call.now),
            [(new_id(), draft) for draft in assortment.first_variants(drafts)],
            call.now,
        )
        await products.add(call.tx, product)
        await variants.add(call.tx, owner.id, product.variants)
        return product_to_proto(product)

    @query
    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.Product:
        product = await products.find(call.tx, UUID(request.product_id))
        absent = ProductNotFound.of(request.product_id)
        return product_to_proto(access.seen(product, call.actor, absent=absent))

    @query
    async def GetProductBySlug(self, request: pb.GetProductBySlugRequest, call: Call) -> pb.Product:
        product = await products.find_by_slug(call.tx, request.slug)
        absent = ProductNotFound("no such product", slug=request.slug)
        return product_to_proto(access.seen(product, call.actor, absent=absent))

    @query
    async def BatchGetProducts(
        self, request: pb.BatchGetProductsRequest, call: Call
    ) -> pb.BatchGetProductsResponse:
        wanted = [UUID(id) for id in request.product_ids]
        found = {product.id: product for product in await products.list_by_ids(call.tx, wanted)}
        return pb.BatchGetProductsResponse(
            products=(
                product_to_proto(found[id])
                for id in wanted
                if id in found and access.sees(call.actor, found[id])
            )
        )

    @query
    async def ListProducts(
        self, request: pb.ListProductsRequest, call: Call
    ) -> pb.ListProductsResponse:
        listing = access.listing(
            call.actor,
            states=states_from_proto(request.states),
            show_deleted=request.show_deleted,
            owner_id=id_from_proto(request.owner_id),
        )
        window = Window.of(request)
        found = await products.list_products(
            call.tx,
            listing,
            window,
            category_id=id_from_proto(request.category_id),
            words=request.query.strip(),
        )
        page, next_page_token = window.page(found, lambda product: product.id)
        return pb.ListProductsResponse(
            products=map(product_to_proto, page), next_page_token=next_page_token
        )

    @command
    async def UpdateProduct(self, request: pb.UpdateProductRequest, call: Call) -> pb.Product:
        id = resource_id(request.product.id, "product.id")
        product = await editable(call, id)
        current = product_to_proto(product)
        check_etag(request.product, current)
        merged = merge(current, request.product, request.update_mask, mutable=MUTABLE_PRODUCT)
        changed = lifecycle.edited(product, product_with(product, merged), call.now)
        slug = await slugs.claim(call.tx, lifecycle.base_slug(changed.name), id)
        return await _recorded(call, replace(changed, slug=slug))

    @command
    async def DeleteProduct(self, request: pb.DeleteProductRequest, call: Call) -> pb.Product:
        id = UUID(request.product_id)
        product = await editable(call, id)
        return await _recorded(call, lifecycle.delete(product, call.now))

    @command
    async def UndeleteProduct(self, request: pb.UndeleteProductRequest, call: Call) -> pb.Product:
        product = await _own(call, request.product_id)
        return await _recorded(call, lifecycle.undelete(product, call.now))

    @command
    async def PublishProduct(self, request: pb.PublishProductRequest, call: Call) -> pb.Product:
        product = await _own(call, request.product_id)
        return await _recorded(call, lifecycle.publish(product, call.now))

    @command
    async def UnpublishProduct(self, request: pb.UnpublishProductRequest, call: Call) -> pb.Product:
        product = await _own(call, request.product_id)
        return await _recorded(call, lifecycle.unpublish(product, call.now))

    @command
    async def ArchiveProduct(self, request: pb.ArchiveProductRequest, call: Call) -> pb.Product:
        product = await _own(call, request.product_id)
        return await _recorded(call, lifecycle.archive(product, call.now))

    @command
    async def CreateVariant(self, request: pb.CreateVariantRequest, call: Call) -> pb.Variant:
        id = resource_id(request.variant.product_id, "variant.product_id")
        product = await editable(call, id)
        draft = draft_from_proto(request.variant)
        product = assortment.with_variants(product, [(new_id(), draft)], call.now)
        await variants.add(call.tx, product.owner.id, product.variants[-1:])
        await touch(call, product)
        return variant_to_proto(product.variants[-1], product)

    @query
    async def GetVariant(self, request: pb.GetVariantRequest, call: Call) -> pb.Variant:
        id, absent = UUID(request.variant_id), VariantNotFound.of(request.variant_id)
        product = access.seen(
            await products.find_by_variant(call.tx, id), call.actor, absent=absent
        )
        variant = product.find_variant(id) or await variants.get(call.tx, id)
        access.check_sight_of(variant, product, call.actor)
        return variant_to_proto(variant, product)

    @query
    async def ListVariants(
        self, request: pb.ListVariantsRequest, call: Call
    ) -> pb.ListVariantsResponse:
        id = UUID(request.product_id)
        product = access.seen(
            await products.find(call.tx, id), call.actor, absent=ProductNotFound.of(id)
        )
        if request.show_deleted:
            access.require_sight(call.actor, product.owner.id)
        window = Window.of(request)
        found = await variants.list_by_product(
            call.tx, id, window, show_deleted=request.show_deleted
        )
        page, next_page_token = window.page(found, lambda variant: variant.id)
        return pb.ListVariantsResponse(
            variants=(variant_to_proto(variant, product) for variant in page),
            next_page_token=next_page_token,
        )

    @command
    async def UpdateVariant(self, request: pb.UpdateVariantRequest, call: Call) -> pb.Variant:
        id = resource_id(request.variant.id, "variant.id")
        product = await _editable_with(call, id)
        variant = assortment.existing(product, id)
        current = variant_to_proto(variant, product)
        check_etag(request.variant, current)
        merged = merge(current, request.variant, request.update_mask, mutable=MUTABLE_VARIANT)
        changed = assortment.changed(product, variant, draft_from_proto(merged), call.now)
        return await _recorded_variant(call, product, changed)

    @command
    async def DeleteVariant(self, request: pb.DeleteVariantRequest, call: Call) -> pb.Variant:
        id = UUID(request.variant_id)
        product = await _editable_with(call, id)
        variant = assortment.existing(product, id)
        return await _recorded_variant(
            call, product, assortment.deleted(product, variant, call.now)
        )

    @command
    async def UndeleteVariant(self, request: pb.UndeleteVariantRequest, call: Call) -> pb.Variant:
        id = UUID(request.variant_id)
        product = await _editable_with(call, id)
        variant = await variants.get(call.tx, id)
        return await _recorded_variant(
            call, product, assortment.undeleted(product, variant, call.now)
        )


async def _editable_with(call: Call, variant_id: UUID) -> Product:
    product = await products.lock_by_variant(call.tx, variant_id)
    return access.editable(product, call.actor, absent=VariantNotFound.of(variant_id))


async def _own(call: Call, product_id: str) -> Product:
    """The product, locked, if the caller may change it; deleted ones too."""
    product = await products.lock(call.tx, UUID(product_id))
    return access.owned(product, call.actor, absent=ProductNotFound.of(product_id))


async def _recorded(call: Call, product: Product) -> pb.Product:
    await products.save(call.tx, product)
    return product_to_proto(product)


async def _recorded_variant(call: Call, product: Product, variant: Variant) -> pb.Variant:
    await variants.save(call.tx, variant)
    await touch(call, product)
    return variant_to_proto(variant, product)
