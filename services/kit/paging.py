"""What is a page? Keyset pages: a token is the key of the last row on the page, made opaque."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from services.kit.errors import InvalidArgument

_DEFAULT_SIZE = 20
_LAST_ID = UUID(int=2**128 - 1)
_LAST_NUMBER = 2**63 - 1
_NOT_OURS = "page_token was not issued by this list"

T = TypeVar("T")


class InvalidPageToken(InvalidArgument):
    """A page token that no list gave out."""


class ListRequest(Protocol):
    @property
    def page_size(self) -> int: ...
    @property
    def page_token(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows to read: those after a key, one more than `size` to know if there are others."""

    size: int
    after: str

    @classmethod
    def of(cls, request: ListRequest) -> "Window":
        return cls(request.page_size or _DEFAULT_SIZE, _decode(request.page_token))

    @property
    def limit(self) -> int:
        return self.size + 1

    @property
    def before_id(self) -> UUID:
        """For lists of newest first."""
        return self._id(_LAST_ID)

    @property
    def after_id(self) -> UUID:
        """For lists of oldest first."""
        return self._id(UUID(int=0))

    @property
    def after_number(self) -> int:
        """For lists by a whole number; -1 before the first."""
        try:
            number = int(self.after) if self.after else -1
        except ValueError as error:
            raise InvalidPageToken(_NOT_OURS) from error
        if not -1 <= number <= _LAST_NUMBER:
            raise InvalidPageToken(_NOT_OURS)
        return number

    def page(self, rows: Sequence[T], key: Callable[[T], object]) -> tuple[Sequence[T], str]:
        """The rows of this page and the token of the next, empty after the last."""
        if len(rows) <= self.size:
            return rows, ""
        page = rows[: self.size]
        return page, _encode(str(key(page[-1])))

    def _id(self, first: UUID) -> UUID:
        try:
            return UUID(self.after) if self.after else first
        except ValueError as error:
            raise InvalidPageToken(_NOT_OURS) from error


def _encode(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode()


def _decode(token: str) -> str:
    """Only what _encode made: the decoder skips what it does not know, down to the first page."""
    try:
        key = urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise InvalidPageToken(_NOT_OURS) from error
    if _encode(key) != token or "\0" in key:
        raise InvalidPageToken(_NOT_OURS)
    return key
