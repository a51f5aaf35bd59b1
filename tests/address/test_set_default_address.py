import asyncio

from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import book_of, create_address, set_default_address
from tests.support import refused


async def test_the_new_default_takes_the_place_of_the_old(buyer: AddressServiceStub) -> None:
    _, second = [await buyer.CreateAddress(create_address()) for _ in range(2)]

    answer = await buyer.SetDefaultAddress(set_default_address(second.id))

    assert answer.is_default
    assert [a.id for a in await book_of(buyer) if a.is_default] == [second.id]


async def test_the_default_may_be_chosen_again(buyer: AddressServiceStub) -> None:
    only = await buyer.CreateAddress(create_address())

    assert (await buyer.SetDefaultAddress(set_default_address(only.id))).is_default
    assert [a.is_default for a in await book_of(buyer)] == [True]


async def test_somebody_elses_address_does_not_exist(addresses: Addresses) -> None:
    owner, stranger = await addresses.user(), await addresses.user()
    address = await owner.CreateAddress(create_address())
    own = await stranger.CreateAddress(create_address())

    with refused("ADDRESS_NOT_FOUND", address_id=address.id):
        await stranger.SetDefaultAddress(set_default_address(address.id))

    assert await book_of(stranger) == [own]


async def test_a_retry_does_not_take_the_default_back(buyer: AddressServiceStub) -> None:
    first, second = [await buyer.CreateAddress(create_address()) for _ in range(2)]
    request = set_default_address(second.id)

    answer, *retries = await asyncio.gather(*(buyer.SetDefaultAddress(request) for _ in range(8)))
    await buyer.SetDefaultAddress(set_default_address(first.id))

    assert retries == [answer] * 7
    assert await buyer.SetDefaultAddress(request) == answer
    assert [a.id for a in await book_of(buyer) if a.is_default] == [first.id]
