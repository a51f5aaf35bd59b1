"""Whoever has addresses has one default, whatever happens to them at the same time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

import pytest

from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.requests import book_of, create_address, delete_address, set_default_address
from tests.support import reason_of

WAYS = pytest.mark.parametrize("ways", [8, 64])


async def watched(buyer: AddressServiceStub, calls: list[Awaitable[object]]) -> Counter[str]:
    """Makes the calls at once; all the while a look at the book shows one default or no address."""
    race = asyncio.gather(*calls, return_exceptions=True)
    while not race.done():
        assert_one_default([address.is_default for address in await book_of(buyer)])
    assert_one_default([address.is_default for address in await book_of(buyer)])
    return Counter(reason_of(o) for o in race.result() if isinstance(o, BaseException))


def assert_one_default(defaults: list[bool]) -> None:
    assert sum(defaults) == min(1, len(defaults)), defaults


@WAYS
async def test_of_addresses_that_race_one_is_the_default(
    buyer: AddressServiceStub, ways: int
) -> None:
    refusals = await watched(buyer, [buyer.CreateAddress(create_address()) for _ in range(ways)])

    room = min(ways, 50)
    assert len(await book_of(buyer)) == room
    assert refusals == Counter(ADDRESS_BOOK_FULL=ways - room)


@WAYS
async def test_choices_that_race_leave_one_default(buyer: AddressServiceStub, ways: int) -> None:
    made = [await buyer.CreateAddress(create_address()) for _ in range(8)]

    refusals = await watched(
        buyer,
        [buyer.SetDefaultAddress(set_default_address(made[i % 8].id)) for i in range(ways)],
    )

    assert refusals == Counter()
    assert len(await book_of(buyer)) == 8


@WAYS
async def test_while_addresses_go_one_stays_the_default(
    buyer: AddressServiceStub, ways: int
) -> None:
    made = [await buyer.CreateAddress(create_address()) for _ in range(min(ways, 50))]

    refusals = await watched(
        buyer,
        [buyer.DeleteAddress(delete_address(made[i % len(made)].id)) for i in range(1, ways)],
    )

    assert refusals == Counter(ADDRESS_NOT_FOUND=max(0, ways - 1 - len(made)))
    assert len(await book_of(buyer)) == (1 if ways == 8 else 0)


@WAYS
async def test_whatever_races_there_is_one_default(buyer: AddressServiceStub, ways: int) -> None:
    made = [await buyer.CreateAddress(create_address()) for _ in range(16)]
    rounds = range(ways // 4)
    calls: list[Awaitable[object]] = []
    for i in rounds:
        calls += [
            buyer.CreateAddress(create_address()),
            buyer.DeleteAddress(delete_address(made[i].id)),
            buyer.SetDefaultAddress(set_default_address(made[i].id)),
            buyer.SetDefaultAddress(set_default_address(made[-i].id)),
        ]

    refusals = await watched(buyer, calls)

    assert refusals.keys() <= {"ADDRESS_NOT_FOUND"}
    assert len(await book_of(buyer)) == 16
