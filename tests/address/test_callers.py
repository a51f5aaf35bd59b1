"""Who may call: users by a token that is ours and good, services by their certificate."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local import tokens
from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from tests.address.conftest import Addresses
from tests.address.requests import book_of
from tests.support import Realm, an_id, denied, refused

SNAPSHOT = pb.GetAddressSnapshotRequest(address_id=an_id(), user_id=an_id())


def token(
    realm: Realm, different: Mapping[str, object] | None = None, key: ECKey | None = None
) -> str:
    """Like the issuer's own, but for what differs."""
    now = datetime.now(UTC)
    claims = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": an_id(),
        "roles": ["buyer"],
        "exp": int((now + timedelta(hours=1)).timestamp()),
    }
    ours = ECKey.import_key(json.loads((realm.keys / "signing.json").read_text()))
    header = {"alg": "ES256", "kid": ours.kid}
    given = {
        name: value for name, value in (claims | dict(different or {})).items() if value is not None
    }
    return jwt.encode(header, given, key or ours)


@pytest.mark.parametrize(
    "different",
    [
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "elsewhere"},
        {"aud": None},
        {"sub": "sari"},
        {"sub": 7},
        {"sub": None},
        {"org_id": 7},
        {"roles": 7},
        {"roles": "buyer"},
        {"roles": {"buyer": True}},
    ],
    ids=str,
)
async def test_a_token_that_is_not_good_is_nobodys(
    addresses: Addresses, different: Mapping[str, object]
) -> None:
    caller = await addresses.bearer(token(addresses.realm, different))

    with refused("INVALID_TOKEN"):
        await book_of(caller)


async def test_a_token_like_these_with_nothing_different_is_good(addresses: Addresses) -> None:
    caller = await addresses.bearer(token(addresses.realm))

    assert await book_of(caller) == []


async def test_a_token_signed_with_another_key_is_nobodys(addresses: Addresses) -> None:
    theirs = ECKey.generate_key("P-256")
    caller = await addresses.bearer(token(addresses.realm, key=theirs))

    with refused("INVALID_TOKEN"):
        await book_of(caller)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
@pytest.mark.parametrize("signed", [True, False])
async def test_an_algorithm_that_anybody_can_sign_with_is_refused(
    addresses: Addresses, algorithm: str, *, signed: bool
) -> None:
    _, payload, signature = token(addresses.realm).split(".")
    header = urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
    caller = await addresses.bearer(f"{header}.{payload}.{signature if signed else ''}")

    with refused("INVALID_TOKEN"):
        await book_of(caller)


@pytest.mark.parametrize("words", ["x", "a.b.c", "..", "Basic c2FyaTpzYXJp"])
async def test_what_is_no_token_is_refused(addresses: Addresses, words: str) -> None:
    with refused("INVALID_TOKEN"):
        await book_of(await addresses.bearer(words))


async def test_nobody_has_no_address_book(addresses: Addresses) -> None:
    with refused("TOKEN_REQUIRED"):
        await book_of(await addresses.bearer(""))


@pytest.mark.parametrize("reason", ["INVALID_TOKEN", "TOKEN_REQUIRED"])
async def test_who_is_nobody_is_unauthenticated(addresses: Addresses, reason: str) -> None:
    caller = await addresses.bearer("x" if reason == "INVALID_TOKEN" else "")

    with denied(grpc.StatusCode.UNAUTHENTICATED):
        await book_of(caller)


async def test_a_bad_token_is_refused_even_where_none_is_needed(addresses: Addresses) -> None:
    caller = await addresses.bearer(token(addresses.realm, {"exp": 1_700_000_000}))

    with refused("INVALID_TOKEN"):
        await caller.ListAreas(pb.ListAreasRequest())


async def test_a_service_is_known_by_its_certificate(addresses: Addresses) -> None:
    service = await addresses.service("address")

    with refused("ADDRESS_NOT_FOUND"):
        await service.GetAddressSnapshot(SNAPSHOT)


@pytest.mark.parametrize("name", ["gateway", "operator"])
async def test_a_certificate_that_carries_users_is_no_services(
    addresses: Addresses, name: str
) -> None:
    with refused("TOKEN_REQUIRED"):
        await (await addresses.service(name)).GetAddressSnapshot(SNAPSHOT)


@pytest.mark.parametrize("role", ["buyer", "admin", "service"])
async def test_no_user_calls_what_is_for_services(addresses: Addresses, role: str) -> None:
    user = await addresses.service("gateway", token=addresses.realm.token(role))

    with denied(grpc.StatusCode.PERMISSION_DENIED):
        await user.GetAddressSnapshot(SNAPSHOT)


async def test_a_header_does_not_make_a_service(addresses: Addresses) -> None:
    gateway = await addresses.service("gateway")

    with refused("TOKEN_REQUIRED"):
        await gateway.GetAddressSnapshot(SNAPSHOT, metadata=(("x-gotong-service", "order"),))


async def test_without_a_certificate_nobody_is_let_in(addresses: Addresses) -> None:
    authority = (addresses.realm.certificates / "ca.crt").read_bytes()
    credentials = grpc.ssl_channel_credentials(authority)
    name = ("grpc.ssl_target_name_override", "address.gotong.internal")
    address = f"127.0.0.1:{addresses.port}"

    async with grpc.aio.secure_channel(address, credentials, options=[name]) as channel:
        with denied(grpc.StatusCode.UNAVAILABLE):
            await AddressServiceStub(channel).ListAreas(pb.ListAreasRequest())
