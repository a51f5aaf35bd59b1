"""Which google.rpc.Status does an exception become?"""

import protovalidate
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.kit import errors
from services.kit.db import is_lost, sqlstate

_CODES: dict[type[errors.ServiceError], int] = {
    errors.InvalidArgument: code_pb2.INVALID_ARGUMENT,
    errors.Unauthenticated: code_pb2.UNAUTHENTICATED,
    errors.PermissionDenied: code_pb2.PERMISSION_DENIED,
    errors.NotFound: code_pb2.NOT_FOUND,
    errors.AlreadyExists: code_pb2.ALREADY_EXISTS,
    errors.FailedPrecondition: code_pb2.FAILED_PRECONDITION,
    errors.Aborted: code_pb2.ABORTED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
}
_KINDS = tuple(_CODES)  # a refusal of no kind is a bug

_NUL_IN_TEXT = "22021"
# No connection, a conflict or deadlock lost too often, too much to do, a lock waited for too long.
_LATER = ("08", "40001", "40P01", "53", "55P03", "57")


def status_of(error: Exception, domain: str) -> Status:
    """The status to answer with; INTERNAL without a word of detail for what is a bug of ours."""
    match error:
        case protovalidate.ValidationError():
            return _invalid({_path(v): v.proto.message for v in error.violations})
        case errors.InvalidField():
            return _invalid({error.field: error.description})
        case errors.ServiceError() if isinstance(error, _KINDS):
            return _refused(error, domain)
        case _ if sqlstate(error) == _NUL_IN_TEXT:
            return _invalid({"": "text must not contain the NUL character"})
        case _ if isinstance(error, PoolTimeout) or is_lost(error) or _is_later(error):
            return Status(code=code_pb2.UNAVAILABLE, message="try again later")
        case OSError():
            return Status(code=code_pb2.UNAVAILABLE, message="try again later")
        case _:
            return Status(code=code_pb2.INTERNAL, message="internal error")


def reason_of(status: Status) -> str:
    info = ErrorInfo()
    return info.reason if any(detail.Unpack(info) for detail in status.details) else ""


def _is_later(error: Exception) -> bool:
    return sqlstate(error).startswith(_LATER)


def _refused(error: errors.ServiceError, domain: str) -> Status:
    code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
    info = ErrorInfo(reason=error.reason(), domain=domain, metadata=error.metadata)
    return Status(code=code, message=str(error), details=[_pack(info)])


def _invalid(violations: dict[str, str]) -> Status:
    fields = [
        BadRequest.FieldViolation(field=field, description=description)
        for field, description in violations.items()
    ]
    return Status(
        code=code_pb2.INVALID_ARGUMENT,
        message="; ".join(f"{f}: {d}" if f else d for f, d in violations.items()),
        details=[_pack(BadRequest(field_violations=fields))],
    )


def _path(violation: protovalidate.Violation) -> str:
    field = violation.proto.field
    return ".".join(element.field_name for element in field.elements) if field else ""


def _pack(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
