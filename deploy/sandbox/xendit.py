"""Xendit's Invoices API, version 2, as a merchant calls it."""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.invoice_request import Refused, check
from deploy.sandbox.invoices import Invoice, Invoices, WrongState

Endpoint: TypeAlias = Callable[[Request], Coroutine[None, None, Response]]

_PAGE = 10
_TIMES: dict[str, Callable[[Invoice], datetime | None]] = {
    "created": lambda invoice: invoice.created,
    "paid": lambda invoice: invoice.payment.time if invoice.payment else None,
    "expired": lambda invoice: invoice.expiry,
}


def error(
    status: int, code: str, message: str, problems: list[dict[str, object]] | None = None
) -> JSONResponse:
    body: dict[str, object] = {"error_code": code, "message": message}
    if problems is not None:
        body["errors"] = problems
    return JSONResponse(body, status)


class XenditApi:
    def __init__(self, secret_key: str, invoices: Invoices) -> None:
        self._authorization = "Basic " + b64encode(f"{secret_key}:".encode()).decode()
        self._invoices = invoices

    def routes(self) -> list[Route]:
        # The SDK posts to the path with a slash at its end.
        create, find, expire = map(self._guarded, (self._create, self._find, self._expire))
        return [
            Route("/v2/invoices", create, methods=["POST"]),
            Route("/v2/invoices/", create, methods=["POST"]),
            Route("/v2/invoices", self._guarded(self._list), methods=["GET"]),
            Route("/v2/invoices/", self._guarded(self._list), methods=["GET"]),
            Route("/v2/invoices/{id}", find, methods=["GET"]),
            Route("/v2/invoices/{id}/", find, methods=["GET"]),
            Route("/invoices/{id}/expire!", expire, methods=["POST"]),
            Route("/invoices/{id}/expire!/", expire, methods=["POST"]),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not given.startswith("Basic "):
                return error(401, "INVALID_API_KEY", "API key format is invalid")
            if not secrets.compare_digest(given.encode(), self._authorization.encode()):
                message = "API key is not authorized for this API service"
                return error(401, "INVALID_API_KEY", message)
            try:
                return await endpoint(request)
            except Refused as refused:
                return error(400, refused.code, str(refused), refused.problems)

        return guarded

    async def _create(self, request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        return JSONResponse(self._invoices.create(check(body)).to_json())

    async def _find(self, request: Request) -> Response:
        if invoice := self._invoices.find(request.path_params["id"]):
            return JSONResponse(invoice.to_json())
        return _not_found()

    async def _expire(self, request: Request) -> Response:
        invoice = self._invoices.find(request.path_params["id"])
        if invoice is None:
            return _not_found()
        try:
            self._invoices.expire(invoice)
        except WrongState as wrong:
            # What Xendit answers here is not documented.
            raise Refused("API_VALIDATION_ERROR", str(wrong)) from None
        return JSONResponse(invoice.to_json())

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        if external_id := query.get("external_id"):
            found = self._invoices.list_by_external_id(external_id)
        else:
            found = self._invoices.list_all()
        return JSONResponse([invoice.to_json() for invoice in _select(found[::-1], query)])


def _not_found() -> JSONResponse:
    return error(404, "INVOICE_NOT_FOUND_ERROR", "Could not find the invoice")


def _select(newest_first: list[Invoice], query: QueryParams) -> list[Invoice]:
    """The filters a merchant reconciles with, then one page after `last_invoice`."""
    try:
        limit = max(1, int(float(query.get("limit", _PAGE))))
        bounds = {
            name: datetime.fromisoformat(query[name]).astimezone(UTC)
            for name in (f"{field}_{side}" for field in _TIMES for side in ("after", "before"))
            if name in query
        }
    except (ValueError, OverflowError) as wrong:
        raise Refused("API_VALIDATION_ERROR", str(wrong)) from None
    statuses = query.getlist("statuses") + query.getlist("statuses[]")
    chosen = [
        invoice
        for invoice in newest_first
        if (not statuses or invoice.status in statuses) and _within(invoice, bounds)
    ]
    ids = [invoice.id for invoice in chosen]
    last = query.get("last_invoice", "")
    start = ids.index(last) + 1 if last in ids else 0
    return chosen[start : start + limit]


def _within(invoice: Invoice, bounds: dict[str, datetime]) -> bool:
    for name, bound in bounds.items():
        field, side = name.split("_")
        time = _TIMES[field](invoice)
        if time is None or (time < bound if side == "after" else time > bound):
            return False
    return True
