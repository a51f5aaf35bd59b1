"""What tests and people can do to the sandbox that no provider would let them."""

import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeAlias

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.faults import Fault, Faults
from deploy.sandbox.invoices import Invoice, Invoices, Status, WrongState
from deploy.sandbox.webhooks import Webhooks

Body: TypeAlias = dict[str, object]
Endpoint: TypeAlias = Callable[[Request], Coroutine[None, None, Response]]

_MOST_REPEATS = 1_000


class Control:
    def __init__(self, invoices: Invoices, webhooks: Webhooks, faults: Faults) -> None:
        self._invoices = invoices
        self._webhooks = webhooks
        self._faults = faults

    def routes(self) -> list[Route]:
        invoice = "/__sandbox__/xendit/invoices/{id}"
        return [
            Route("/__sandbox__/xendit/invoices", self._list, methods=["GET"]),
            Route(f"{invoice}/pay", self._on_invoice(self._pay), methods=["POST"]),
            Route(f"{invoice}/expire", self._on_invoice(self._expire), methods=["POST"]),
            Route(f"{invoice}/settle", self._on_invoice(self._settle), methods=["POST"]),
            Route(f"{invoice}/notify", self._on_invoice(self._notify), methods=["POST"]),
            Route("/__sandbox__/deliveries", self._deliveries, methods=["GET"]),
            Route("/__sandbox__/webhooks", _checked(self._set_webhook), methods=["POST"]),
            Route("/__sandbox__/faults", _checked(self._add_fault), methods=["POST"]),
            Route("/__sandbox__/faults", self._clear_faults, methods=["DELETE"]),
        ]

    def _on_invoice(self, act: Callable[[Invoice, Body], Body]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            body = await _body(request)
            invoice = self._invoices.find(request.path_params["id"])
            if invoice is None:
                return JSONResponse({"error": "no such invoice"}, 404)
            try:
                return JSONResponse(act(invoice, body))
            except WrongState as wrong:
                return JSONResponse({"error": str(wrong)}, 409)

        return _checked(endpoint)

    def _pay(self, invoice: Invoice, body: Body) -> Body:
        amount = _whole(body.get("amount", invoice.amount))
        channel, method = _text(body, "payment_channel"), _text(body, "payment_method")
        self._invoices.pay(invoice, amount, channel, method)
        if body.get("notify", True):
            self._invoices.announce(invoice)
        return invoice.to_json()

    def _expire(self, invoice: Invoice, _: Body) -> Body:
        self._invoices.expire(invoice)
        return invoice.to_json()

    def _settle(self, invoice: Invoice, _: Body) -> Body:
        self._invoices.settle(invoice)
        return invoice.to_json()

    def _notify(self, invoice: Invoice, body: Body) -> Body:
        if invoice.status is Status.PENDING:
            raise WrongState("a pending invoice is not announced")
        times = min(_whole(body.get("times", 1)), _MOST_REPEATS)
        told = invoice.webhook()
        again = self._webhooks.repeat(
            invoice.webhook_ids[str(told["status"])],
            told,
            times=times,
            concurrently=bool(body.get("concurrently", False)),
            token=_text(body, "token"),
        )
        return {"deliveries": [str(delivery.id) for delivery in again]}

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"invoices": [i.to_json() for i in self._invoices.list_all()]})

    async def _deliveries(self, _: Request) -> Response:
        return JSONResponse({"deliveries": [d.to_json() for d in self._webhooks.deliveries]})

    async def _set_webhook(self, request: Request) -> Response:
        body = await _body(request)
        url = httpx.URL(_text(body, "url") or "")
        if body.get("provider") != "xendit" or url.scheme not in ("http", "https"):
            raise ValueError("needs the provider xendit and an absolute url")
        self._webhooks.url = str(url)
        return JSONResponse({"provider": "xendit", "url": self._webhooks.url})

    async def _add_fault(self, request: Request) -> Response:
        self._faults.add(Fault.from_json(await _body(request)))
        return Response(status_code=204)

    async def _clear_faults(self, _: Request) -> Response:
        self._faults.clear()
        return Response(status_code=204)


def _checked(endpoint: Callable[[Request], Awaitable[Response]]) -> Endpoint:
    """Answer 400 to a body that makes no sense."""

    async def checked(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (ValueError, httpx.InvalidURL) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return checked


async def _body(request: Request) -> Body:
    body = json.loads(await request.body() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - answered with 400
    return body


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("needs a whole number above zero")
    return value


def _text(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} must be a string")
    return value
