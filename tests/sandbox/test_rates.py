"""What Biteship charges for a parcel, and what it refuses."""

from typing import Any

import httpx
import pytest

TULUNGAGUNG, SURABAYA, JAKARTA, NOWHERE = 66218, 60111, 12190, 99999


def a_parcel(**changes: object) -> dict[str, Any]:
    return {
        "origin_postal_code": TULUNGAGUNG,
        "destination_postal_code": JAKARTA,
        "couriers": "jne,sicepat,anteraja,jnt",
        "items": [an_item()],
    } | changes


def an_item(**changes: object) -> dict[str, Any]:
    return {"name": "Kopi Gayo 250g", "value": 125_000, "quantity": 2, "weight": 300} | changes


async def price(biteship: httpx.AsyncClient, **changes: object) -> int:
    body = a_parcel(couriers="anteraja", **changes)
    (offer,) = (await biteship.post("/v1/rates/couriers", json=body)).json()["pricing"]
    amount: int = offer["price"]
    return amount


async def test_every_service_of_the_couriers_asked_for_has_a_price(
    biteship: httpx.AsyncClient,
) -> None:
    answer = await biteship.post("/v1/rates/couriers", json=a_parcel(couriers="jne,jnt"))

    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (200, True, 20001007)
    offers = [(offer["company"], offer["type"]) for offer in body["pricing"]]
    assert offers == [("jne", "reg"), ("jne", "yes"), ("jnt", "ez")]
    assert all(isinstance(offer["price"], int) for offer in body["pricing"])


async def test_the_answer_says_where_from_and_where_to(biteship: httpx.AsyncClient) -> None:
    body = (await biteship.post("/v1/rates/couriers", json=a_parcel())).json()

    assert body["origin"]["administrative_division_level_1_name"] == "Jawa Timur"
    assert body["destination"]["postal_code"] == JAKARTA


async def test_further_is_dearer(biteship: httpx.AsyncClient) -> None:
    lanes = (SURABAYA, JAKARTA)

    near, far = [await price(biteship, destination_postal_code=code) for code in lanes]

    assert near < far


async def test_a_price_is_the_same_every_time(biteship: httpx.AsyncClient) -> None:
    assert await price(biteship) == await price(biteship, origin_postal_code=str(TULUNGAGUNG))


@pytest.mark.parametrize(
    ("items", "kilograms"),
    [
        ([an_item(weight=300, quantity=2)], 1),
        ([an_item(weight=500, quantity=2)], 1),
        ([an_item(weight=501, quantity=2)], 2),
        ([an_item(weight=600), an_item(weight=600)], 3),
        ([an_item(weight=100, quantity=1, length=30, width=20, height=20)], 2),
        ([an_item(weight=100, quantity=3, length=30, width=20, height=10)], 3),
        ([an_item(weight=3001, quantity=1, length=30, width=20, height=10)], 4),
    ],
)
async def test_a_parcel_is_charged_by_weight_or_size(
    biteship: httpx.AsyncClient, items: list[dict[str, Any]], kilograms: int
) -> None:
    one_kilogram = await price(biteship, items=[an_item(weight=1000, quantity=1)])

    assert await price(biteship, items=items) == kilograms * one_kilogram


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"destination_postal_code": 18000}, 40001001),
        ({"destination_postal_code": "1219"}, 40001001),
        ({"origin_postal_code": None}, 40001001),
        ({"items": []}, 40001002),
        ({"items": [an_item(weight=0)]}, 40001002),
        ({"items": [an_item(quantity=1.5)]}, 40001002),
        ({"couriers": ""}, 40001002),
        ({"couriers": "gojek"}, 40001010),
        ({"destination_postal_code": NOWHERE}, 40001010),
    ],
)
async def test_what_cannot_be_sent_has_no_price(
    biteship: httpx.AsyncClient, changes: dict[str, object], code: int
) -> None:
    answer = await biteship.post("/v1/rates/couriers", json=a_parcel(**changes))

    assert answer.status_code == 400
    assert (answer.json()["success"], answer.json()["code"]) == (False, code)


@pytest.mark.parametrize("key", ["", "biteship_test.other", "Bearer biteship_test.tests"])
async def test_only_the_raw_key_opens_the_api(sandbox: str, key: str) -> None:
    headers = {"authorization": key}
    async with httpx.AsyncClient(base_url=sandbox, headers=headers, trust_env=False) as stranger:
        answer = await stranger.get("/v1/couriers")

    assert (answer.status_code, answer.json()["code"]) == (401, 40101001)


async def test_the_couriers_are_listed_with_their_services(biteship: httpx.AsyncClient) -> None:
    couriers = (await biteship.get("/v1/couriers")).json()["couriers"]

    services = {(c["courier_code"], c["courier_service_code"]) for c in couriers}
    assert services >= {("jne", "reg"), ("sicepat", "best"), ("jnt", "ez")}
