"""A development token is what a gateway accepts of any OIDC provider."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import KeySet
from joserfc.jwt import Claims, JWTClaimsRegistry

from deploy.local.tokens import AUDIENCE, ISSUER, mint, public_keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUDI = "0199b2a1-0000-7000-8000-000000000001"
KOPERASI = "0199b2a1-0000-7000-8000-000000000002"


def verified(directory: Path, token: str, *, at: datetime) -> Claims:
    keys = KeySet.import_key_set(json.loads(public_keys(directory).read_text()))
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    JWTClaimsRegistry(
        now=int(at.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
    ).validate(claims)
    return claims


def test_a_token_says_who_and_in_which_roles(tmp_path: Path) -> None:
    token = mint(tmp_path, sub=BUDI, roles=["buyer", "seller"], org_id=KOPERASI, now=NOW)

    claims = verified(tmp_path, token, at=NOW)

    assert claims["sub"] == BUDI
    assert claims["roles"] == ["buyer", "seller"]
    assert claims["org_id"] == KOPERASI


def test_nobody_is_of_an_organisation_unasked(tmp_path: Path) -> None:
    token = mint(tmp_path, sub=BUDI, roles=["buyer"], now=NOW)

    assert "org_id" not in verified(tmp_path, token, at=NOW)


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    token = mint(tmp_path, sub=BUDI, roles=["buyer"], lifetime=timedelta(minutes=5), now=NOW)

    with pytest.raises(ExpiredTokenError):
        verified(tmp_path, token, at=NOW + timedelta(minutes=5, seconds=1))


def test_no_two_tokens_have_one_id(tmp_path: Path) -> None:
    tokens = [mint(tmp_path, sub=BUDI, roles=["buyer"], now=NOW) for _ in range(2)]

    ids = {verified(tmp_path, token, at=NOW)["jti"] for token in tokens}

    assert len(ids) == 2


def test_the_private_key_stays_private(tmp_path: Path) -> None:
    published = json.loads(public_keys(tmp_path).read_text())["keys"]

    assert (tmp_path / "signing.json").stat().st_mode & 0o777 == 0o600
    assert [key["kid"] for key in published]
    assert not any("d" in key for key in published)
