import pytest

from tests.address.conftest import Addresses
from tests.address.requests import create_address, get_address
from tests.support import an_id, invalid, refused


async def test_an_address_is_read_as_it_was_stored(addresses: Addresses) -> None:
    buyer = await addresses.user()
    stored = await buyer.CreateAddress(create_address())

    assert await buyer.GetAddress(get_address(stored.id)) == stored


async def test_somebody_elses_address_does_not_exist(addresses: Addresses) -> None:
    owner, stranger = await addresses.user(), await addresses.user()
    address = await owner.CreateAddress(create_address())

    with refused("ADDRESS_NOT_FOUND", address_id=address.id):
        await stranger.GetAddress(get_address(address.id))


@pytest.mark.parametrize("role", ["admin", "ops"])
async def test_staff_read_anybodys_address(addresses: Addresses, role: str) -> None:
    owner, staff = await addresses.user(), await addresses.user(role=role)
    address = await owner.CreateAddress(create_address())

    assert await staff.GetAddress(get_address(address.id)) == address


async def test_an_unknown_address_is_refused_to_staff_as_well(addresses: Addresses) -> None:
    staff = await addresses.user(role="admin")

    with refused("ADDRESS_NOT_FOUND"):
        await staff.GetAddress(get_address(an_id()))


async def test_an_id_that_is_none_is_refused_by_field(addresses: Addresses) -> None:
    buyer = await addresses.user()

    with invalid("address_id"):
        await buyer.GetAddress(get_address("7"))
