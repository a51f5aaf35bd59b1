"""What commands on products, variants and images have in common."""

from uuid import UUID

from services.kit.rpc import Call
from services.product.domain import access, lifecycle
from services.product.domain.access import ProductNotFound
from services.product.domain.model import Product
from services.product.store import products


async def editable(call: Call, product_id: UUID) -> Product:
    """The product, locked, if the caller may change it and it is not deleted."""
    product = await products.lock(call.tx, product_id)
    return access.editable(product, call.actor, absent=ProductNotFound.of(product_id))


async def touch(call: Call, product: Product) -> None:
    """Something of the product has changed."""
    await products.save(call.tx, lifecycle.touched(product, call.now))
