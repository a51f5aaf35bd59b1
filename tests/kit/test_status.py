import protovalidate
import pytest
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gotong.address.v1.address_pb2 import CreateAddressRequest
from services.kit import errors
from services.kit.channel import Refused
from services.kit.status import reason_of, status_of


class OutOfStock(errors.FailedPrecondition):
    """A refusal like any."""


class BatikOutOfStock(OutOfStock):
    """A refusal of a refusal."""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InvalidArgument, code_pb2.INVALID_ARGUMENT),
        (errors.Unauthenticated, code_pb2.UNAUTHENTICATED),
        (errors.PermissionDenied, code_pb2.PERMISSION_DENIED),
        (errors.NotFound, code_pb2.NOT_FOUND),
        (errors.AlreadyExists, code_pb2.ALREADY_EXISTS),
        (errors.FailedPrecondition, code_pb2.FAILED_PRECONDITION),
        (errors.Aborted, code_pb2.ABORTED),
        (errors.Unavailable, code_pb2.UNAVAILABLE),
        (OutOfStock, code_pb2.FAILED_PRECONDITION),
        (BatikOutOfStock, code_pb2.FAILED_PRECONDITION),
    ],
)
def test_the_kind_of_a_refusal_is_its_code(kind: type[errors.ServiceError], code: int) -> None:
    assert status_of(kind("no"), "order").code == code


def test_a_refusal_says_why_in_words_and_for_machines() -> None:
    status = status_of(OutOfStock("no batik left", sku="batik"), "order")

    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert status.message == "no batik left"
    assert info == ErrorInfo(reason="OUT_OF_STOCK", domain="order", metadata={"sku": "batik"})
    assert reason_of(status) == "OUT_OF_STOCK"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("postgresql://user:secret@host"),
        KeyError("secret"),
        AssertionError("secret"),
        Refused("SECRET", "secret", {"secret": "secret"}),
        errors.ServiceError("secret"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_of_ours_is_told_without_a_word_of_detail(error: Exception) -> None:
    assert status_of(error, "order") == Status(code=code_pb2.INTERNAL, message="internal error")


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError("secret"), TimeoutError("secret"), PoolTimeout("secret")],
    ids=lambda error: type(error).__name__,
)
def test_what_may_work_later_is_unavailable(error: Exception) -> None:
    assert status_of(error, "order") == Status(code=code_pb2.UNAVAILABLE, message="try again later")


def test_bad_input_is_told_by_field() -> None:
    request = CreateAddressRequest(request_id="7")
    with pytest.raises(protovalidate.ValidationError) as error:
        protovalidate.validate(request)

    status = status_of(error.value, "address")

    assert status.code == code_pb2.INVALID_ARGUMENT
    assert [v.field for v in bad_request(status).field_violations] == ["address", "request_id"]
    assert reason_of(status) == ""


def test_a_field_that_only_the_code_can_judge_is_told_alike() -> None:
    status = status_of(errors.InvalidField("update_mask", "id cannot be changed"), "address")

    assert bad_request(status) == BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field="update_mask", description="id cannot be changed")
        ]
    )


def bad_request(status: Status) -> BadRequest:
    bad = BadRequest()
    assert status.details[0].Unpack(bad)
    return bad
