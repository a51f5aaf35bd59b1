"""Complete direct orders over REST, and the same order as plain SQL on the same PostgreSQL."""

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from sqlalchemy import make_url

from deploy.local.binaries import binary
from deploy.local.platform import Platform
from deploy.local.rest import rupiah
from tests.bench.http import Client
from tests.support import an_id

HERE = Path(__file__).parent
BUYERS = 16
WARM_UP = 160
ORDERS = 400
PGBENCH_CLIENTS = 8
PGBENCH_SECONDS = 8
_ADDRESS = {
    "label": "Rumah",
    "recipientName": "Sari",
    "phoneNumber": "081234567890",
    "street": "Jalan Melawai 5",
    "villageCode": "31.74.07.1001",
    "postalCode": "12160",
}


@dataclass(frozen=True)
class Measured:
    """What complete orders took: orders a second, and CPU seconds per order by process."""

    per_second: float
    cpu: dict[str, float]


class Buyer:
    """Somebody who orders again and again."""

    def __init__(self, platform: Platform) -> None:
        gateway, sandbox = (urlsplit(u) for u in (platform.gateway_url, platform.sandbox_url))
        self._gateway = Client(gateway.hostname or "", gateway.port or 0)
        self._sandbox = Client(sandbox.hostname or "", sandbox.port or 0)
        self.token = platform.token("buyer", sub=an_id())
        self._address = ""
        self._variants: Iterator[str] = iter(())

    async def prepare(self) -> None:
        address = await self._post(f"/v1/addresses?requestId={an_id()}", _ADDRESS)
        found = await self._gateway.call("GET", "/v1/products")
        self._address = address["id"]
        self._variants = cycle(v["id"] for p in found["products"] for v in p["variants"])

    async def order(self) -> str:
        """Quote, place, open the invoice, pay it at the provider; the id of the order."""
        quote = await self._post(
            "/v1/shippingQuotes",
            {
                "addressId": self._address,
                "items": [{"variantId": next(self._variants), "quantity": 2}],
                "requestId": an_id(),
            },
        )
        order = await self._post(
            "/v1/orders",
            {
                "shippingQuoteId": quote["id"],
                "shippingOptionId": quote["options"][0]["id"],
                "requestId": an_id(),
            },
        )
        payment = await self._post(
            "/v1/payments",
            {
                "orderId": order["id"],
                "amount": rupiah(int(order["total"]["units"])),
                "requestId": an_id(),
            },
        )
        invoice = payment["providerInvoiceId"]
        await self._sandbox.call("POST", f"/__sandbox__/xendit/invoices/{invoice}/pay", {})
        return str(order["id"])

    async def paid(self, order_id: str) -> bool:
        order = await self._gateway.call("GET", f"/v1/orders/{order_id}", token=self.token)
        return bool(order["state"] == "STATE_PAID")

    def close(self) -> None:
        self._gateway.close()
        self._sandbox.close()

    async def _post(self, path: str, body: object):  # type: ignore[no-untyped-def]  # noqa: ANN202 - JSON
        return await self._gateway.call("POST", path, body, self.token)


async def measure(platform: Platform) -> Measured:
    """From the first quote to the last order paid."""
    async with _buyers(platform) as buyers:
        await _orders(buyers, WARM_UP)
        before, started = _cpu(platform), time.perf_counter()
        await _orders(buyers, ORDERS)
        seconds, after = time.perf_counter() - started, _cpu(platform)
    cpu = {name: (after[name] - before[name]) / ORDERS for name in after}
    return Measured(ORDERS / seconds, cpu)


async def _orders(buyers: list[Buyer], number: int) -> None:
    """Each buyer orders one after the other; all are paid at the end."""

    async def shop(buyer: Buyer, times: int) -> None:
        placed = [await buyer.order() for _ in range(times)]
        for order_id in placed:
            while not await buyer.paid(order_id):
                await asyncio.sleep(0.02)

    await asyncio.gather(*(shop(buyer, number // len(buyers)) for buyer in buyers))


@asynccontextmanager
async def _buyers(platform: Platform) -> AsyncIterator[list[Buyer]]:
    buyers = [Buyer(platform) for _ in range(BUYERS)]
    try:
        await asyncio.gather(*(buyer.prepare() for buyer in buyers))
        yield buyers
    finally:
        for buyer in buyers:
            buyer.close()


def plain_sql(platform: Platform) -> float:
    """The same order by pgbench, orders a second."""
    url = make_url(platform.server.superuser_url)
    environment = {"PGPASSWORD": str(url.password), "PGOPTIONS": "-c search_path=bench"}
    where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
    run = [str(binary("psql")), *where, "-d", "gotong", "-q", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*run, "-f", str(HERE / "tables.sql")], env=environment, check=True)
    load = ["-n", "-f", str(HERE / "order.sql"), "-c", str(PGBENCH_CLIENTS), "-j", "2"]
    output = subprocess.run(
        [str(binary("pgbench")), *where, *load, "-T", str(PGBENCH_SECONDS), "gotong"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"tps = ([0-9.]+)", output)
    assert found, output
    return float(found[1])


def _cpu(platform: Platform) -> dict[str, float]:
    """CPU seconds so far of everything that is ours, by part; the sandbox is not."""
    seconds: dict[str, float] = {"postgres": 0.0, "gateway": 0.0, "services": 0.0}
    for process in psutil.Process().children(recursive=True):
        used = process.cpu_times()
        name = process.name()
        part = "postgres" if name == "postgres" else "gateway" if "envoy" in name else ""
        if platform.process and process.pid == platform.process.process.pid:
            part = "services"
        if part:
            seconds[part] += used.user + used.system
    return seconds
