"""gotong.product.v1.CatalogueService: categories, and the images of products."""

from dataclasses import replace
from uuid import UUID

from gotong.product.v1 import catalogue_pb2 as pb
from gotong.product.v1.catalogue_pb2_grpc import CatalogueServiceServicer
from gotong.product.v1.product_pb2 import Image as ImageProto
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.fieldmask import check_etag, merge, resource_id
from services.kit.ids import new_id
from services.kit.paging import Window
from services.kit.rpc import Call, command, query
from services.product.domain import access, gallery, tree
from services.product.domain.access import ImageNotFound, ProductNotFound
from services.product.domain.model import Product
from services.product.handlers.common import editable, touch
from services.product.mapping import (
    MUTABLE_CATEGORY,
    MUTABLE_IMAGE,
    category_to_proto,
    id_from_proto,
    image_from_proto,
    image_to_proto,
    image_with,
)
from services.product.store import categories, images, products


class CatalogueService(CatalogueServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @command
    async def CreateCategory(self, request: pb.CreateCategoryRequest, call: Call) -> pb.Category:
        await categories.lock_tree(call.tx)
        id, parent_id = new_id(), id_from_proto(request.category.parent_id)
        above = await categories.list_above(call.tx, parent_id)
        tree.check_place(id, parent_id, above=above, levels=1)
        category = tree.Category(
            id=id,
            parent_id=parent_id,
            name=request.category.name,
            slug=await _free_slug(call, request.category.name, id),
            version=1,
            create_time=call.now,
            update_time=call.now,
        )
        await categories.add(call.tx, category)
        return category_to_proto(category)

    @query
    async def GetCategory(self, request: pb.GetCategoryRequest, call: Call) -> pb.Category:
        return category_to_proto(await categories.get(call.tx, UUID(request.category_id)))

    @query
    async def ListCategories(
        self, request: pb.ListCategoriesRequest, call: Call
    ) -> pb.ListCategoriesResponse:
        window = Window.of(request)
        parent_id = id_from_proto(request.parent_id)
        found = await categories.list_by_parent(call.tx, parent_id, window)
        page, next_page_token = window.page(found, lambda category: category.slug)
        return pb.ListCategoriesResponse(
            categories=map(category_to_proto, page), next_page_token=next_page_token
        )

    @command
    async def UpdateCategory(self, request: pb.UpdateCategoryRequest, call: Call) -> pb.Category:
        id = resource_id(request.category.id, "category.id")
        await categories.lock_tree(call.tx)
        category = await categories.get(call.tx, id)
        current = category_to_proto(category)
        check_etag(request.category, current)
        merged = merge(current, request.category, request.update_mask, mutable=MUTABLE_CATEGORY)
        parent_id = id_from_proto(merged.parent_id)
        above = await categories.list_above(call.tx, parent_id)
        levels = await categories.count_levels(call.tx, id)
        tree.check_place(id, parent_id, above=above, levels=levels)
        changed = tree.changed(category, merged.name, parent_id, call.now)
        if tree.base_slug(changed.name) != tree.base_slug(category.name):
            changed = replace(changed, slug=await _free_slug(call, changed.name, id))
        await categories.save(call.tx, changed)
        return category_to_proto(changed)

    @command
    async def DeleteCategory(
        self, request: pb.DeleteCategoryRequest, call: Call
    ) -> pb.DeleteCategoryResponse:
        await categories.remove(call.tx, UUID(request.category_id))
        return pb.DeleteCategoryResponse()

    @command
    async def CreateImage(self, request: pb.CreateImageRequest, call: Call) -> ImageProto:
        product_id = resource_id(request.image.product_id, "image.product_id")
        product = await editable(call, product_id)
        position = gallery.next_position(product)
        image = image_from_proto(request.image, id=new_id(), position=position, now=call.now)
        gallery.check_variant(product, image.variant_id)
        await images.add(call.tx, image)
        await touch(call, product)
        return image_to_proto(image)

    @query
    async def ListImages(self, request: pb.ListImagesRequest, call: Call) -> pb.ListImagesResponse:
        window, id = Window.of(request), UUID(request.product_id)
        product = access.seen(
            await products.find(call.tx, id), call.actor, absent=ProductNotFound.of(id)
        )
        behind = product.images[window.after_number + 1 :]
        page, next_page_token = window.page(behind, lambda image: image.position)
        return pb.ListImagesResponse(
            images=map(image_to_proto, page), next_page_token=next_page_token
        )

    @command
    async def UpdateImage(self, request: pb.UpdateImageRequest, call: Call) -> ImageProto:
        id = resource_id(request.image.id, "image.id")
        product = await _editable_with(call, id)
        image = gallery.image_of(product, id)
        merged = merge(
            image_to_proto(image), request.image, request.update_mask, mutable=MUTABLE_IMAGE
        )
        changed = image_with(image, merged)
        gallery.check_variant(product, changed.variant_id)
        await images.save(call.tx, changed)
        await touch(call, product)
        return image_to_proto(changed)

    @command
    async def DeleteImage(
        self, request: pb.DeleteImageRequest, call: Call
    ) -> pb.DeleteImageResponse:
        id = UUID(request.image_id)
        product = await _editable_with(call, id)
        await images.remove(call.tx, gallery.image_of(product, id))
        await touch(call, product)
        return pb.DeleteImageResponse()

    @command
    async def ReorderImages(
        self, request: pb.ReorderImagesRequest, call: Call
    ) -> pb.ReorderImagesResponse:
        product = await editable(call, UUID(request.product_id))
        reordered = gallery.reordered(product, [UUID(id) for id in request.image_ids])
        await images.reorder(call.tx, [image.id for image in reordered])
        await touch(call, product)
        return pb.ReorderImagesResponse(images=map(image_to_proto, reordered))


async def _editable_with(call: Call, image_id: UUID) -> Product:
    product = await products.lock_by_image(call.tx, image_id)
    return access.editable(product, call.actor, absent=ImageNotFound.of(image_id))


async def _free_slug(call: Call, name: str, category_id: UUID) -> str:
    """The tree is locked, so nobody takes it meanwhile."""
    taken = await categories.list_slugs(call.tx, tree.base_slug(name), but=category_id)
    return tree.free_slug(name, taken)
