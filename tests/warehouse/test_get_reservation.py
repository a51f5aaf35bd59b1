from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import an_id, refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import confirm, create_reservation


async def test_staff_read_a_reservation_as_it_is_now(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 1)
    created = await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))
    confirmed = await warehouse.order.ConfirmReservation(confirm(created))

    found = await warehouse.admin.GetReservation(
        pb.GetReservationRequest(reservation_id=created.id)
    )

    assert found == confirmed


async def test_an_unknown_reservation_is_not_found(warehouse: Warehouse) -> None:
    reservation_id = an_id()

    with refused("RESERVATION_NOT_FOUND", reservation_id=reservation_id):
        await warehouse.admin.GetReservation(
            pb.GetReservationRequest(reservation_id=reservation_id)
        )
