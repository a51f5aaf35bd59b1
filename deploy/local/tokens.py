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
    """The file for whoever verifies; made, with its key, when it is missing."""
    path = directory / "jwks.json"
    content = json.dumps(KeySet([_signing_key(directory)]).as_dict(private=False), indent=2)
    if not path.exists() or path.read_text() != content:
        write(path, content, mode=PUBLIC)
    return path


def _signing_key(directory: Path) -> ECKey:
    path = directory / "signing.json"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        parameters = {"alg": ALGORITHM, "use": "sig"}
        key = ECKey.generate_key("P-256", parameters, private=True, auto_kid=True)
        write(path, json.dumps(key.as_dict(private=True)), mode=PRIVATE)
        public_keys(directory)
    return ECKey.import_key(json.loads(path.read_text()))
