"""What a person sees: the page of an invoice with its button, and what the sandbox knows."""

from collections import deque
from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.sandbox.invoices import MERCHANT, Invoice, Invoices, Status
from deploy.sandbox.webhooks import Delivery, Webhooks

_SHOWN = 100
_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:16px system-ui;max-width:60rem;margin:3rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.2rem 1rem .2rem 0}}button{{font:inherit;padding:.5rem 2rem}}</style>
</head><body><h1>{title}</h1>{content}</body></html>
"""


def rupiah(amount: int) -> str:
    return f"Rp {amount:,}".replace(",", ".")


class Pages:
    def __init__(self, invoices: Invoices, webhooks: Webhooks) -> None:
        self._invoices = invoices
        self._webhooks = webhooks

    def routes(self) -> list[Route]:
        return [
            Route("/", self._overview, methods=["GET"]),
            Route("/healthz", _healthz, methods=["GET"]),
            Route("/web/{id}", self._invoice, methods=["GET"]),
            Route("/web/{id}/pay", self._pay, methods=["POST"]),
        ]

    async def _overview(self, _: Request) -> Response:
        invoices = self._invoices.list_all()[: -_SHOWN - 1 : -1]
        content = "<h2>Invoices</h2>" + _table(
            ("External id", "Amount", "Status", "Page"),
            (_invoice_row(invoice) for invoice in invoices),
        )
        content += "<h2>Deliveries</h2>" + _table(
            ("Webhook", "Event", "State", "Attempts"), _delivery_rows(self._webhooks.deliveries)
        )
        return _page("Sandbox", content)

    async def _invoice(self, request: Request) -> Response:
        invoice = self._invoices.find(request.path_params["id"])
        if invoice is None:
            return PlainTextResponse("no such invoice", 404)
        content = f"<p>{escape(str(invoice.echo.get('description', invoice.external_id)))}</p>"
        content += f"<p><strong>{rupiah(invoice.amount)}</strong></p><p>{invoice.status}</p>"
        if invoice.status is Status.PENDING:
            action = f"/web/{invoice.id}/pay"
            content += f'<form method="post" action="{action}"><button>Pay</button></form>'
        return _page(MERCHANT, content)

    async def _pay(self, request: Request) -> Response:
        """A second click, or one that comes too late, only shows the page again."""
        invoice = self._invoices.find(request.path_params["id"])
        if invoice is None:
            return PlainTextResponse("no such invoice", 404)
        if invoice.status is Status.PENDING:
            self._invoices.pay(invoice, invoice.amount, None, None)
            self._invoices.announce(invoice)
        return RedirectResponse(f"/web/{invoice.id}", 303)


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def _page(title: str, content: str) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), content=content))


def _invoice_row(invoice: Invoice) -> tuple[str, ...]:
    link = f'<a href="/web/{invoice.id}">{invoice.id}</a>'
    return escape(invoice.external_id), rupiah(invoice.amount), invoice.status.value, link


def _delivery_rows(deliveries: deque[Delivery]) -> Iterable[tuple[str, ...]]:
    for delivery in list(deliveries)[: -_SHOWN - 1 : -1]:
        outcomes = " ".join(attempt["outcome"] for attempt in delivery.attempts)
        event = escape(f"{delivery.body['status']} {delivery.body['external_id']}")
        yield str(delivery.webhook_id), event, delivery.state, outcomes


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
