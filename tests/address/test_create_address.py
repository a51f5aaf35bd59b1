import asyncio

import grpc
import pytest

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import create_address
from tests.support import an_id, denied, invalid, refused


async def test_an_address_is_stored_with_its_area(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    assert address.area_name == (
        "Melawai, Kebayoran Baru, Kota Administrasi Jakarta Selatan, DKI Jakarta"
    )


@pytest.mark.parametrize("written", ["0812-3456-7890", "6281234567890", "+62 812 3456 7890"])
async def test_a_phone_number_is_stored_as_e164(buyer: AddressServiceStub, written: str) -> None:
    address = await buyer.CreateAddress(create_address(phone_number=written))

    assert address.phone_number == "+6281234567890"


async def test_only_the_first_address_becomes_the_default(buyer: AddressServiceStub) -> None:
    first = await buyer.CreateAddress(create_address())
    second = await buyer.CreateAddress(create_address())

    assert [first.is_default, second.is_default] == [True, False]


async def test_a_number_that_cannot_be_called_is_refused(buyer: AddressServiceStub) -> None:
    with refused("INVALID_PHONE_NUMBER"):
        await buyer.CreateAddress(create_address(phone_number="08123"))


async def test_an_unknown_village_is_refused(buyer: AddressServiceStub) -> None:
    with refused("UNKNOWN_AREA", village_code="31.74.07.9999"):
        await buyer.CreateAddress(create_address(village_code="31.74.07.9999"))


async def test_a_postal_code_of_elsewhere_is_refused(buyer: AddressServiceStub) -> None:
    with refused("POSTAL_CODE_MISMATCH", postal_code="66218", suggestion="12160"):
        await buyer.CreateAddress(create_address(postal_code="66218"))


async def test_a_full_book_is_refused(buyer: AddressServiceStub) -> None:
    await asyncio.gather(*(buyer.CreateAddress(create_address()) for _ in range(50)))

    with refused("ADDRESS_BOOK_FULL", limit="50"):
        await buyer.CreateAddress(create_address())


async def test_a_malformed_address_is_refused_by_field(buyer: AddressServiceStub) -> None:
    with invalid("address.recipient_name", "address.postal_code"):
        await buyer.CreateAddress(create_address(recipient_name="", postal_code="123"))


async def test_a_retry_returns_the_first_address(buyer: AddressServiceStub) -> None:
    request = create_address()

    first, *retries = await asyncio.gather(*(buyer.CreateAddress(request) for _ in range(8)))

    assert retries == [first] * 7
    assert len((await buyer.ListAddresses(pb.ListAddressesRequest())).addresses) == 1


async def test_the_same_request_id_for_another_address_is_refused(
    buyer: AddressServiceStub,
) -> None:
    request_id = an_id()
    await buyer.CreateAddress(create_address(request_id=request_id))

    with refused("IDEMPOTENCY_KEY_REUSED"):
        await buyer.CreateAddress(create_address(request_id=request_id, label="Kantor"))


async def test_of_addresses_that_race_one_becomes_the_default(buyer: AddressServiceStub) -> None:
    addresses = await asyncio.gather(*(buyer.CreateAddress(create_address()) for _ in range(8)))

    assert sum(address.is_default for address in addresses) == 1


async def test_a_seller_has_no_address_book(addresses: Addresses) -> None:
    seller = await addresses.user(role="seller")

    with refused("ROLE_REQUIRED"):
        await seller.CreateAddress(create_address())


async def test_a_text_with_a_nul_character_is_refused(buyer: AddressServiceStub) -> None:
    with denied(grpc.StatusCode.INVALID_ARGUMENT):
        await buyer.CreateAddress(create_address(street="Jalan\0Melawai"))
