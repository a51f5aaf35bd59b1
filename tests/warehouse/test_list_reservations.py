from gotong.warehouse.v1 import warehouse_pb2 as pb
from tests.support import refused
from tests.warehouse.conftest import Warehouse
from tests.warehouse.requests import confirm, create_reservation, release


async def test_reservations_are_listed_newest_first_by_page(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    first, second, third = [
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))
        for _ in range(3)
    ]

    page = await warehouse.admin.ListReservations(pb.ListReservationsRequest(page_size=2))
    rest = await warehouse.admin.ListReservations(
        pb.ListReservationsRequest(page_size=1, page_token=page.next_page_token)
    )

    assert [*page.reservations, *rest.reservations] == [third, second, first]


async def test_reservations_are_found_by_state(warehouse: Warehouse, location: pb.Location) -> None:
    variant_id = await warehouse.stock(location, 10)
    active, other, third = [
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))
        for _ in range(3)
    ]
    confirmed = await warehouse.order.ConfirmReservation(confirm(other))
    await warehouse.order.ReleaseReservation(release(third))

    states = [pb.Reservation.STATE_ACTIVE, pb.Reservation.STATE_CONFIRMED]
    found = await warehouse.admin.ListReservations(
        pb.ListReservationsRequest(states=states, page_size=2)
    )

    assert list(found.reservations) == [confirmed, active]


async def test_the_reservation_of_an_order_is_found(
    warehouse: Warehouse, location: pb.Location
) -> None:
    variant_id = await warehouse.stock(location, 10)
    wanted, _ = [
        await warehouse.order.CreateReservation(create_reservation(location, {variant_id: 1}))
        for _ in range(2)
    ]

    found = await warehouse.admin.ListReservations(
        pb.ListReservationsRequest(owner_id=wanted.owner_id)
    )

    assert list(found.reservations) == [wanted]


async def test_a_token_that_no_list_gave_out_is_refused(warehouse: Warehouse) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await warehouse.admin.ListReservations(pb.ListReservationsRequest(page_token="bogus"))
