import asyncio

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import book_of, create_address, get_address, update_address
from tests.support import an_id, invalid, reason_of, refused


async def test_what_is_set_changes_and_the_rest_stays(buyer: AddressServiceStub) -> None:
    before = await buyer.CreateAddress(create_address(notes="Pagar hijau"))

    after = await buyer.UpdateAddress(update_address(before.id, label="Kantor"))

    assert (after.label, after.notes, after.street) == ("Kantor", "Pagar hijau", before.street)
    assert await buyer.GetAddress(get_address(before.id)) == after


async def test_a_field_in_the_mask_that_is_not_set_is_cleared(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address(notes="Pagar hijau"))

    after = await buyer.UpdateAddress(update_address(address.id, "notes", label="Kantor"))

    assert (after.notes, after.label) == ("", "Rumah")


async def test_coordinates_come_and_go_as_a_whole(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())
    place = pb.Coordinates(latitude=-6.24, longitude=106.8)
    request = update_address(address.id)
    request.address.coordinates.CopyFrom(place)

    assert (await buyer.UpdateAddress(request)).coordinates == place
    without = await buyer.UpdateAddress(update_address(address.id, "coordinates"))
    assert not without.HasField("coordinates")


async def test_moving_to_another_village_moves_the_area(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    moved = await buyer.UpdateAddress(
        update_address(address.id, village_code="35.04.01.1001", postal_code="66218")
    )

    assert moved.area_name == "Kauman, Tulungagung, Kabupaten Tulungagung, Jawa Timur"
    assert moved.is_default


async def test_the_postal_code_must_be_one_of_the_new_village(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    with refused("POSTAL_CODE_MISMATCH", suggestion="66218"):
        await buyer.UpdateAddress(update_address(address.id, village_code="35.04.01.1001"))


async def test_an_unknown_village_is_refused(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    with refused("UNKNOWN_AREA", village_code="31.74.07.9999"):
        await buyer.UpdateAddress(update_address(address.id, village_code="31.74.07.9999"))


async def test_a_number_that_cannot_be_called_is_refused(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    with refused("INVALID_PHONE_NUMBER"):
        await buyer.UpdateAddress(update_address(address.id, phone_number="021-5551234"))


async def test_somebody_elses_address_does_not_exist(addresses: Addresses) -> None:
    owner, stranger = await addresses.user(), await addresses.user()
    address = await owner.CreateAddress(create_address())

    with refused("ADDRESS_NOT_FOUND", address_id=address.id):
        await stranger.UpdateAddress(update_address(address.id, label="Mine"))

    assert await owner.GetAddress(get_address(address.id)) == address


async def test_what_the_service_writes_cannot_be_changed(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    with invalid("update_mask"):
        await buyer.UpdateAddress(update_address(address.id, "label", "is_default", label="Mine"))

    assert (await buyer.GetAddress(get_address(address.id))).label == "Rumah"


async def test_output_fields_without_a_mask_are_ignored(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    after = await buyer.UpdateAddress(
        update_address(address.id, label="Kantor", area_name="Elsewhere")
    )

    assert (after.label, after.area_name) == ("Kantor", address.area_name)


async def test_what_would_be_against_the_contract_is_refused_by_field(
    buyer: AddressServiceStub,
) -> None:
    address = await buyer.CreateAddress(create_address())

    with invalid("recipient_name"):
        await buyer.UpdateAddress(update_address(address.id, "recipient_name"))


async def test_an_address_without_an_id_is_refused_by_field(buyer: AddressServiceStub) -> None:
    with invalid("address.id"):
        await buyer.UpdateAddress(update_address("", label="Kantor"))


async def test_a_retry_returns_the_first_response(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())
    request = update_address(address.id, label="Kantor")

    first, *retries = await asyncio.gather(*(buyer.UpdateAddress(request) for _ in range(8)))
    await buyer.UpdateAddress(update_address(address.id, label="Gudang"))

    assert retries == [first] * 7
    assert await buyer.UpdateAddress(request) == first
    assert (await buyer.GetAddress(get_address(address.id))).label == "Gudang"


async def test_the_same_request_id_for_another_change_is_refused(buyer: AddressServiceStub) -> None:
    address, request_id = await buyer.CreateAddress(create_address()), an_id()
    await buyer.UpdateAddress(update_address(address.id, label="Kantor", request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.UpdateAddress(update_address(address.id, label="Toko", request_id=request_id))


async def test_racing_changes_of_different_fields_are_all_kept(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())
    changes = {"label": "Kantor", "notes": "Pagar hijau", "street": "Jalan Raya 1"}

    await asyncio.gather(
        *(
            buyer.UpdateAddress(update_address(address.id, field, **{field: value}))
            for field, value in changes.items()
        )
    )

    (after,) = await book_of(buyer)
    assert {field: getattr(after, field) for field in changes} == changes


async def test_a_change_that_races_a_deletion_never_brings_the_address_back(
    buyer: AddressServiceStub,
) -> None:
    address = await buyer.CreateAddress(create_address())
    delete = pb.DeleteAddressRequest(address_id=address.id, request_id=an_id())

    changed, _ = await asyncio.gather(
        buyer.UpdateAddress(update_address(address.id, label="Kantor")),
        buyer.DeleteAddress(delete),
        return_exceptions=True,
    )

    assert await book_of(buyer) == []
    if isinstance(changed, BaseException):
        assert reason_of(changed) == "ADDRESS_NOT_FOUND"
