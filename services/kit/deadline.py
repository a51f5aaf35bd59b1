"""How long may we still take? What is left of the caller's time, less a margin to answer."""

import time
from contextvars import ContextVar

_MARGIN = 0.05
_DEFAULT = 5.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def start_deadline(seconds: float | None) -> None:
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def time_left(at_most: float = _DEFAULT) -> float:
    """Seconds that a call to somebody else may take."""
    deadline = _deadline.get()
    if deadline is None:
        return at_most
    return max(0.0, min(at_most, deadline - time.monotonic() - _MARGIN))
