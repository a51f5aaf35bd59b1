"""What is made of Biteship's answers, down to those that the sandbox does not give."""

import json
from typing import Any

import httpx
import pytest

from services.kit.ids import new_id
from services.logistics.__main__ import Settings
from services.logistics.biteship import Biteship
from services.logistics.domain.packing import Parcel, Size
from services.logistics.domain.rates import Answer, Lane, Offered, Rate, Silent, Unserved
from tests.support import Realm

LANE = Lane("66218", "12160", 2)
PARCEL = Parcel(Size(25, 20, 15), 900, 375_000, ((new_id(), 3),))
ENTRY = {
    "company": "jne",
    "courier_name": "JNE",
    "courier_code": "jne",
    "courier_service_name": "Reguler",
    "courier_service_code": "reg",
    "currency": "IDR",
    "duration": "2 - 3 days",
    "price": 22_000,
    "type": "reg",
}
RATE = Rate("jne", "JNE", "reg", "Reguler", 22_000, "2 - 3 days")


class Wire:
    """Biteship's end of the wire: always the same answer, and what it was asked."""

    def __init__(self, body: object, status: int = 200, encoding: str = "identity") -> None:
        self._status = status
        self._headers = {"content-encoding": encoding}
        self._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.asked: list[Any] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content))
        return httpx.Response(self._status, headers=self._headers, content=self._content)

    async def rates(self) -> Answer:
        transport = httpx.MockTransport(self)
        async with httpx.AsyncClient(base_url="http://biteship", transport=transport) as http:
            return await Biteship(http, "jne,sicepat").rates(LANE, [PARCEL, PARCEL])


def priced(*entries: object) -> Wire:
    return Wire({"success": True, "pricing": entries})


async def test_it_is_asked_for_the_parcels_and_not_for_what_is_in_them() -> None:
    wire = priced(ENTRY)
    parcel = {"value": 375_000, "quantity": 1, "weight": 900}
    parcel |= {"length": 25, "width": 20, "height": 15}

    await wire.rates()

    assert wire.asked == [
        {
            "origin_postal_code": 66218,
            "destination_postal_code": 12160,
            "couriers": "jne,sicepat",
            "items": [{"name": "Parcel 1", **parcel}, {"name": "Parcel 2", **parcel}],
        }
    ]


async def test_a_price_is_read_with_its_courier_and_service() -> None:
    assert await priced(ENTRY).rates() == Offered((RATE,))


@pytest.mark.parametrize("price", [22_000.0, "22000"])
async def test_a_price_may_be_written_otherwise(price: object) -> None:
    assert await priced(ENTRY | {"price": price}).rates() == Offered((RATE,))


@pytest.mark.parametrize(
    "entry",
    [
        "no object",
        {},
        ENTRY | {"price": None},
        ENTRY | {"price": 0},
        ENTRY | {"price": -1},
        ENTRY | {"price": True},
        ENTRY | {"price": 22_000.5},
        ENTRY | {"price": 10**30},
        ENTRY | {"price": "many"},
        ENTRY | {"currency": "USD"},
        ENTRY | {"company": "", "courier_code": None},
        ENTRY | {"type": "\0", "courier_service_code": ["reg"]},
    ],
)
async def test_an_entry_that_cannot_be_ordered_is_left_out(entry: object) -> None:
    assert await priced(entry, ENTRY).rates() == Offered((RATE,))
    assert await priced(entry).rates() == Silent()


async def test_missing_names_are_replaced_by_codes() -> None:
    bare = {"courier_code": "jne", "courier_service_code": "reg", "price": 22_000}

    assert await priced(bare).rates() == Offered((Rate("jne", "jne", "reg", "reg", 22_000, ""),))


async def test_of_two_prices_for_a_service_the_lower_counts() -> None:
    wire = priced(ENTRY | {"price": 30_000}, ENTRY, ENTRY | {"price": 25_000})

    assert await wire.rates() == Offered((RATE,))


@pytest.mark.parametrize(
    "wire",
    [
        priced(),
        Wire({"success": False, "code": 40001010, "error": "no courier"}, 400),
        Wire({"success": False, "code": "40001010", "error": "no courier"}, 200),
        Wire({"success": False, "code": 40001001, "error": "postal code"}, 400),
    ],
)
async def test_that_no_courier_goes_there_is_an_answer(wire: Wire) -> None:
    assert await wire.rates() == Unserved()
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    "wire",
    [
        Wire({"success": False, "error": "An unexpected error occurred"}, 500),
        Wire({"success": False, "error": "Too many requests"}, 429),
        Wire(b"<html>Bad gateway", 502),
        Wire(b"<html>Welcome"),
        Wire(b"\xff"),
        Wire(b"\xff", encoding="gzip"),
        Wire([]),
        Wire({"success": True, "pricing": {}}),
    ],
)
async def test_what_may_pass_is_asked_three_times(wire: Wire) -> None:
    assert await wire.rates() == Silent()
    assert len(wire.asked) == 3


@pytest.mark.parametrize(
    ("code", "status"), [(40101001, 401), (40301001, 403), (40001002, 400), (None, 404)]
)
async def test_what_is_ours_to_fix_is_asked_once(code: int | None, status: int) -> None:
    wire = Wire({"success": False, "code": code, "error": "no"}, status)

    assert await wire.rates() == Silent()
    assert len(wire.asked) == 1


def test_settings_do_not_show_the_key(realm: Realm) -> None:
    settings = Settings(
        **vars(realm.settings("logistics")),
        biteship_base_url="",
        biteship_api_key="secret",
        address_address="",
        product_address="",
        warehouse_address="",
    )

    assert "secret" not in repr(settings)
