"""Those who use the platform, over REST: buyers, staff, and the provider's customers."""

from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.platform import Platform
from deploy.local.rest import RequestFailed, Rest, rupiah
from tests.support import an_id, eventually

WAREHOUSE = "JKT-1"  # of the demo catalogue
ADDRESS = {
    "label": "Rumah",
    "recipientName": "Sari",
    "phoneNumber": "0812-3456-7890",
    "street": "Jalan Melawai 5",
    "villageCode": "31.74.07.1001",
    "postalCode": "12160",
}


@dataclass(frozen=True)
class People:
    platform: Platform
    gateway: httpx.AsyncClient
    sandbox: httpx.AsyncClient

    def stranger(self) -> Rest:
        return Rest(self.gateway)

    def staff(self) -> Rest:
        return Rest(self.gateway, self.platform.token("admin", sub=an_id()))

    def buyer(self) -> "Buyer":
        return Buyer(self, Rest(self.gateway, self.platform.token("buyer", sub=an_id())))

    async def variant(self, *, stock: int, price: int = 50_000) -> str:
        """A new product, published, with so many in stock."""
        staff = self.staff()
        product = await staff.post(
            "/v1/products",
            {
                "name": f"Sarung {an_id()[:8]}",
                "owner": {"kind": "KIND_PLATFORM"},
                "basePrice": rupiah(price),
                "variants": [{"weightGrams": 300, "lengthCm": 20, "widthCm": 15, "heightCm": 5}],
            },
            requestId=an_id(),
        )
        await staff.post(f"/v1/products/{product['id']}:publish", {"requestId": an_id()})
        variant_id = str(product["variants"][0]["id"])
        locations = (await staff.get("/v1/locations", pageSize=100))["locations"]
        [location] = [each for each in locations if each["code"] == WAREHOUSE]
        await staff.post(
            "/v1/stockLevels:adjust",
            {
                "variantId": variant_id,
                "locationId": location["id"],
                "ownerKind": "STOCK_OWNER_KIND_PLATFORM",
                "delta": stock,
                "reason": "REASON_RECEIVED",
                "requestId": an_id(),
            },
        )
        return variant_id

    async def pays(self, payment: Any, *, amount: int | None = None, notify: bool = True) -> None:  # noqa: ANN401 - JSON
        """At the provider; its webhook tells the platform, unless it does not notify."""
        body = {"notify": notify} | ({} if amount is None else {"amount": amount})
        await self.at_provider(payment, "pay", body)

    async def at_provider(self, payment: Any, verb: str, body: object = None) -> None:  # noqa: ANN401 - JSON
        invoice = payment["providerInvoiceId"]
        path = f"/__sandbox__/xendit/invoices/{invoice}/{verb}"
        (await self.sandbox.post(path, json=body or {})).raise_for_status()

    async def contradictions(self) -> list[object]:
        """What the invariants of all services find."""
        staff = self.staff()
        found: list[object] = []
        for path in ("/v1/ledger/health", "/v1/orders:check", "/v1/stockLevels:check"):
            found += (await staff.get(path))["violations"]
        return found

    async def sees_no_contradictions(self) -> None:
        """Who asks while the services restart asks again."""

        async def so() -> bool:
            try:
                return await self.contradictions() == []
            except RequestFailed as error:
                if error.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    raise
                return False

        await eventually(so)


@dataclass(frozen=True)
class Buyer:
    people: People
    rest: Rest

    async def quotes(self, variant_id: str, quantity: int = 1) -> Any:  # noqa: ANN401 - JSON
        address = await self.rest.post("/v1/addresses", ADDRESS, requestId=an_id())
        items = [{"variantId": variant_id, "quantity": quantity}]
        body = {"addressId": address["id"], "items": items, "requestId": an_id()}
        return await self.rest.post("/v1/shippingQuotes", body)

    async def orders(self, quote: Any) -> Any:  # noqa: ANN401 - JSON
        option = quote["options"][0]["id"]
        body = {"shippingQuoteId": quote["id"], "shippingOptionId": option, "requestId": an_id()}
        return await self.rest.post("/v1/orders", body)

    async def places(self, variant_id: str, quantity: int = 1) -> Any:  # noqa: ANN401 - JSON
        return await self.orders(await self.quotes(variant_id, quantity))

    async def opens_payment(self, order: Any) -> Any:  # noqa: ANN401 - JSON
        amount = rupiah(int(order["total"]["units"]))
        body = {"orderId": order["id"], "amount": amount, "requestId": an_id()}
        return await self.rest.post("/v1/payments", body)

    async def order(self, order_id: str) -> Any:  # noqa: ANN401 - JSON
        return await self.rest.get(f"/v1/orders/{order_id}")

    async def payment(self, payment_id: str) -> Any:  # noqa: ANN401 - JSON
        return await self.rest.get(f"/v1/payments/{payment_id}")

    async def sees_order(self, order_id: str, state: str) -> None:
        await self._sees(f"/v1/orders/{order_id}", state)

    async def sees_payment(self, payment_id: str, state: str) -> None:
        await self._sees(f"/v1/payments/{payment_id}", state)

    async def _sees(self, path: str, state: str) -> None:
        """Sooner or later; who asks while the services restart asks again."""

        async def so() -> bool:
            try:
                return bool((await self.rest.get(path))["state"] == state)
            except RequestFailed as error:
                if error.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    raise
                return False

        await eventually(so, seconds=40)
