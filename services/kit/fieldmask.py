"""How is a resource changed in part? AIP-134: the mask, or without one the fields that are set."""

from collections.abc import Collection
from typing import Protocol, TypeVar
from uuid import UUID

import protovalidate
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from services.kit.errors import Aborted, InvalidField

M = TypeVar("M", bound=Message)


class EtagMismatch(Aborted):
    """The update is based on a copy that is not the newest."""


class Versioned(Protocol):
    etag: str


def resource_id(id: str, field: str) -> UUID:
    """The id inside a resource that is to be updated, which no constraint has checked."""
    try:
        return UUID(id)
    except ValueError:
        raise InvalidField(field, "must be a valid UUID") from None


def merge(current: M, patch: M, mask: FieldMask, *, mutable: Collection[str]) -> M:
    """`current` with the masked fields of `patch`, valid as a whole.

    Raises InvalidField for a field that cannot be changed, ValidationError where the result is
    against the contract.
    """
    paths = list(mask.paths) or [
        field.name for field, _ in patch.ListFields() if field.name in mutable
    ]
    merged = type(current)()
    merged.CopyFrom(current)
    for path in paths:
        if path not in mutable:
            raise InvalidField("update_mask", f"{path} cannot be changed")
        merged.ClearField(path)
    FieldMask(paths=paths).MergeMessage(patch, merged, replace_message_field=True)
    protovalidate.validate(merged)
    return merged


def check_etag(sent: Versioned, current: Versioned) -> None:
    """Refuse an update based on an old copy; without an etag the last writer wins."""
    if sent.etag and sent.etag != current.etag:
        raise EtagMismatch("it was changed in the meantime; read it again", etag=current.etag)
