"""Every refusal over REST is a google.rpc.Status, whoever refuses."""

import grpc
import pytest

from gotong.address.v1 import address_pb2 as pb
from tests.gateway.services import Addresses, refuse
from tests.gateway.support import ADDRESS, Client, Neighbourhood, refusal

MALFORMED = (400, 3, "MALFORMED_REQUEST")
TOO_LARGE = (413, 8, "BODY_TOO_LARGE")
BOOK = "/v1/addresses?requestId=0190f0c0-0000-7000-8000-000000000001"
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "body", [b"{", b'{"label": 1}', b'{"coordinates": {"latitude": "north"}}', b"\xff\xfe", b"[]"]
)
async def test_malformed_json(
    client: Client, services: Neighbourhood, addresses: Addresses, body: bytes
) -> None:
    assert refusal(await client.post(BOOK, services.token(), content=body)) == MALFORMED
    assert addresses.calls == 0


@pytest.mark.parametrize("query", ["pageSize=many", "page=2", "pageSize=99999999999"])
async def test_malformed_queries(client: Client, query: str) -> None:
    assert refusal(await client.get(f"/v1/areas?{query}")) == MALFORMED


async def test_what_the_path_says_the_body_cannot_change(
    client: Client, services: Neighbourhood
) -> None:
    path, token = f"{ADDRESS}:setDefault", services.token()

    in_snake_case = await client.post(path, token, content=b'{"address_id": "another"}')
    in_camel_case = await client.post(path, token, content=b'{"addressId": "another"}')

    assert refusal(in_snake_case) == MALFORMED
    assert in_camel_case.json()["id"] == ADDRESS.rpartition("/")[2]


async def test_a_large_body(client: Client, services: Neighbourhood, addresses: Addresses) -> None:
    large = b'{"label": "' + b"x" * 2 * MEBIBYTE + b'"}'

    assert refusal(await client.post(BOOK, services.token(), content=large)) == TOO_LARGE
    assert addresses.calls == 0


@pytest.mark.parametrize("kind", ["application/grpcish", "application/grpc-web-text+json", ""])
async def test_no_content_type_makes_a_large_rest_body_smaller(
    client: Client, services: Neighbourhood, kind: str
) -> None:
    large = b'{"label": "' + b"x" * 2 * MEBIBYTE + b'"}'

    response = await client.post(
        BOOK, services.token(), content=large, content_type=kind, accept="text/event-stream"
    )

    assert response.status_code == 413


async def test_a_large_message_over_grpc(client: Client, services: Neighbourhood) -> None:
    metadata = (("authorization", f"Bearer {services.token()}"),)
    request = pb.CreateAddressRequest(address=pb.Address(label="x" * 17 * MEBIBYTE))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.grpc.CreateAddress(request, metadata=metadata)

    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_many_headers(client: Client) -> None:
    many = {f"x_{number}": "1" for number in range(80)}

    assert refusal(await client.get("/v1/areas", **many)) == (431, 3, "HEADERS_TOO_LARGE")


async def test_what_a_service_refuses(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    addresses.act = refuse

    response = await client.get(ADDRESS, services.token())

    assert refusal(response) == (404, 5, "ADDRESS_NOT_FOUND")
    assert response.json()["message"] == "no such address"
    assert response.json()["details"][0]["metadata"] == {"id": "7"}


async def test_what_a_service_refuses_over_grpc(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    addresses.act = refuse
    metadata = (("authorization", f"Bearer {services.token()}"),)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.grpc.GetAddress(pb.GetAddressRequest(), metadata=metadata)

    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    trailers = dict(refused.value.trailing_metadata())
    assert b"ADDRESS_NOT_FOUND" in trailers["grpc-status-details-bin"]
