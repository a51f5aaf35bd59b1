import pytest

from gotong.address.v1 import address_pb2 as pb
from tests.address.conftest import Addresses
from tests.support import invalid, refused


@pytest.mark.parametrize(
    ("postal_code", "names"),
    [
        ("12110", ["Selong"]),
        ("12160", ["Melawai", "Pulo"]),
        ("80361", ["Kuta", "Legian", "Seminyak", "Tuban", "Kedonganan"]),
    ],
)
async def test_a_postal_code_may_cover_several_villages(
    addresses: Addresses, postal_code: str, names: list[str]
) -> None:
    nobody = await addresses.bearer("")

    found = await nobody.LookupPostalCode(pb.LookupPostalCodeRequest(postal_code=postal_code))

    assert [village.name for village in found.villages] == names
    assert {village.postal_code for village in found.villages} == {postal_code}


async def test_a_postal_code_of_nowhere_is_refused(addresses: Addresses) -> None:
    nobody = await addresses.bearer("")

    with refused("POSTAL_CODE_NOT_FOUND", postal_code="99999"):
        await nobody.LookupPostalCode(pb.LookupPostalCodeRequest(postal_code="99999"))


async def test_what_is_no_postal_code_is_refused_by_field(addresses: Addresses) -> None:
    nobody = await addresses.bearer("")

    with invalid("postal_code"):
        await nobody.LookupPostalCode(pb.LookupPostalCodeRequest(postal_code="1216"))
