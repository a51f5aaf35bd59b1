"""What a page of somebody else's cannot do with a user's browser."""

from itertools import product

import httpx
import pytest

from tests.gateway.services import Addresses
from tests.gateway.support import ADDRESS, OUR_PAGE, Client, Neighbourhood, refusal

BOOK = "/v1/addresses?requestId=0190f0c0-0000-7000-8000-000000000001"
THEIR_PAGE = "https://evil.example"
FORBIDDEN = (403, 7, "PERMISSION_DENIED")


async def preflight(client: Client, origin: str) -> httpx.Response:
    return await client.send(
        "OPTIONS",
        BOOK,
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="authorization",
    )


async def test_our_page_may_ask(client: Client) -> None:
    response = await preflight(client, OUR_PAGE)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == OUR_PAGE
    assert "authorization" in response.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in response.headers


async def test_their_page_may_not(client: Client) -> None:
    assert "access-control-allow-origin" not in (await preflight(client, THEIR_PAGE)).headers


@pytest.mark.parametrize("path", ["/v1/areas", ADDRESS, "/v1/nothing"])
async def test_our_page_reads_refusals_too(client: Client, path: str) -> None:
    ours = await client.get(path, origin=OUR_PAGE)
    theirs = await client.get(path, origin=THEIR_PAGE)

    assert ours.headers["access-control-allow-origin"] == OUR_PAGE
    assert "access-control-allow-origin" not in theirs.headers


@pytest.mark.parametrize("origin", [None, "null", THEIR_PAGE, f"{OUR_PAGE}.evil.example"])
@pytest.mark.parametrize("accept", ["*/*", "text/event-stream", "application/x-ndjson"])
async def test_a_cookie_needs_our_page(
    client: Client, services: Neighbourhood, addresses: Addresses, origin: str | None, accept: str
) -> None:
    headers = {"cookie": "a=b", "accept": accept} | ({"origin": origin} if origin else {})

    response = await client.post(BOOK, services.token(), content=b"{}", **headers)

    assert refusal(response) == FORBIDDEN
    assert addresses.calls == 0


@pytest.mark.parametrize(
    "headers", [{}, {"origin": THEIR_PAGE}, {"cookie": "a=b", "origin": OUR_PAGE}]
)
async def test_without_a_cookie_or_from_our_page_it_passes(
    client: Client, services: Neighbourhood, headers: dict[str, str]
) -> None:
    response = await client.post(BOOK, services.token(), content=b"{}", **headers)

    assert response.status_code == 200


async def test_no_header_and_no_path_leads_around_it(
    client: Client, services: Neighbourhood
) -> None:
    paths = (
        BOOK,
        f"/webhooks/..{BOOK}",
        f"//{BOOK.lstrip('/')}",
        f"{BOOK}&x=/webhooks/xendit/invoice",
    )
    kinds = (
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/event-stream",
    )
    for path, kind, method in product(paths, kinds, ("POST", "PATCH", "PUT", "DELETE")):
        response = await client.send(
            method,
            path,
            services.token(),
            content=b"{}",
            cookie="a=b",
            accept=kind,
            content_type=kind,
            x_http_method_override="GET",
        )
        assert response.status_code == 403, (path, kind, method)


async def test_a_read_with_a_cookie_passes(client: Client, services: Neighbourhood) -> None:
    assert (await client.get(ADDRESS, services.token(), cookie="a=b")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/areas", 200), (ADDRESS, 401), ("/v1/nothing", 404), ("/livez", 200)]
)
async def test_every_reply_carries_security_headers(client: Client, path: str, status: int) -> None:
    response = await client.get(path)

    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["strict-transport-security"].startswith("max-age=")
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["x-request-id"]


async def test_json_is_compressed_for_who_accepts_it(client: Client) -> None:
    response = await client.get("/v1/areas?pageSize=100", accept_encoding="gzip")

    assert response.headers["content-encoding"] == "gzip"
    assert len(response.json()["areas"]) == 100
