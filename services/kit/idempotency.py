"""What is remembered per request_id? The response, in the transaction that did the work.

A refusal is not remembered: it changed nothing, so asking again is safe and gets today's answer.
Refusals that no later state could change come from the request alone, and come again by themselves.
"""

import hashlib
from typing import Protocol, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    text,
)

from services.kit.actor import Actor
from services.kit.db import Timestamp, Tx, prepared
from services.kit.errors import AlreadyExists

R = TypeVar("R", bound=Message)

metadata = MetaData()

responses = Table(
    "responses",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("create_time", Timestamp, nullable=False, server_default=func.now(), index=True),
)


class IdempotencyKeyReused(AlreadyExists):
    """The request_id belongs to another request of the same caller."""


class Command(Protocol):
    """A request message that changes state."""

    request_id: str

    def SerializeToString(self, *, deterministic: bool = False) -> bytes: ...


_RECALL = prepared(
    select(responses.c.fingerprint, responses.c.response).where(
        responses.c.principal == bindparam("principal"),
        responses.c.request_id == bindparam("request_id"),
    )
)
_REMEMBER = prepared(
    text("""
        INSERT INTO responses (principal, request_id, fingerprint, response)
        VALUES (:principal, :request_id, :fingerprint, :response)
    """)
)


async def recall(tx: Tx, actor: Actor, request: Command, response_type: type[R]) -> R | None:
    """The response that this request got before, if any."""
    key = {"principal": str(actor), "request_id": UUID(request.request_id)}
    rows = await tx.fetch(_RECALL, key)
    if not rows:
        return None
    if rows[0].fingerprint != _fingerprint(request):
        raise IdempotencyKeyReused(
            "request_id belongs to a different request", request_id=request.request_id
        )
    return response_type.FromString(rows[0].response)


async def remember(tx: Tx, actor: Actor, request: Command, response: Message) -> None:
    parameters = {
        "principal": str(actor),
        "request_id": UUID(request.request_id),
        "fingerprint": _fingerprint(request),
        "response": response.SerializeToString(),
    }
    await tx.fetch(_REMEMBER, parameters)


def _fingerprint(request: Command) -> bytes:
    kind = f"{type(request).__module__}.{type(request).__qualname__} ".encode()
    return hashlib.sha256(kind + request.SerializeToString(deterministic=True)).digest()
