"""What do the couriers ask? Biteship's rates, within a deadline, or Silent.

A client that has no answer in time is no error: whoever asks falls back by the rules of the domain.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import httpx
import stamina

from services.kit.deadline import time_left
from services.kit.telemetry import log
from services.logistics.domain.packing import Parcel
from services.logistics.domain.rates import Answer, Lane, Offered, Rate, Silent, Unserved

Json: TypeAlias = Mapping[str, object]

_PATIENCE = 3.0
_ROOM_TO_RECORD = 0.25
_EACH_TRY = httpx.Timeout(2.0, connect=0.5)
_TRIES = 3

# An unknown postal code, and no courier for the lane: answers, whatever the status.
_UNSERVED = frozenset({40001001, 40001010})
_TOO_MANY_REQUESTS = 429
_MOST_RUPIAH = 1_000_000_000
_MOST_CHARACTERS = 100


class BiteshipError(Exception):
    """Biteship does not say what we asked."""

    def __init__(self, http_status: int, code: int | None, error: str) -> None:
        super().__init__(f"{http_status} {code or '-'}: {error}")
        self.http_status = http_status
        self.code = code

    @property
    def is_transient(self) -> bool:
        """What looks like an answer and is none comes from something before Biteship."""
        return self.http_status == _TOO_MANY_REQUESTS or not httpx.codes.is_client_error(
            self.http_status
        )


def client(base_url: str, api_key: str) -> httpx.AsyncClient:
    """One for each process; the key goes nowhere but into the header."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"authorization": api_key},
        timeout=_EACH_TRY,
        limits=httpx.Limits(max_connections=40, max_keepalive_connections=20),
        trust_env=False,
    )


class Biteship:
    """The couriers that Biteship speaks for, by their codes joined by commas."""

    def __init__(self, http: httpx.AsyncClient, couriers: str) -> None:
        self._http = http
        self._couriers = couriers

    async def rates(self, lane: Lane, parcels: Sequence[Parcel]) -> Answer:
        """What each service asks for these parcels now."""
        body = {
            "origin_postal_code": int(lane.origin_postal_code),
            "destination_postal_code": int(lane.destination_postal_code),
            "couriers": self._couriers,
            "items": [_item(number, parcel) for number, parcel in enumerate(parcels, 1)],
        }
        try:
            async with asyncio.timeout(min(_PATIENCE, time_left() - _ROOM_TO_RECORD)):
                return await self._ask_again(body)
        except (TimeoutError, httpx.RequestError, BiteshipError) as error:
            ours_to_fix = isinstance(error, BiteshipError) and not error.is_transient
            tell = log.error if ours_to_fix else log.warning
            tell("the couriers do not answer", provider="biteship", error=repr(error))
            return Silent()

    async def _ask_again(self, body: Json) -> Answer:
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=_TRIES, timeout=None, wait_initial=0.1, wait_jitter=0.1
        ):
            with attempt:
                return _answer(await self._http.post("/v1/rates/couriers", json=body))
        raise AssertionError


def _may_pass(error: Exception) -> bool:
    match error:
        case BiteshipError():
            return error.is_transient
        case _:
            return isinstance(error, httpx.RequestError)


def _item(number: int, parcel: Parcel) -> Json:
    return {
        "name": f"Parcel {number}",
        "value": parcel.value_amount,
        "quantity": 1,
        "weight": parcel.weight_grams,
        "length": parcel.size.length,
        "width": parcel.size.width,
        "height": parcel.size.height,
    }


def _answer(response: httpx.Response) -> Answer:
    body = _object(response)
    code = _whole(body.get("code"))
    if code in _UNSERVED:
        return Unserved()
    pricing = body.get("pricing")
    if not response.is_success or not isinstance(pricing, list):
        raise BiteshipError(response.status_code, code, _text(body.get("error")))
    if not pricing:
        return Unserved()
    rates = _rates(pricing)
    if not rates:
        raise BiteshipError(response.status_code, code, "no price that can be read")
    return Offered(tuple(rates.values()))


def _object(response: httpx.Response) -> Json:
    """Empty for what is not JSON or no object."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _rates(pricing: Sequence[object]) -> dict[str, Rate]:
    """By id; of two prices for a service the lower counts."""
    found: dict[str, Rate] = {}
    for rate in _readable(pricing):
        if rate.id not in found or rate.price < found[rate.id].price:
            found[rate.id] = rate
    return found


def _readable(pricing: Sequence[object]) -> Iterator[Rate]:
    """Entries that lack what an order needs are left out."""
    for entry in pricing:
        if isinstance(entry, dict) and (rate := _rate(entry)):
            yield rate


def _rate(entry: Json) -> Rate | None:
    courier = _text(entry.get("company")) or _text(entry.get("courier_code"))
    service = _text(entry.get("type")) or _text(entry.get("courier_service_code"))
    price = _whole(entry.get("price"))
    if not (courier and service and price and 0 < price <= _MOST_RUPIAH):
        return None
    if entry.get("currency", "IDR") != "IDR":
        return None
    return Rate(
        courier_code=courier,
        courier_name=_text(entry.get("courier_name")) or courier,
        service_code=service,
        service_name=_text(entry.get("courier_service_name")) or service,
        price=price,
        duration=_text(entry.get("duration")),
    )


def _text(value: object) -> str:
    """Empty for what is no text, or none that people could read."""
    if not isinstance(value, str) or not value.isprintable():
        return ""
    return value.strip()[:_MOST_CHARACTERS]


def _whole(value: object) -> int | None:
    """A whole number, also as 22000.0 or "22000"."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value.isascii() and value.isdecimal() and len(value) <= _MOST_CHARACTERS:
            return int(value)
        case _:
            return None
