"""Stock <-> gotong.warehouse.v1."""

from collections.abc import Iterable
from uuid import UUID

from gotong.warehouse.v1 import warehouse_pb2 as pb
from services.kit.mapping import time_to_proto
from services.warehouse.domain.locations import Location, Place
from services.warehouse.domain.reservations import Holder, OwnerType, Reservation, State
from services.warehouse.domain.stock import (
    Action,
    Adjustment,
    Item,
    Level,
    Movement,
    OwnerKind,
    Reason,
)

MUTABLE = frozenset({"name", "street", "postal_code", "phone_number", "active"})

_OWNER_KIND = {
    OwnerKind.PLATFORM: pb.STOCK_OWNER_KIND_PLATFORM,
    OwnerKind.SELLER: pb.STOCK_OWNER_KIND_SELLER,
    OwnerKind.FACTORY: pb.STOCK_OWNER_KIND_FACTORY,
}
_ACTION = {
    Action.ADJUST: pb.StockMovement.ACTION_ADJUST,
    Action.RESERVE: pb.StockMovement.ACTION_RESERVE,
    Action.RELEASE: pb.StockMovement.ACTION_RELEASE,
    Action.EXPIRE: pb.StockMovement.ACTION_EXPIRE,
    Action.FULFIL: pb.StockMovement.ACTION_FULFIL,
}
_REASON = {
    Reason.RECEIVED: pb.AdjustStockRequest.REASON_RECEIVED,
    Reason.FOUND: pb.AdjustStockRequest.REASON_FOUND,
    Reason.DAMAGED: pb.AdjustStockRequest.REASON_DAMAGED,
    Reason.LOST: pb.AdjustStockRequest.REASON_LOST,
    Reason.CORRECTION: pb.AdjustStockRequest.REASON_CORRECTION,
}
_STATE = {
    State.ACTIVE: pb.Reservation.STATE_ACTIVE,
    State.CONFIRMED: pb.Reservation.STATE_CONFIRMED,
    State.CONSUMED: pb.Reservation.STATE_CONSUMED,
    State.EXPIRED: pb.Reservation.STATE_EXPIRED,
    State.RELEASED: pb.Reservation.STATE_RELEASED,
}
_OWNER_TYPE = {OwnerType.ORDER: pb.Reservation.OWNER_TYPE_ORDER}

_OWNER_KIND_OF = {proto: kind for kind, proto in _OWNER_KIND.items()}
_REASON_OF = {proto: reason for reason, proto in _REASON.items()}
_STATE_OF = {proto: state for state, proto in _STATE.items()}
_OWNER_TYPE_OF = {proto: type for type, proto in _OWNER_TYPE.items()}


def place_from_proto(proto: pb.Location) -> Place:
    return Place(
        name=proto.name,
        street=proto.street,
        postal_code=proto.postal_code,
        phone_number=proto.phone_number,
        active=proto.active,
    )


def location_to_proto(location: Location) -> pb.Location:
    place = location.place
    return pb.Location(
        id=str(location.id),
        code=location.code,
        name=place.name,
        street=place.street,
        postal_code=place.postal_code,
        phone_number=place.phone_number,
        active=place.active,
        etag=str(location.version),
        create_time=time_to_proto(location.create_time),
        update_time=time_to_proto(location.update_time),
    )


def id_or_none(id: str) -> UUID | None:
    return UUID(id) if id else None


def owner_kind_from_proto(proto: "pb.StockOwnerKind.ValueType") -> OwnerKind:
    return _OWNER_KIND_OF[proto]


def adjustment_from_proto(proto: pb.AdjustStockRequest) -> Adjustment:
    return Adjustment(proto.delta, _REASON_OF[proto.reason], proto.notes)


def level_to_proto(level: Level) -> pb.StockLevel:
    return pb.StockLevel(
        id=str(level.id),
        variant_id=str(level.variant_id),
        location_id=str(level.location_id),
        owner_kind=_OWNER_KIND[level.owner.kind],
        owner_id=str(level.owner.id or ""),
        quantity=level.quantity,
        reserved=level.reserved,
        available=level.available,
        update_time=time_to_proto(level.update_time),
    )


def movement_to_proto(movement: Movement) -> pb.StockMovement:
    return pb.StockMovement(
        id=str(movement.id),
        stock_level_id=str(movement.stock_level_id),
        variant_id=str(movement.variant_id),
        location_id=str(movement.location_id),
        action=_ACTION[movement.action],
        actor=movement.actor,
        quantity_before=movement.quantity_before,
        quantity_after=movement.quantity_after,
        reserved_before=movement.reserved_before,
        reserved_after=movement.reserved_after,
        reason=movement.reason,
        notes=movement.notes,
        reservation_id=str(movement.reservation_id or ""),
        create_time=time_to_proto(movement.create_time),
    )


def items_from_proto(protos: Iterable[pb.Item]) -> list[Item]:
    return [Item(UUID(proto.variant_id), proto.quantity) for proto in protos]


def holder_from_proto(type: "pb.Reservation.OwnerType.ValueType", id: str) -> Holder:
    return Holder(_OWNER_TYPE_OF[type], UUID(id))


def states_from_proto(protos: "Iterable[pb.Reservation.State.ValueType]") -> list[State]:
    return [_STATE_OF[proto] for proto in protos]


def reservation_to_proto(reservation: Reservation) -> pb.Reservation:
    return pb.Reservation(
        id=str(reservation.id),
        owner_type=_OWNER_TYPE[reservation.holder.type],
        owner_id=str(reservation.holder.id),
        location_id=str(reservation.location_id),
        state=_STATE[reservation.state],
        items=[
            pb.Item(variant_id=str(i.variant_id), quantity=i.quantity) for i in reservation.items
        ],
        expire_time=time_to_proto(reservation.expire_time),
        create_time=time_to_proto(reservation.create_time),
        update_time=time_to_proto(reservation.update_time),
    )
