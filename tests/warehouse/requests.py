"""Valid requests. A test names only what it is about."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp

from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id

ORDER = pb.Reservation.OWNER_TYPE_ORDER
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def a_location(**different: object) -> pb.Location:
    fields = {
        "code": uuid4().hex[:12].upper(),
        "name": "Gudang Cakung",
        "street": "Jalan Raya Cakung 1",
        "postal_code": "13910",
        "phone_number": "+622112345678",
        "active": True,
    }
    return pb.Location(**(fields | different))  # type: ignore[arg-type]


def create_location(**different: object) -> pb.CreateLocationRequest:
    return pb.CreateLocationRequest(location=a_location(**different), request_id=an_id())


def adjust_stock(
    location: pb.Location, variant_id: str, delta: int, **different: object
) -> pb.AdjustStockRequest:
    fields = {
        "owner_kind": pb.STOCK_OWNER_KIND_PLATFORM,
        "reason": pb.AdjustStockRequest.REASON_RECEIVED,
        "request_id": an_id(),
    }
    return pb.AdjustStockRequest(
        location_id=location.id,
        variant_id=variant_id,
        delta=delta,
        **(fields | different),  # type: ignore[arg-type]
    )


def some(items: Mapping[str, int]) -> list[pb.Item]:
    return [pb.Item(variant_id=id, quantity=quantity) for id, quantity in items.items()]


def locate_stock(items: Mapping[str, int]) -> pb.LocateStockRequest:
    return pb.LocateStockRequest(items=some(items))


def create_reservation(
    location: pb.Location,
    items: Mapping[str, int],
    *,
    owner_id: str = "",
    expire_time: datetime = NEVER,
) -> pb.CreateReservationRequest:
    return pb.CreateReservationRequest(
        owner_type=ORDER,
        owner_id=owner_id or an_id(),
        location_id=location.id,
        items=some(items),
        expire_time=timestamp(expire_time),
        request_id=an_id(),
    )


def confirm(reservation: pb.Reservation) -> pb.ConfirmReservationRequest:
    return pb.ConfirmReservationRequest(
        owner_type=ORDER, owner_id=reservation.owner_id, request_id=an_id()
    )


def release(reservation: pb.Reservation) -> pb.ReleaseReservationRequest:
    return pb.ReleaseReservationRequest(
        owner_type=ORDER, owner_id=reservation.owner_id, request_id=an_id()
    )


def consume(reservation: pb.Reservation) -> pb.ConsumeReservationRequest:
    return pb.ConsumeReservationRequest(
        owner_type=ORDER, owner_id=reservation.owner_id, request_id=an_id()
    )


def timestamp(time: datetime) -> Timestamp:
    proto = Timestamp()
    proto.FromDatetime(time)
    return proto


def ago(**duration: float) -> datetime:
    return datetime.now(UTC) - timedelta(**duration)
