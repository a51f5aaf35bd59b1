from gotong.address.v1 import address_pb2 as pb
from tests.address.conftest import Addresses
from tests.address.requests import create_address, delete_address, update_address
from tests.support import an_id, refused


def snapshot_of(address_id: str, user_id: str) -> pb.GetAddressSnapshotRequest:
    return pb.GetAddressSnapshotRequest(address_id=address_id, user_id=user_id)


async def test_a_snapshot_is_complete_in_itself(addresses: Addresses) -> None:
    user_id = an_id()
    buyer, service = await addresses.user(sub=user_id), await addresses.service("address")
    address = await buyer.CreateAddress(create_address(notes="Pagar hijau"))

    assert await service.GetAddressSnapshot(snapshot_of(address.id, user_id)) == pb.AddressSnapshot(
        address_id=address.id,
        recipient_name="Sari",
        phone_number="+6281234567890",
        street="Jalan Melawai 5",
        notes="Pagar hijau",
        village_code="31.74.07.1001",
        village_name="Melawai",
        district_name="Kebayoran Baru",
        regency_name="Kota Administrasi Jakarta Selatan",
        province_name="DKI Jakarta",
        postal_code="12160",
    )


async def test_it_shows_the_address_as_it_is_now(addresses: Addresses) -> None:
    user_id = an_id()
    buyer, service = await addresses.user(sub=user_id), await addresses.service("address")
    address = await buyer.CreateAddress(create_address())
    await buyer.UpdateAddress(update_address(address.id, street="Jalan Raya 1"))

    snapshot = await service.GetAddressSnapshot(snapshot_of(address.id, user_id))

    assert snapshot.street == "Jalan Raya 1"


async def test_an_address_of_somebody_else_does_not_exist(addresses: Addresses) -> None:
    buyer, service = await addresses.user(), await addresses.service("address")
    address = await buyer.CreateAddress(create_address())

    with refused("ADDRESS_NOT_FOUND", address_id=address.id):
        await service.GetAddressSnapshot(snapshot_of(address.id, an_id()))


async def test_a_deleted_address_does_not_exist(addresses: Addresses) -> None:
    user_id = an_id()
    buyer, service = await addresses.user(sub=user_id), await addresses.service("address")
    address = await buyer.CreateAddress(create_address())
    await buyer.DeleteAddress(delete_address(address.id))

    with refused("ADDRESS_NOT_FOUND"):
        await service.GetAddressSnapshot(snapshot_of(address.id, user_id))
