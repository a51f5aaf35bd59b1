"""A webhook arrives as its sender signed it: every byte, and the headers."""

import os

import pytest

from tests.gateway.support import Client, Neighbourhood, refusal

PATH = "/webhooks/xendit/invoice"
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"1","id":"2", "amount": 1.0}\r\n',
        b'{"unknown": {"deep": [1, 2]}}',
        b"not json",
        '{"nama":"Jalan Ki\u00a0S\u00e9"}'.encode(),
        b"\x00\xff" * 50,
        os.urandom(70_000),
        b"x" * (MEBIBYTE - 1),
    ],
    ids=["twice", "unknown", "text", "unicode", "binary", "random", "largest"],
)
async def test_every_byte_arrives(client: Client, services: Neighbourhood, body: bytes) -> None:
    response = await client.post(
        PATH, content=body, content_type="application/json", x_callback_token="a-token"
    )

    assert response.status_code == 200
    assert services.webhooks.body == body
    assert services.webhooks.content_type == "application/json"
    assert services.webhooks.metadata["x-callback-token"] == "a-token"


async def test_a_cookie_does_not_stop_it(client: Client, services: Neighbourhood) -> None:
    response = await client.post(f"{PATH}?from=provider", content=b"1", cookie="a=b")
    without_query = await client.post(PATH, content=b"2", cookie="a=b")

    assert response.status_code == 400  # an unknown query parameter, not a page of somebody else's
    assert without_query.status_code == 200
    assert services.webhooks.body == b"2"


async def test_more_than_a_mebibyte_is_too_much(client: Client) -> None:
    response = await client.post(PATH, content=b"x" * (MEBIBYTE + 1))

    assert refusal(response) == (413, 8, "BODY_TOO_LARGE")
