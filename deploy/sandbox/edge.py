"""What happens to a provider's call before and after its API: faults, and Xendit's headers."""

import asyncio
import time

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.sandbox import xendit
from deploy.sandbox.faults import Fault, Faults, Kind
from deploy.sandbox.ids import new_uuid

# In the state of a request: a function that drops its connection.
ABORT = "abort"

_PREFIXES = {"/v2/": "xendit", "/invoices/": "xendit", "/v1/": "biteship"}
_LIMIT = 600
_WINDOW = 60
_TOO_MANY = 429
_SERVER_ERROR = 500


class Edge:
    """Counts calls for the headers but refuses none: a 429 is a fault that is asked for."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._window = 0
        self._calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        provider = _provider(scope["path"]) if scope["type"] == "http" else None
        if provider is None:
            await self._app(scope, receive, send)
            return
        if provider == "xendit":
            send = self._with_xendit_headers(send)
        fault = self._faults.take_for_call(provider, scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._spoilt(fault, scope, receive, send)

    async def _spoilt(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case Kind.DELAY:
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case Kind.RESET_BEFORE_PROCESSING:
                await _reset(scope, receive)
            case Kind.RESET_AFTER_PROCESSING:
                await self._app(scope, receive, _into_the_void)
                await _reset(scope, receive)
            case _:
                await _instead(fault)(scope, receive, send)

    def _with_xendit_headers(self, send: Send) -> Send:
        now = time.monotonic()
        window = int(now // _WINDOW)
        self._calls = self._calls + 1 if window == self._window else 1
        self._window = window
        remaining, reset = max(0, _LIMIT - self._calls), (window + 1) * _WINDOW - now

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Request-Id"] = str(new_uuid())
                headers["Rate-Limit-Limit"] = str(_LIMIT)
                limited = message["status"] == _TOO_MANY
                headers["Rate-Limit-Remaining"] = "0" if limited else str(remaining)
                headers["Rate-Limit-Reset"] = f"{reset:.3f}"
            await send(message)

        return stamped


def _provider(path: str) -> str | None:
    return next((name for prefix, name in _PREFIXES.items() if path.startswith(prefix)), None)


def _instead(fault: Fault) -> Response:
    """What is answered when the API is not even asked."""
    if fault.kind is Kind.GARBAGE:
        return HTMLResponse("<html><body>Bad gateway")
    too_many = fault.kind is Kind.STATUS_429
    status = _TOO_MANY if too_many else _SERVER_ERROR
    message = "Too many requests" if too_many else "An unexpected error occurred"
    if fault.provider == "xendit":
        return xendit.error(status, "RATE_LIMIT_EXCEEDED" if too_many else "SERVER_ERROR", message)
    # Biteship's codes for these are not documented.
    return JSONResponse({"success": False, "error": message}, status)


async def _into_the_void(_: Message) -> None:
    """An answer that the client never gets."""


async def _reset(scope: Scope, receive: Receive) -> None:
    scope["state"][ABORT]()
    while (await receive())["type"] != "http.disconnect":
        pass
