"""What Xendit refuses about a request for an invoice, in Xendit's own words."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from deploy.sandbox.channels import METHODS

Request: TypeAlias = dict[str, Any]
Problems: TypeAlias = list[dict[str, object]]
# What is wrong with a value, for people and for programs.
Complaint: TypeAlias = tuple[str, str]

_INVALID = "Invalid input data. Please check your request"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_METADATA_KEYS = 50
_NO_OBJECT: Complaint = ("must be an object", "object.base")
_MISSING: Complaint = ("is required", "any.required")


class Refused(Exception):
    """An answer of 400."""

    def __init__(self, code: str, message: str, problems: Problems | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    check: Callable[[object], Complaint | None]
    required: bool = False


def _text(value: object) -> Complaint | None:
    if not isinstance(value, str):
        return "must be a string", "string.base"
    return None if value else ("is not allowed to be empty", "any.empty")


def _number(value: object) -> Complaint | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number", "number.base"
    return None


def _whole(value: object) -> Complaint | None:
    """Also when it is written 100000.0, as the SDK does."""
    if isinstance(value, float) and not value.is_integer():
        return "must be an integer", "number.integer"
    return _number(value)


def _positive(value: object) -> Complaint | None:
    if isinstance(value, int | float) and value <= 0:
        return "must be a positive number", "number.positive"
    return _whole(value)


def _flag(value: object) -> Complaint | None:
    return None if isinstance(value, bool) else ("must be a boolean", "boolean.base")


def _object(value: object) -> Complaint | None:
    return None if isinstance(value, dict) else _NO_OBJECT


def _array(value: object) -> Complaint | None:
    return None if isinstance(value, list) else ("must be an array", "array.base")


def _texts(value: object) -> Complaint | None:
    if isinstance(value, list) and not all(isinstance(entry, str) for entry in value):
        return "must be an array of strings", "array.includes"
    return _array(value)


def _metadata(value: object) -> Complaint | None:
    if isinstance(value, dict) and len(value) > _METADATA_KEYS:
        return f"must have at most {_METADATA_KEYS} keys", "object.max"
    return _object(value)


_FIELDS = (
    _Field("external_id", _text, required=True),
    _Field("amount", _positive, required=True),
    *(_Field(n, _text) for n in ("payer_email", "description", "currency", "locale", "mid_label")),
    *(_Field(n, _text) for n in ("success_redirect_url", "failure_redirect_url")),
    *(_Field(n, _positive) for n in ("invoice_duration", "reminder_time")),
    *(_Field(n, _flag) for n in ("should_send_email", "should_authenticate_credit_card")),
    *(_Field(n, _object) for n in ("customer", "customer_notification_preference")),
    *(_Field(n, _array) for n in ("items", "fees")),
    _Field("payment_methods", _texts),
    _Field("metadata", _metadata),
)
_ITEM = (
    _Field("name", _text, required=True),
    _Field("price", _whole, required=True),
    _Field("quantity", _positive, required=True),
)
_FEE = (_Field("type", _text, required=True), _Field("value", _whole, required=True))


def check(body: object) -> Request:
    """The request as it was sent, if Xendit would take it."""
    if not isinstance(body, dict):
        raise Refused("API_VALIDATION_ERROR", _INVALID, [_problem((), _NO_OBJECT)])
    if problems := [*_problems((), body, _FIELDS), *_nested(body)]:
        raise Refused("API_VALIDATION_ERROR", _INVALID, problems)
    if body.get("currency", "IDR") != "IDR":
        raise Refused("UNSUPPORTED_CURRENCY", f"Currency {body['currency']} is not supported")
    if "payer_email" in body and not _EMAIL.fullmatch(body["payer_email"]):
        raise Refused("EMAIL_FORMAT_ERROR", "The payer email is not a valid email address")
    if unknown := [m for m in body.get("payment_methods", ()) if m not in METHODS]:
        raise Refused(
            "UNAVAILABLE_PAYMENT_METHOD_ERROR", f"The payment method {unknown[0]} is not available"
        )
    return body


def _nested(body: Request) -> Iterator[dict[str, object]]:
    for name, fields in (("items", _ITEM), ("fees", _FEE)):
        entries = body.get(name)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            yield from _problems((name, index), entry, fields)


def _problems(
    path: tuple[str | int, ...], body: object, fields: Iterable[_Field]
) -> Iterator[dict[str, object]]:
    if not isinstance(body, dict):
        yield _problem(path, _NO_OBJECT)
        return
    for field in fields:
        if field.name in body:
            complaint = field.check(body[field.name])
        else:
            complaint = _MISSING if field.required else None
        if complaint:
            yield _problem((*path, field.name), complaint)


def _problem(path: tuple[str | int, ...], complaint: Complaint) -> dict[str, object]:
    text, kind = complaint
    label = path[-1] if path else "value"
    return {
        "field": list(path),
        "location": "body",
        "messages": [f'"{label}" {text}'],
        "types": [kind],
    }
