"""A request_id of a caller is one effect and one answer."""

import asyncio

import pytest

from gotong.address.v1 import address_pb2 as pb
from services.kit import actor
from services.kit.actor import Actor, Role
from services.kit.db import Database
from services.kit.errors import FailedPrecondition
from services.kit.idempotency import IdempotencyKeyReused, recall, remember
from services.kit.rpc import Call
from tests.kit.tiny import Tiny, add_one
from tests.support import an_id, refused

ORDER = actor.service("order")


class OutOfStock(FailedPrecondition):
    """A refusal like any."""


@pytest.mark.parametrize("ways", [8, 64])
async def test_a_racing_retry_has_no_effect_of_its_own(service: Tiny, ways: int) -> None:
    name, request_id = an_id(), an_id()

    answers = await asyncio.gather(
        *(
            service.command(lambda call: add_one(call, name), request_id=request_id)
            for _ in range(ways)
        )
    )

    assert len(answers) == ways
    assert await service.count(name) == 1


async def test_a_late_retry_does_nothing(service: Tiny) -> None:
    name, request_id = an_id(), an_id()

    for _ in range(3):
        await service.command(lambda call: add_one(call, name), request_id=request_id)

    assert await service.count(name) == 1


async def test_a_refusal_is_not_remembered(service: Tiny) -> None:
    name, request_id = an_id(), an_id()

    async def refuse(call: Call) -> None:
        await add_one(call, name)
        raise OutOfStock("come back later")

    with refused("OUT_OF_STOCK"):
        await service.command(refuse, request_id=request_id)
    await service.command(lambda call: add_one(call, name), request_id=request_id)

    assert await service.count(name) == 1


async def test_an_answer_comes_back_as_it_was(db: Database) -> None:
    request, response = pb.DeleteAddressRequest(request_id=an_id()), pb.Address(label="Rumah")

    await store(db, ORDER, request, response)

    assert await find(db, ORDER, request) == response


async def test_a_new_request_has_no_answer_yet(db: Database) -> None:
    assert await find(db, ORDER, pb.DeleteAddressRequest(request_id=an_id())) is None


async def test_an_empty_answer_is_an_answer(db: Database) -> None:
    request = pb.DeleteAddressRequest(request_id=an_id())

    await store(db, ORDER, request, pb.Address())

    assert await find(db, ORDER, request) == pb.Address()


@pytest.mark.parametrize(
    "other", [actor.service("payment"), Actor(frozenset({Role.BUYER}), "order")], ids=str
)
async def test_the_request_ids_of_callers_are_their_own(db: Database, other: Actor) -> None:
    request = pb.DeleteAddressRequest(request_id=an_id())

    await store(db, ORDER, request, pb.Address(label="order's"))

    assert await find(db, other, request) is None


async def test_another_body_is_another_request(db: Database) -> None:
    request = pb.DeleteAddressRequest(request_id=an_id(), address_id=an_id())
    await store(db, ORDER, request, pb.Address())
    request.address_id = an_id()

    with pytest.raises(IdempotencyKeyReused):
        await find(db, ORDER, request)


async def test_another_rpc_is_another_request(db: Database) -> None:
    fields = {"request_id": an_id(), "address_id": an_id()}
    await store(db, ORDER, pb.DeleteAddressRequest(**fields), pb.Address())

    with pytest.raises(IdempotencyKeyReused):
        await find(db, ORDER, pb.SetDefaultAddressRequest(**fields))


Request = pb.DeleteAddressRequest | pb.SetDefaultAddressRequest


async def store(db: Database, actor: Actor, request: Request, response: pb.Address) -> None:
    async with db.transaction() as tx:
        await remember(tx, actor, request, response)


async def find(db: Database, actor: Actor, request: Request) -> pb.Address | None:
    async with db.reading() as tx:
        return await recall(tx, actor, request, pb.Address)
