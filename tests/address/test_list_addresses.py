import asyncio
from itertools import chain

import pytest

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import book_of, create_address
from tests.support import invalid, refused


async def walk(buyer: AddressServiceStub, page_size: int) -> list[list[str]]:
    """The ids of all pages."""
    request = pb.ListAddressesRequest(page_size=page_size)
    pages = []
    while True:
        response = await buyer.ListAddresses(request)
        pages.append([address.id for address in response.addresses])
        if not response.next_page_token:
            return pages
        request.page_token = response.next_page_token


async def test_the_newest_address_comes_first(buyer: AddressServiceStub) -> None:
    made = [await buyer.CreateAddress(create_address()) for _ in range(3)]

    assert [address.id for address in await book_of(buyer)] == [a.id for a in reversed(made)]


async def test_an_empty_book_is_one_empty_page(buyer: AddressServiceStub) -> None:
    assert await walk(buyer, 2) == [[]]


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 6, 7, 8, 100])
async def test_every_address_is_on_one_page_whatever_its_size(
    buyer: AddressServiceStub, page_size: int
) -> None:
    made = await asyncio.gather(*(buyer.CreateAddress(create_address()) for _ in range(7)))

    pages = await walk(buyer, page_size)

    assert sorted(chain.from_iterable(pages)) == sorted(address.id for address in made)
    assert {len(page) for page in pages[:-1]} <= {page_size}


async def test_without_a_page_size_a_page_has_twenty(buyer: AddressServiceStub) -> None:
    await asyncio.gather(*(buyer.CreateAddress(create_address()) for _ in range(21)))

    assert [len(page) for page in await walk(buyer, 0)] == [20, 1]


async def test_a_page_goes_on_after_its_last_address_was_deleted(buyer: AddressServiceStub) -> None:
    old, middle, new = [await buyer.CreateAddress(create_address()) for _ in range(3)]
    page = await buyer.ListAddresses(pb.ListAddressesRequest(page_size=2))
    await buyer.DeleteAddress(pb.DeleteAddressRequest(address_id=middle.id, request_id=new.id))

    rest = await buyer.ListAddresses(pb.ListAddressesRequest(page_token=page.next_page_token))

    assert [address.id for address in rest.addresses] == [old.id]


async def test_nobody_elses_addresses_are_listed(addresses: Addresses) -> None:
    owner, stranger = await addresses.user(), await addresses.user()
    await owner.CreateAddress(create_address())

    assert await book_of(stranger) == []


@pytest.mark.parametrize("token", ["!!!!", "7", "zzzz", "bm8=", "AAAA"])
async def test_a_token_that_no_list_gave_out_is_refused(
    buyer: AddressServiceStub, token: str
) -> None:
    with refused("INVALID_PAGE_TOKEN"):
        await buyer.ListAddresses(pb.ListAddressesRequest(page_token=token))


@pytest.mark.parametrize("page_size", [-1, 101])
async def test_a_page_of_no_size_is_refused(buyer: AddressServiceStub, page_size: int) -> None:
    with invalid("page_size"):
        await buyer.ListAddresses(pb.ListAddressesRequest(page_size=page_size))
