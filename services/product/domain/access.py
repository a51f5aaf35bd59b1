"""Who sees a product, and who may change it? The only place that decides."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.kit.actor import Actor, Role
from services.kit.errors import InvalidArgument, NotFound, PermissionDenied
from services.product.domain.model import PLATFORM_ID, Owner, OwnerKind, Product, State, Variant


class OwnerRequired(InvalidArgument):
    """Nobody to own the product: staff named none, or the caller has no organisation."""


class NotYourProduct(PermissionDenied):
    """The product belongs to another seller or factory."""


class StaffOrOwnerOnly(PermissionDenied):
    """What is not on sale is for its owner and staff."""


class ProductNotFound(NotFound):
    """No such product, or none that the caller may know of."""

    @classmethod
    def of(cls, product_id: object) -> "ProductNotFound":
        return cls("no such product", product_id=str(product_id))


class VariantNotFound(NotFound):
    """No such variant, or none that the caller may know of."""

    @classmethod
    def of(cls, variant_id: object) -> "VariantNotFound":
        return cls("no such variant", variant_id=str(variant_id))


class ImageNotFound(NotFound):
    """No such image, or none that the caller may know of."""

    @classmethod
    def of(cls, image_id: object) -> "ImageNotFound":
        return cls("no such image", image_id=str(image_id))


@dataclass(frozen=True, slots=True)
class Listing:
    """Which products a list shows."""

    states: frozenset[State]
    show_deleted: bool
    owner_id: UUID | None


def owner_for(actor: Actor, named: Owner | None) -> Owner:
    """Who owns what this caller creates: whom staff name, otherwise the caller's organisation."""
    if actor.plays(Role.ADMIN):
        if named is None or (named.kind is OwnerKind.PLATFORM) != (named.id == PLATFORM_ID):
            raise OwnerRequired("name the owner: the platform, or a seller or factory by its id")
        return named
    if actor.org_id is None:
        raise OwnerRequired("the token names no organisation")
    kind = OwnerKind.SELLER if actor.plays(Role.SELLER) else OwnerKind.FACTORY
    own = Owner(kind, actor.org_id)
    if named not in (None, own):
        raise NotYourProduct("products are created for one's own organisation")
    return own


def seen(product: Product | None, actor: Actor, *, absent: NotFound) -> Product:
    """The product, if this caller sees it."""
    if product is None or not sees(actor, product):
        raise absent
    return product


def sees(actor: Actor, product: Product) -> bool:
    return product.is_on_sale or sees_everything(actor, product.owner.id)


def check_sight_of(variant: Variant, product: Product, actor: Actor) -> None:
    """A deleted variant of a product that the caller sees is for its owner and staff."""
    if variant.delete_time and not sees_everything(actor, product.owner.id):
        raise VariantNotFound.of(variant.id)


def owned(product: Product | None, actor: Actor, *, absent: NotFound) -> Product:
    """The product, if this caller may change it; a deleted one as well."""
    product = seen(product, actor, absent=absent)
    if not actor.plays(Role.ADMIN) and not _owns(actor, product.owner.id):
        raise NotYourProduct("the product is somebody else's", product_id=str(product.id))
    return product


def editable(product: Product | None, actor: Actor, *, absent: NotFound) -> Product:
    """The product, if this caller may change it and it is not deleted."""
    product = owned(product, actor, absent=absent)
    if product.is_deleted:
        raise absent
    return product


def listing(
    actor: Actor, *, states: Collection[State], show_deleted: bool, owner_id: UUID | None
) -> Listing:
    """What a list shows to this caller; more than what is on sale only to owner and staff."""
    wanted = frozenset(states) or frozenset({State.PUBLISHED})
    if wanted != {State.PUBLISHED} or show_deleted:
        require_sight(actor, owner_id)
    return Listing(wanted, show_deleted, owner_id)


def require_sight(actor: Actor, owner_id: UUID | None) -> None:
    if not sees_everything(actor, owner_id):
        raise StaffOrOwnerOnly("what is not on sale is for its owner and staff")


def sees_everything(actor: Actor, owner_id: UUID | None) -> bool:
    """Whether the caller sees all that this owner has, on sale or not."""
    return actor.is_staff or _owns(actor, owner_id)


def _owns(actor: Actor, owner_id: UUID | None) -> bool:
    is_merchant = actor.plays(Role.SELLER, Role.FACTORY)
    return is_merchant and owner_id is not None and actor.org_id == owner_id
