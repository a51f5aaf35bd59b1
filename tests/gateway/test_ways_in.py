"""REST, gRPC and grpc-web reach the same RPC; what is not meant for the outside is not there."""

import struct

import grpc
import pytest
from grpc.aio import insecure_channel

from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressInternalServiceStub
from tests.gateway.services import Addresses
from tests.gateway.support import ADDRESS, Client, Neighbourhood, refusal


async def test_rest_is_canonical_json(client: Client) -> None:
    response = await client.get("/v1/areas?pageSize=1")

    assert response.status_code == 200
    assert response.json() == {
        "areas": [
            {"code": "31", "name": "DKI Jakarta", "level": "LEVEL_PROVINCE", "postalCode": ""}
        ],
        "nextPageToken": "",
    }
    assert not [name for name in response.headers if name.startswith(("grpc-", "x-envoy-"))]


async def test_native_grpc_takes_the_same_way(client: Client) -> None:
    response = await client.grpc.ListAreas(pb.ListAreasRequest(page_size=2))

    assert [area.code for area in response.areas] == ["31", "31"]


async def test_grpc_web_takes_the_same_way(client: Client) -> None:
    request = pb.ListAreasRequest(page_size=1).SerializeToString()

    response = await client.post(
        "/gotong.address.v1.AddressService/ListAreas",
        content=struct.pack(">BI", 0, len(request)) + request,
        content_type="application/grpc-web+proto",
        x_grpc_web="1",
    )

    _, length = struct.unpack(">BI", response.content[:5])
    assert pb.ListAreasResponse.FromString(response.content[5 : 5 + length]).areas[0].code == "31"
    assert b"grpc-status:0" in response.content[5 + length :]


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/", "/gotong.address.v1.AddressService/ListAreas"]
)
async def test_what_rest_does_not_know_is_not_found(client: Client, path: str) -> None:
    assert refusal(await client.post(path)) == (404, 5, "NO_SUCH_METHOD")


async def test_internal_services_have_no_way_in(client: Client, services: Neighbourhood) -> None:
    metadata = (("authorization", f"Bearer {services.token('service', 'admin')}"),)
    async with insecure_channel(client.gateway.address) as channel:
        internal = AddressInternalServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await internal.GetAddressSnapshot(pb.GetAddressSnapshotRequest(), metadata=metadata)

    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert services.addresses.calls == 0


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_has_no_way_in(
    client: Client, services: Neighbourhood, version: str
) -> None:
    metadata = (("authorization", f"Bearer {services.token('admin')}"),)
    path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    async with insecure_channel(client.gateway.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(path, bytes, bytes)(b"", metadata=metadata)

    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_an_rpc_is_a_post(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    path = "/gotong.address.v1.AddressService/ListAreas"

    response = await client.get(path, services.token(), content_type="application/grpc")

    assert response.headers["grpc-status"] == "7"
    assert addresses.calls == 0


async def test_services_decide_on_the_one_id_they_get(
    client: Client, addresses: Addresses, services: Neighbourhood
) -> None:
    """A query parameter replaces what the path says. Harmless: nobody decides by the path."""
    response = await client.get(f"{ADDRESS}?addressId=another", services.token())

    assert response.json()["id"] == addresses.asked == "another"


async def test_an_unknown_verb_is_not_part_of_an_id(
    client: Client, services: Neighbourhood
) -> None:
    response = await client.get(f"{ADDRESS}:peek", services.token())

    assert refusal(response) == (404, 5, "NO_SUCH_METHOD")


@pytest.mark.parametrize("trick", ["/v1//areas", "/v1/x/../areas", "/v1/%61reas"])
async def test_one_rpc_has_many_spellings_and_one_rule(client: Client, trick: str) -> None:
    assert (await client.get(trick)).status_code == 200


async def test_escaped_slashes_are_refused(client: Client) -> None:
    assert (await client.get("/v1%2Fareas")).status_code == 400
