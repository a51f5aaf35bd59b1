import asyncio
from collections import Counter

from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import book_of, create_address, delete_address, get_address
from tests.support import an_id, reason_of, refused


async def test_a_deleted_address_is_gone(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    await buyer.DeleteAddress(delete_address(address.id))

    with refused("ADDRESS_NOT_FOUND"):
        await buyer.GetAddress(get_address(address.id))


async def test_the_newest_other_address_inherits_the_default(buyer: AddressServiceStub) -> None:
    default, _, newest = [await buyer.CreateAddress(create_address()) for _ in range(3)]

    await buyer.DeleteAddress(delete_address(default.id))

    assert [address.id for address in await book_of(buyer) if address.is_default] == [newest.id]


async def test_deleting_another_address_leaves_the_default(buyer: AddressServiceStub) -> None:
    default, other, _ = [await buyer.CreateAddress(create_address()) for _ in range(3)]

    await buyer.DeleteAddress(delete_address(other.id))

    assert [address.id for address in await book_of(buyer) if address.is_default] == [default.id]


async def test_after_the_last_one_the_next_address_is_the_default_again(
    buyer: AddressServiceStub,
) -> None:
    only = await buyer.CreateAddress(create_address())
    await buyer.DeleteAddress(delete_address(only.id))

    assert (await buyer.CreateAddress(create_address())).is_default


async def test_somebody_elses_address_does_not_exist(addresses: Addresses) -> None:
    owner, stranger = await addresses.user(), await addresses.user()
    address = await owner.CreateAddress(create_address())

    with refused("ADDRESS_NOT_FOUND", address_id=address.id):
        await stranger.DeleteAddress(delete_address(address.id))

    assert await book_of(owner) == [address]


async def test_staff_delete_nobodys_address(addresses: Addresses) -> None:
    staff = await addresses.user(role="admin")

    with refused("ROLE_REQUIRED"):
        await staff.DeleteAddress(delete_address(an_id()))


async def test_a_retry_gets_the_first_answer(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())
    request = delete_address(address.id)

    answers = await asyncio.gather(*(buyer.DeleteAddress(request) for _ in range(8)))

    assert len(answers) == 8
    assert await buyer.DeleteAddress(request) == answers[0]


async def test_of_rivals_that_delete_one_address_one_wins(buyer: AddressServiceStub) -> None:
    address = await buyer.CreateAddress(create_address())

    outcomes = await asyncio.gather(
        *(buyer.DeleteAddress(delete_address(address.id)) for _ in range(8)),
        return_exceptions=True,
    )

    refusals = [reason_of(o) for o in outcomes if isinstance(o, BaseException)]
    assert Counter(refusals) == {"ADDRESS_NOT_FOUND": 7}
