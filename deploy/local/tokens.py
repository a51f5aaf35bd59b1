"""Who signs the users' tokens on a laptop, where there is no OIDC provider."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.files import PRIVATE, PUBLIC, write

ISSUER = "https://dev.gotong.internal"
AUDIENCE = "gotong"
ALGORITHM = "ES256"
PUBLIC_KEYS = "jwks.json"
ROLES = ("buyer", "seller", "factory", "admin", "ops")
ONE_HOUR = timedelta(hours=1)


def mint(
    directory: Path,
    *,
    sub: str,
    roles: Sequence[str],
    org_id: str | None = None,
    lifetime: timedelta = ONE_HOUR,
    now: datetime,
) -> str:
    key = _signing_key(directory)
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": sub,
        "roles": list(roles),
        "iat": issued,
        "nbf": issued,
        "exp": int((now + lifetime).timestamp()),
        "jti": secrets.token_urlsafe(16),
    }
    if org_id is not None:
        claims["org_id"] = org_id
    header = {"alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def public_keys(directory: Path) -> Path:
    """The file for whoever verifies tokens."""
    _signing_key(directory)
    return directory / PUBLIC_KEYS


def _signing_key(directory: Path) -> ECKey:
    path = directory / "signing.json"
    if not path.exists():
        _make_keys(directory, path)
    return ECKey.import_key(json.loads(path.read_text()))


def _make_keys(directory: Path, path: Path) -> None:
    """The public part first: where there is a signing key, there is what verifies it."""
    directory.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
    public = KeySet([key]).as_dict(private=False)
    write(directory / PUBLIC_KEYS, json.dumps(public, indent=2), mode=PUBLIC)
    write(path, json.dumps(key.as_dict(private=True)), mode=PRIVATE)
