"""What does every RPC do besides its own work? @query and @command."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from itertools import count
from typing import Protocol, TypeVar, get_type_hints

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from services.kit.actor import Actor
from services.kit.clock import Clock
from services.kit.db import Database, Tx, retryable
from services.kit.edge import current_actor
from services.kit.idempotency import Command, recall, remember


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler knows besides its request."""

    tx: Tx
    actor: Actor
    now: datetime


class Servicer(Protocol):
    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


S = TypeVar("S", bound=Servicer)
Q = TypeVar("Q")
C = TypeVar("C", bound=Command)
R = TypeVar("R", bound=Message)

Work = Callable[[S, Q, Call], Awaitable[R]]
Rpc = Callable[[S, Q, "ServicerContext[Q, Awaitable[R]]"], Awaitable[R]]


def query(work: Work[S, Q, R]) -> Rpc[S, Q, R]:
    """An RPC that only reads: PostgreSQL refuses writes."""

    async def once(self: S, request: Q) -> R:
        async with self.db.reading() as tx:
            return await work(self, request, Call(tx, current_actor(), self.clock()))

    @wraps(work)
    async def rpc(self: S, request: Q, _: ServicerContext[Q, Awaitable[R]]) -> R:
        return await _until_done(lambda: once(self, request))

    return rpc


def command(work: Work[S, C, R]) -> Rpc[S, C, R]:
    """An RPC that changes state: one transaction, once per request_id of a caller.

    The response is remembered last, in the same transaction as the work, so there is no "in
    progress" state to recover from. A retry does the work again, loses on the primary key, rolls
    back and returns the first response, whether it races the original or comes later: only a
    retry pays for being one. Work that lost a serialization conflict, a deadlock or its connection
    is run again, at most three times: it is a function of the request and the rows, and what it
    asks of neighbours carries ids derived from the request.
    """
    response_type: type[R] = get_type_hints(work)["return"]

    async def once(self: S, actor: Actor, request: C) -> R:
        async with self.db.transaction() as tx:
            response = await work(self, request, Call(tx, actor, self.clock()))
            await remember(tx, actor, request, response)
            return response

    @wraps(work)
    async def rpc(self: S, request: C, _: ServicerContext[C, Awaitable[R]]) -> R:
        actor = current_actor()
        try:
            return await _until_done(lambda: once(self, actor, request))
        except Exception:
            if response := await _earlier(self.db, actor, request, response_type):
                return response
            raise

    return rpc


async def _until_done(work: Callable[[], Awaitable[R]]) -> R:
    """Run it again where the database lost it."""
    for attempt in count(1):
        try:
            return await work()
        except Exception as error:
            if not retryable(error, attempt):
                raise
    raise AssertionError


async def _earlier(
    db: Database, actor: Actor, request: Command, response_type: type[R]
) -> R | None:
    async with db.reading() as tx:
        return await recall(tx, actor, request, response_type)
