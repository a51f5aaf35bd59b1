"""Biteship's couriers and rates, as a merchant asks for them."""

import json
import secrets
from collections.abc import Callable, Coroutine
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox import rates
from deploy.sandbox.rates import Item, Service

Endpoint: TypeAlias = Callable[[Request], Coroutine[None, None, Response]]

_CODES_PER_STATUS = 100_000
_NOT_AUTHORIZED = 40101001
_BAD_POSTAL_CODE = 40001001
_MISSING_PARAMETERS = 40001002
_NO_COURIER = 40001010
_SIDES = ("length", "width", "height")


class Refused(Exception):
    """A code whose first three digits are the HTTP status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def error(code: int, message: str) -> JSONResponse:
    body = {"success": False, "error": message, "code": code}
    return JSONResponse(body, code // _CODES_PER_STATUS)


class BiteshipApi:
    def __init__(self, api_key: str) -> None:
        self._api_key = api_key.encode()

    def routes(self) -> list[Route]:
        return [
            Route("/v1/rates/couriers", self._guarded(_rates), methods=["POST"]),
            Route("/v1/couriers", self._guarded(_couriers), methods=["GET"]),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not secrets.compare_digest(given.encode(), self._api_key):
                return error(_NOT_AUTHORIZED, "Authorization failed")
            try:
                return await endpoint(request)
            except Refused as refused:
                return error(refused.code, str(refused))

        return guarded


async def _couriers(_: Request) -> Response:
    couriers = [
        {
            **_offered(service),
            "tier": "premium" if service.days.startswith("1") else "essentials",
        }
        for service in rates.SERVICES
    ]
    return JSONResponse({"success": True, "object": "courier", "couriers": couriers})


async def _rates(request: Request) -> Response:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(_MISSING_PARAMETERS, "The request body must be a JSON object")
    items = _items(body.get("items"))
    asked = _text(body.get("couriers")).split(",")
    origin, destination = (_postal_code(body, side) for side in ("origin", "destination"))
    services = [service for service in rates.SERVICES if service.courier in asked]
    if not services or rates.UNSERVED in (origin, destination):
        raise Refused(_NO_COURIER, "No courier is available for the requested route")
    steps, kilograms = rates.distance(origin, destination), rates.chargeable_kilograms(items)
    return JSONResponse(
        {
            "success": True,
            "object": "courier_pricing",
            "message": "Success to retrieve courier pricing",
            "code": 20001007,
            "origin": _location(origin),
            "destination": _location(destination),
            "pricing": [_priced(s, s.price(steps, kilograms)) for s in services],
        }
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Refused(_MISSING_PARAMETERS, "couriers is required")
    return value.replace(" ", "")


def _postal_code(body: dict[str, object], side: str) -> int:
    """A number, or a number in quotes."""
    given = str(body.get(f"{side}_postal_code", ""))
    if not given.isdecimal() or rates.province(int(given)) is None:
        raise Refused(
            _BAD_POSTAL_CODE,
            "Failed due to invalid or missing postal code. Please check and try again.",
        )
    return int(given)


def _items(value: object) -> list[Item]:
    if not isinstance(value, list) or not value:
        raise Refused(_MISSING_PARAMETERS, "items is required")
    return [_item(entry) for entry in value]


def _item(entry: object) -> Item:
    if not isinstance(entry, dict) or not entry.get("name"):
        raise Refused(_MISSING_PARAMETERS, "each item needs a name")
    _whole(entry, "value", at_least=0)
    return Item(
        quantity=_whole(entry, "quantity", at_least=1),
        grams=_whole(entry, "weight", at_least=1),
        **{side: _whole(entry, side, at_least=0) for side in _SIDES if side in entry},
    )


def _whole(entry: dict[str, object], name: str, *, at_least: int) -> int:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise Refused(_MISSING_PARAMETERS, f"each item needs {name}, a whole number")
    return value


def _location(postal_code: int) -> dict[str, object]:
    """The sandbox knows the province and no finer division."""
    levels = {
        f"administrative_division_level_{level}_{part}": None
        for level in (2, 3, 4)
        for part in ("name", "type")
    }
    return {
        "location_id": None,
        "latitude": None,
        "longitude": None,
        "postal_code": postal_code,
        "country_name": "Indonesia",
        "country_code": "ID",
        "administrative_division_level_1_name": rates.province(postal_code),
        "administrative_division_level_1_type": "province",
        **levels,
        "address": None,
    }


def _offered(service: Service) -> dict[str, object]:
    """What the list of couriers and a price have in common."""
    return {
        "available_collection_method": ["pickup"],
        "available_for_cash_on_delivery": True,
        "available_for_proof_of_delivery": False,
        "available_for_instant_waybill_id": True,
        "courier_name": service.courier_name,
        "courier_code": service.courier,
        "courier_service_name": service.name,
        "courier_service_code": service.code,
        "description": f"Layanan {service.name}",
        "service_type": "overnight" if service.days.startswith("1") else "standard",
        "shipping_type": "parcel",
        "shipment_duration_range": service.days,
        "shipment_duration_unit": "days",
    }


def _priced(service: Service, fee: int) -> dict[str, object]:
    return {
        **_offered(service),
        "available_for_insurance": True,
        "company": service.courier,
        "currency": "IDR",
        "duration": f"{service.days} days",
        "shipping_fee": fee,
        "shipping_fee_discount": 0,
        "shipping_fee_surcharge": 0,
        "insurance_fee": 0,
        "cash_on_delivery_fee": 0,
        "price": fee,
        "tax_lines": [],
        "type": service.code,
    }
