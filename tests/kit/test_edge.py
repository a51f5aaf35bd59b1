"""What every RPC does: no detail of a bug goes out, time is passed on, callers are told apart."""

import asyncio
from collections.abc import Awaitable
from typing import TypeAlias

import grpc
import pytest
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from gotong.address.v1 import address_pb2
from gotong.address.v1.address_pb2_grpc import (
    AddressInternalServiceServicer,
    AddressInternalServiceStub,
    add_AddressInternalServiceServicer_to_server,
)
from services.kit.actor import Role
from services.kit.channel import NeighbourUnavailable, Refused, ask
from services.kit.errors import FailedPrecondition
from services.kit.rpc import Call
from tests.kit.tiny import Tiny, nothing
from tests.support import Realm, an_id, denied, invalid, neighbour, refused

Context: TypeAlias = (
    "grpc.aio.ServicerContext[address_pb2.GetAddressSnapshotRequest, "
    "Awaitable[address_pb2.AddressSnapshot]]"
)


class OutOfStock(FailedPrecondition):
    """A refusal like any."""


class Neighbour(AddressInternalServiceServicer):
    """Notes how long it may take, and refuses, breaks down or falls asleep on demand."""

    def __init__(self, mood: str = "") -> None:
        self.mood = mood
        self.time_left = 0.0

    async def GetAddressSnapshot(
        self,
        request: address_pb2.GetAddressSnapshotRequest,
        context: "Context",
    ) -> address_pb2.AddressSnapshot:
        self.time_left = context.time_remaining() or 0.0
        match self.mood:
            case "refuses":
                status = Status(code=code_pb2.NOT_FOUND, message="no")
                status.details.add().Pack(ErrorInfo(reason="NO_SUCH", metadata={"id": "7"}))
                await context.abort_with_status(rpc_status.to_status(status))
            case "sleeps":
                await asyncio.Event().wait()
            case "breaks":
                raise RuntimeError("secret")
            case "is away":
                await context.abort(grpc.StatusCode.UNAVAILABLE, "secret")
            case _:
                pass
        return address_pb2.AddressSnapshot()


async def asked_of(
    realm: Realm, service: Tiny, mood: str, *, seconds: float | None = None
) -> float:
    """The query asks a neighbour; answers with the time that the neighbour was given."""
    there = Neighbour(mood)
    servicer = (add_AddressInternalServiceServicer_to_server, there)
    async with neighbour(realm, "address", servicer) as address:
        channel = await service.app.connect("address", address)

        async def act(_: Call) -> None:
            stub = AddressInternalServiceStub(channel)
            request = address_pb2.GetAddressSnapshotRequest(address_id=an_id(), user_id=an_id())
            await ask(stub.GetAddressSnapshot, request)

        await service.query(act, seconds=seconds)
    return there.time_left


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("secret"),
        KeyError("secret"),
        AssertionError("secret"),
        Refused("SECRET", "secret", {"secret": "secret"}),
        ExceptionGroup("secret", [ValueError("secret")]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_of_a_bug_nothing_is_told(service: Tiny, error: Exception) -> None:
    async def act(_: Call) -> None:
        raise error

    for call in (service.query(act), service.command(act)):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await call
        assert refusal.value.code() is grpc.StatusCode.INTERNAL
        assert refusal.value.details() == "internal error"
        assert "secret" not in str(refusal.value.trailing_metadata())


async def test_a_refusal_comes_with_its_reason(service: Tiny) -> None:
    async def act(_: Call) -> None:
        raise OutOfStock("no batik left", sku="batik")

    with refused("OUT_OF_STOCK", sku="batik"):
        await service.command(act)


async def test_after_a_failure_the_service_goes_on(service: Tiny) -> None:
    async def act(_: Call) -> None:
        raise RuntimeError

    with denied(grpc.StatusCode.INTERNAL):
        await service.command(act)

    await service.command(nothing)


async def test_a_malformed_request_does_not_reach_the_work(service: Tiny) -> None:
    with invalid("order_id", "request_id"):
        await service.command(nothing, request_id="7")


async def test_the_work_knows_who_calls_and_what_time_it_is(service: Tiny) -> None:
    seen = []

    async def act(call: Call) -> None:
        seen.append((call.actor.roles, str(call.actor), call.now.utcoffset()))

    before = service.app.clock()
    await service.query(act)

    assert seen == [(frozenset({Role.SERVICE}), "service:address", before.utcoffset())]


async def test_a_neighbour_gets_the_time_that_is_left(realm: Realm, service: Tiny) -> None:
    assert 1.0 < await asked_of(realm, service, "", seconds=2.0) < 1.98


@pytest.mark.parametrize("seconds", [None, 60.0])
async def test_a_neighbour_never_gets_more_than_five_seconds(
    realm: Realm, service: Tiny, seconds: float | None
) -> None:
    assert 4.0 < await asked_of(realm, service, "", seconds=seconds) <= 5.0


async def test_the_answer_comes_before_the_time_is_up(realm: Realm, service: Tiny) -> None:
    with refused("NEIGHBOUR_UNAVAILABLE"):
        await asked_of(realm, service, "sleeps", seconds=1.0)


async def test_a_neighbour_that_is_away_is_no_bug(realm: Realm, service: Tiny) -> None:
    with refused("NEIGHBOUR_UNAVAILABLE"):
        await asked_of(realm, service, "is away")


@pytest.mark.parametrize("mood", ["breaks", "refuses"])
async def test_what_a_neighbour_says_is_not_passed_through(
    realm: Realm, service: Tiny, mood: str
) -> None:
    with denied(grpc.StatusCode.INTERNAL):
        await asked_of(realm, service, mood)


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [("refuses", "Refused"), ("is away", "NeighbourUnavailable"), ("breaks", "AioRpcError")],
)
async def test_what_a_neighbour_says_is_typed(realm: Realm, mood: str, outcome: str) -> None:
    servicer = (add_AddressInternalServiceServicer_to_server, Neighbour(mood))
    async with neighbour(realm, "address", servicer) as address:
        port = int(address.rpartition(":")[2])
        async with realm.channel(port, "address", own="address") as channel:
            stub = AddressInternalServiceStub(channel)
            with pytest.raises((Refused, NeighbourUnavailable, grpc.aio.AioRpcError)) as error:
                await ask(stub.GetAddressSnapshot, address_pb2.GetAddressSnapshotRequest())

    assert type(error.value).__name__ == outcome
    if isinstance(error.value, Refused):
        assert (error.value.reason, error.value.metadata) == ("NO_SUCH", {"id": "7"})
