"""The sandbox as one application: the providers' APIs, the pages, and the levers behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from deploy.sandbox.biteship import BiteshipApi
from deploy.sandbox.clock import Clock, utc_now
from deploy.sandbox.control import Control
from deploy.sandbox.edge import Edge
from deploy.sandbox.faults import Faults
from deploy.sandbox.invoices import Invoices
from deploy.sandbox.pages import Pages
from deploy.sandbox.settings import Settings
from deploy.sandbox.webhooks import Webhooks
from deploy.sandbox.xendit import XenditApi


def create_app(settings: Settings, clock: Clock = utc_now) -> Starlette:
    """All state lives in the application; it is gone with it."""
    faults = Faults()
    webhooks = Webhooks(
        clock,
        faults,
        token=settings.xendit_callback_token,
        url=settings.xendit_webhook_url,
        factor=settings.webhook_factor,
    )
    invoices = Invoices(clock, webhooks, settings.public_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await webhooks.close()

    app = Starlette(
        routes=[
            *XenditApi(settings.xendit_secret_key, invoices).routes(),
            *BiteshipApi(settings.biteship_api_key).routes(),
            *Pages(invoices, webhooks).routes(),
            *Control(invoices, webhooks, faults).routes(),
        ],
        middleware=[Middleware(Edge, faults=faults)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
