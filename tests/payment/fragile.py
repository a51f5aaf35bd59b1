"""A process that ends at a step of our choice: before or after any commit, request or answer."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.kit.db import Database, Prepared, Row, Tx
from services.payment.clients import Orders
from services.payment.domain.invoice import Invoice
from services.payment.domain.payment import Payment
from services.payment.xendit import Xendit


class Crash(BaseException):
    """Nothing of ours catches this."""


@dataclass
class Fuse:
    """Burns one step at a time; 0 steps left is a crash."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash


class FragileDatabase(Database):
    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url, "payment", pool_size=2)
        self._fuse = fuse

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        async with super().transaction() as tx:
            yield tx
            self._fuse.burn()
        self._fuse.burn()

    async def fetch(
        self, statement: Prepared, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        self._fuse.burn()
        rows = await super().fetch(statement, parameters)
        self._fuse.burn()
        return rows


class FragileXendit(Xendit):
    def __init__(self, client: Xendit, fuse: Fuse) -> None:
        super().__init__(client.http)
        self._fuse = fuse

    async def create_invoice(self, payment: Payment, seconds: int) -> Invoice:
        self._fuse.burn()
        invoice = await super().create_invoice(payment, seconds)
        self._fuse.burn()
        return invoice

    async def get_invoice(self, invoice_id: str) -> Invoice:
        invoice = await super().get_invoice(invoice_id)
        self._fuse.burn()
        return invoice

    async def find_invoice(self, external_id: str) -> Invoice | None:
        invoice = await super().find_invoice(external_id)
        self._fuse.burn()
        return invoice

    async def expire_invoice(self, invoice_id: str) -> None:
        self._fuse.burn()
        await super().expire_invoice(invoice_id)
        self._fuse.burn()


class FragileOrders(Orders):
    def __init__(self, orders: Orders, fuse: Fuse) -> None:
        super().__init__(orders.channel)
        self._fuse = fuse

    async def mark_paid(self, payment: Payment) -> None:
        self._fuse.burn()
        await super().mark_paid(payment)
        self._fuse.burn()
