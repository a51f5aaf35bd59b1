"""Who gets in: the rules of the contracts, over REST and gRPC alike."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from deploy.local import tokens
from gotong.address.v1 import address_pb2 as pb
from tests.gateway.services import Addresses
from tests.gateway.support import ADDRESS, Client, Neighbourhood, refusal

UNAUTHENTICATED = (401, 16, "UNAUTHENTICATED")
FORBIDDEN = (403, 7, "PERMISSION_DENIED")


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": str(uuid4()),
        "roles": ["buyer"],
        "exp": now + 60,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(services: Neighbourhood, content: Mapping[str, Any], **header: str) -> str:
    key = ECKey.import_key(json.loads((services.directory / "signing.json").read_text()))
    return jwt.encode({"alg": "ES256", "kid": key.kid} | header, dict(content), key)


def by_another_key(services: Neighbourhood) -> str:
    own = ECKey.import_key(json.loads((services.directory / "signing.json").read_text()))
    return jwt.encode({"alg": "ES256", "kid": own.kid}, claims(), ECKey.generate_key("P-256"))


def by_the_public_key(services: Neighbourhood) -> str:
    """The public key, which everybody has, used as if it were a shared secret."""
    public = (services.directory / "jwks.json").read_bytes()
    return jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key(public))


def by_nobody(_: Neighbourhood) -> str:
    header, content = (json.dumps(part).encode() for part in ({"alg": "none"}, claims()))
    return f"{urlsafe_b64encode(header).decode()}.{urlsafe_b64encode(content).decode()}.".replace(
        "=", ""
    )


async def test_no_token(client: Client) -> None:
    assert refusal(await client.get(ADDRESS)) == UNAUTHENTICATED


async def test_no_token_over_grpc(client: Client) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.grpc.GetAddress(pb.GetAddressRequest())

    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("forge", [by_another_key, by_the_public_key, by_nobody])
async def test_a_forged_token(client: Client, services: Neighbourhood, forge: Any) -> None:  # noqa: ANN401
    assert refusal(await client.get(ADDRESS, forge(services))) == UNAUTHENTICATED


@pytest.mark.parametrize(
    "change",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"nbf": int(time.time()) + 600},
        {"iss": "https://evil.example"},
    ],
    ids=["expired", "endless", "early", "of another issuer"],
)
async def test_a_token_that_does_not_hold(
    client: Client, services: Neighbourhood, change: dict[str, object]
) -> None:
    token = signed(services, claims(**change))

    assert refusal(await client.get(ADDRESS, token)) == UNAUTHENTICATED


async def test_a_token_for_somebody_else(client: Client, services: Neighbourhood) -> None:
    token = signed(services, claims(aud="another"))

    assert refusal(await client.get(ADDRESS, token)) == FORBIDDEN


async def test_a_token_in_the_query_is_none(client: Client, services: Neighbourhood) -> None:
    response = await client.get(f"{ADDRESS}?access_token={services.token()}")

    assert response.status_code == 400


async def test_a_wrong_role(client: Client, services: Neighbourhood, addresses: Addresses) -> None:
    assert refusal(await client.get(ADDRESS, services.token("seller"))) == FORBIDDEN
    assert addresses.calls == 0


async def test_a_wrong_role_over_grpc(client: Client, services: Neighbourhood) -> None:
    metadata = (("authorization", f"Bearer {services.token('seller', 'factory')}"),)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.grpc.GetAddress(pb.GetAddressRequest(), metadata=metadata)

    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("roles", [["ops"], ["seller", "buyer"], "seller buyer", "buyer"])
async def test_one_of_the_roles_is_enough(
    client: Client, services: Neighbourhood, roles: object
) -> None:
    token = signed(services, claims(roles=roles))

    assert (await client.get(ADDRESS, token)).status_code == 200


@pytest.mark.parametrize("roles", [None, [], "", ["buyers"], {"buyer": True}, ["seller buyer"]])
async def test_what_is_not_quite_a_role(
    client: Client, services: Neighbourhood, roles: object
) -> None:
    token = signed(services, claims(roles=roles))

    assert refusal(await client.get(ADDRESS, token)) == FORBIDDEN


async def test_the_service_gets_the_token(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    token = services.token()

    await client.get(ADDRESS, token)

    assert addresses.metadata["authorization"] == f"Bearer {token}"


async def test_public_needs_no_token_but_a_bad_one_is_refused(
    client: Client, services: Neighbourhood
) -> None:
    expired = services.token(lifetime=-60)

    assert (await client.get("/v1/areas")).status_code == 200
    assert (await client.get("/v1/areas", services.token("seller"))).status_code == 200
    assert refusal(await client.get("/v1/areas", expired)) == UNAUTHENTICATED


async def test_headers_that_claim_an_identity_are_dropped(
    client: Client, services: Neighbourhood, addresses: Addresses
) -> None:
    await client.get(
        ADDRESS,
        services.token(),
        x_gotong_actor="admin",
        x_user_id="1",
        x_envoy_original_method="POST",
        x_envoy_retry_on="5xx",
        x_forwarded_client_cert="By=spiffe://gotong/order",
        grpc_trace_bin="not base64!",
        x_request_id="mine",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )

    got = addresses.metadata
    spoofed = ("x-gotong-", "x-user-", "x-forwarded-client-cert", "x-envoy-retry")
    assert not [name for name in got if name.startswith(spoofed) or name.endswith("-bin")]
    assert got["x-envoy-original-method"] == "GET"
    assert got["x-request-id"] != "mine"
    assert str(got["traceparent"]).startswith("00-0af7651916cd43dd8448eb211c80319c-")
