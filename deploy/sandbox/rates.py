"""What a parcel costs from one Indonesian postal code to another."""

from collections.abc import Sequence
from dataclasses import dataclass

# Nobody drives to this postal code: asking for it answers 40001010.
UNSERVED = 99_999

_PROVINCES: dict[str, str] = {
    "DKI Jakarta": "10 11 12 13 14",
    "Banten": "15 42",
    "Jawa Barat": "16 17 40 41 43 44 45 46",
    "Sumatera Utara": "20 21 22",
    "Aceh": "23 24",
    "Sumatera Barat": "25 26 27",
    "Riau": "28",
    "Kepulauan Riau": "29",
    "Sumatera Selatan": "30 31 32",
    "Kepulauan Bangka Belitung": "33",
    "Lampung": "34 35",
    "Jambi": "36 37",
    "Bengkulu": "38 39",
    "Jawa Tengah": "50 51 52 53 54 56 57 58 59",
    "DI Yogyakarta": "55",
    "Jawa Timur": "60 61 62 63 64 65 66 67 68 69",
    "Kalimantan Selatan": "70 71 72",
    "Kalimantan Tengah": "73 74",
    "Kalimantan Timur": "75 76",
    "Kalimantan Utara": "77",
    "Kalimantan Barat": "78 79",
    "Bali": "80 81 82",
    "Nusa Tenggara Barat": "83 84",
    "Nusa Tenggara Timur": "85 86 87",
    "Sulawesi Selatan": "90 91 92",
    "Sulawesi Tenggara": "93",
    "Sulawesi Tengah": "94",
    "Sulawesi Utara": "95",
    "Gorontalo": "96",
    "Maluku": "97",
    "Papua": "98 99",
}
_BY_PREFIX = {prefix: name for name, prefixes in _PROVINCES.items() for prefix in prefixes.split()}
_DIGITS = 5
# The first digit of a postal code is its zone.
_ZONE = 10_000
# 6000 cm3 weigh as much as a kilogram.
_CM3_PER_GRAM = 6
_GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class Service:
    courier: str
    courier_name: str
    code: str
    name: str
    days: str
    # Rupiah for each kilogram: to start with, and for each step of distance.
    base: int
    step: int

    def price(self, steps: int, kilograms: int) -> int:
        return (self.base + self.step * steps) * kilograms


SERVICES = (
    Service("jne", "JNE", "reg", "Reguler", "2 - 3", 8_000, 2_500),
    Service("jne", "JNE", "yes", "Yakin Esok Sampai", "1 - 1", 16_000, 5_000),
    Service("sicepat", "SiCepat", "reg", "Reguler", "2 - 3", 7_500, 2_400),
    Service("sicepat", "SiCepat", "best", "Besok Sampai Tujuan", "1 - 1", 14_000, 4_500),
    Service("anteraja", "AnterAja", "reg", "Reguler", "2 - 4", 7_000, 2_300),
    Service("jnt", "J&T", "ez", "EZ", "2 - 3", 8_500, 2_600),
)


@dataclass(frozen=True, slots=True)
class Item:
    quantity: int
    grams: int
    length: int = 0
    width: int = 0
    height: int = 0


def province(postal_code: int) -> str | None:
    """Where a postal code lies; None for one that cannot exist."""
    code = str(postal_code)
    return _BY_PREFIX.get(code[:2]) if len(code) == _DIGITS else None


def distance(origin: int, destination: int) -> int:
    """Steps: none within a province, then by how far the postal zones are apart."""
    if province(origin) == province(destination):
        return 0
    return 1 + abs(origin // _ZONE - destination // _ZONE)


def chargeable_kilograms(items: Sequence[Item]) -> int:
    """By weight, or by size if that is more; a kilogram begun is charged."""
    actual = sum(item.grams * item.quantity for item in items)
    volume = sum(item.length * item.width * item.height * item.quantity for item in items)
    return max(1, -(-max(actual * _CM3_PER_GRAM, volume) // (_CM3_PER_GRAM * _GRAMS_PER_KG)))
