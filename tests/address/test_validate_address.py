from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.requests import book_of, create_address, validate_address
from tests.support import invalid, refused


async def test_it_says_what_would_be_stored_and_stores_nothing(buyer: AddressServiceStub) -> None:
    valid = await buyer.ValidateAddress(validate_address(phone_number="0812 3456 7890"))

    assert valid.phone_number == "+6281234567890"
    assert await book_of(buyer) == []


async def test_what_is_valid_is_stored_like_that(buyer: AddressServiceStub) -> None:
    valid = await buyer.ValidateAddress(validate_address(postal_code="12120"))

    stored = await buyer.CreateAddress(create_address(postal_code="12120"))

    for field in ("id", "is_default", "create_time", "update_time"):
        stored.ClearField(field)
    assert valid == stored


async def test_a_postal_code_of_elsewhere_is_refused_with_the_right_one(
    buyer: AddressServiceStub,
) -> None:
    with refused("POSTAL_CODE_MISMATCH", postal_code="66218", suggestion="12160"):
        await buyer.ValidateAddress(validate_address(postal_code="66218"))


async def test_an_unknown_village_is_refused(buyer: AddressServiceStub) -> None:
    with refused("UNKNOWN_AREA"):
        await buyer.ValidateAddress(validate_address(village_code="99.99.99.9999"))


async def test_a_number_that_cannot_be_called_is_refused(buyer: AddressServiceStub) -> None:
    with refused("INVALID_PHONE_NUMBER"):
        await buyer.ValidateAddress(validate_address(phone_number="1500888"))


async def test_a_malformed_address_is_refused_by_field(buyer: AddressServiceStub) -> None:
    with invalid("address.village_code"):
        await buyer.ValidateAddress(validate_address(village_code="Melawai"))
