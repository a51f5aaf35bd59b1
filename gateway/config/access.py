"""Who may call what? What the contracts say, by RPC, which REST has become by then."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from gateway.config.clusters import KEYS
from gateway.config.shape import Json, Object, file, http_filter
from gateway.contracts import Method
from gateway.settings import RemoteKeys, Tokens

PROVIDER = "users"
CLAIMS = "claims"


def claim(name: str) -> Object:
    """Where later filters find a claim of a verified token."""
    return {
        "key": "envoy.filters.http.jwt_authn",
        "path": [{"key": CLAIMS}, {"key": name}],
    }


def authentication(methods: Sequence[Method], tokens: Tokens) -> Object:
    optional: Json = {"requires_any": {"requirements": [_required(), {"allow_missing": {}}]}}
    public: list[Json] = [
        {"match": {"path": method.path}, "requires": optional}
        for method in methods
        if method.public
    ]
    everything_else: Json = {"match": {"prefix": "/"}, "requires": _required()}
    return http_filter(
        "jwt_authn",
        "JwtAuthentication",
        providers={PROVIDER: _provider(tokens)},
        rules=[*public, everything_else],
    )


def authorization(methods: Sequence[Method]) -> Object:
    """One policy for each set of roles. A path without a policy has no route either."""
    paths = defaultdict(list)
    for method in methods:
        if not method.public:
            paths[method.roles].append(method.path)
    policies: Object = {
        f"needs {' or '.join(roles)}": _refusal(paths[roles], roles) for roles in sorted(paths)
    }
    policies["must be POST"] = _no_rpc()
    return http_filter("rbac", "RBAC", rules={"action": "DENY", "policies": policies})


def _required() -> Object:
    return {"provider_name": PROVIDER}


def _provider(tokens: Tokens) -> Object:
    return {
        "issuer": tokens.issuer,
        "audiences": [tokens.audience],
        "require_expiration": True,
        "clock_skew_seconds": 5,
        # Without this a token in the query would do as well.
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
        "forward": True,  # the service verifies it again
        "payload_in_metadata": CLAIMS,
        "normalize_payload_in_metadata": {"space_delimited_claims": ["roles"]},
        "jwt_cache_config": {"jwt_cache_size": 1000},
        **_keys(tokens.keys),
    }


def _keys(keys: Path | RemoteKeys) -> Object:
    if isinstance(keys, Path):
        return {"local_jwks": file(keys)}
    return {
        "remote_jwks": {
            "http_uri": {"uri": keys.url, "cluster": KEYS, "timeout": "2s"},
            "cache_duration": "300s",
            "async_fetch": {"failed_refetch_duration": "1s"},
        }
    }


def _no_rpc() -> Object:
    """What a gRPC server answers by breaking off, which would look as if it were down."""
    method: Json = {"name": ":method", "string_match": {"exact": "POST"}, "invert_match": True}
    return {"permissions": [{"header": method}], "principals": [{"any": True}]}


def _refusal(paths: Sequence[str], roles: Sequence[str]) -> Object:
    has_one: list[Json] = [{"sourced_metadata": _role(role)} for role in roles]
    return {
        "permissions": [{"url_path": {"path": {"exact": path}}} for path in paths],
        "principals": [{"not_id": {"or_ids": {"ids": has_one}}}],
    }


def _role(role: str) -> Object:
    held = claim("roles")
    is_among: Json = {"list_match": {"one_of": {"string_match": {"exact": role}}}}
    return {
        "metadata_source": "DYNAMIC",
        "metadata_matcher": {"filter": held["key"], "path": held["path"], "value": is_among},
    }
