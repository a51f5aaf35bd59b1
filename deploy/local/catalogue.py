"""The demo catalogue: a warehouse and a few things to buy, put in over REST as staff would."""

import asyncio
import sys
from dataclasses import dataclass

import httpx

from deploy.local.child import NotReady
from deploy.local.platform import ROOT, Platform
from deploy.local.rest import Rest, rupiah, stable_id

BUYER = stable_id("buyer")
STAFF = stable_id("staff")
SAMPLE_AREAS = "services/address/sample_areas.csv"
STOCK = 1_000
FALLBACK_PER_KG = 25_000
_PROVINCES = ("31", "32", "33", "34", "35", "36", "51")


@dataclass(frozen=True)
class Article:
    category: str
    name: str
    description: str
    price: int
    weight_grams: int
    variants: tuple[tuple[str, int], ...]


ARTICLES = (
    Article(
        "Kopi dan teh",
        "Kopi Gayo",
        "Biji kopi arabika dari dataran tinggi Gayo, disangrai sedang.",
        85_000,
        260,
        (("250 g", 0), ("500 g", 75_000), ("1 kg", 215_000)),
    ),
    Article(
        "Kopi dan teh", "Teh Melati", "Teh hijau dengan bunga melati.", 32_000, 120, (("100 g", 0),)
    ),
    Article(
        "Pakaian",
        "Kemeja Batik",
        "Katun, motif parang, dicap tangan.",
        189_000,
        350,
        (("M", 0), ("L", 0), ("XL", 15_000)),
    ),
)


async def seed(running: Platform) -> None:
    """Once per database."""
    async with httpx.AsyncClient(base_url=running.gateway_url, timeout=30) as client:
        rest = Rest(client, running.token("admin", sub=STAFF))
        if not (await rest.get("/v1/areas"))["areas"]:
            await _import_areas(running)
        if (await rest.get("/v1/products", query=ARTICLES[0].name))["products"]:
            return
        location = await rest.post("/v1/locations", _location(), requestId=_id("location"))
        for name in dict.fromkeys(article.category for article in ARTICLES):
            category = await rest.post(
                "/v1/categories", {"name": name}, requestId=_id("category", name)
            )
            for article in ARTICLES:
                if article.category == name:
                    await _add(rest, article, category["id"], location["id"])
        for province in _PROVINCES:
            rate = {"provinceCode": province, "pricePerKg": rupiah(FALLBACK_PER_KG)}
            await rest.post("/v1/zoneRates", rate | {"requestId": _id("zone", province)})


async def _import_areas(running: Platform) -> None:
    environment = {"PATH": "", "PYTHONPATH": f"{ROOT / 'gen'}:{ROOT}"} | dict(running.environment)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.address.areas",
        "import",
        SAMPLE_AREAS,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise NotReady(f"the areas were not imported: {output.decode().strip()}")


def _location() -> dict[str, object]:
    return {
        "code": "JKT-1",
        "name": "Gudang Jakarta Selatan",
        "street": "Jalan Gudang 1",
        "postalCode": "12160",
        "phoneNumber": "+622112345678",
        "active": True,
    }


async def _add(rest: Rest, article: Article, category_id: str, location_id: str) -> None:
    sizes = {"weightGrams": article.weight_grams, "lengthCm": 25, "widthCm": 15, "heightCm": 6}
    product = await rest.post(
        "/v1/products",
        {
            "name": article.name,
            "description": article.description,
            "categoryId": category_id,
            "owner": {"kind": "KIND_PLATFORM"},
            "basePrice": rupiah(article.price),
            "variants": [
                {"name": name, "priceAdjustment": rupiah(extra)} | sizes
                for name, extra in article.variants
            ],
        },
        requestId=_id("product", article.name),
    )
    path = f"/v1/products/{product['id']}:publish"
    await rest.post(path, {"requestId": _id("publish", article.name)})
    for variant in product["variants"]:
        adjustment = {
            "variantId": variant["id"],
            "locationId": location_id,
            "ownerKind": "STOCK_OWNER_KIND_PLATFORM",
            "delta": STOCK,
            "reason": "REASON_RECEIVED",
            "requestId": _id("stock", variant["id"]),
        }
        await rest.post("/v1/stockLevels:adjust", adjustment)


def _id(*parts: str) -> str:
    return stable_id("catalogue", *parts)
