"""Who calls, and may they? A user by token, a service by client certificate."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import grpc
from cachetools import LRUCache
from google.protobuf import descriptor_pool
from joserfc import jwt
from joserfc.errors import JoseError

from gotong.options.v1 import access_pb2
from gotong.options.v1.access_pb2 import Access
from services.kit.actor import ANONYMOUS, Actor, Role, roles_from, service
from services.kit.clock import Clock
from services.kit.errors import PermissionDenied, Unauthenticated
from services.kit.keys import Keys

_ALGORITHMS = ["ES256", "EdDSA", "RS256"]
_LEEWAY_SECONDS = 5
_SPIFFE = b"spiffe://gotong/"
_USER_AGENT = re.compile("gotong-([a-z]+) ")
_NOT_SERVICES = frozenset({"gateway", "operator"})


class InvalidToken(Unauthenticated):
    """A token that is malformed, expired, not ours or not for us."""


class TokenRequired(Unauthenticated):
    """The RPC is not for everybody, and nobody is calling."""


class RoleRequired(PermissionDenied):
    """The caller plays none of the roles that may call this."""


def access_rules(services: Iterable[str]) -> dict[str, Access]:
    """Who may call each method of these proto services; a method that does not say fails here."""
    rules = {}
    for name in services:
        descriptor = descriptor_pool.Default().FindServiceByName(name)
        for method in descriptor.methods:
            options = method.GetOptions()
            assert options.HasExtension(access_pb2.access), (
                f"{method.full_name} has no access option"
            )
            streams = method.client_streaming or method.server_streaming
            assert not streams, f"{method.full_name}: the edge guards unary methods only"
            rules[f"/{name}/{method.name}"] = options.Extensions[access_pb2.access]
    return rules


def require(access: Access, actor: Actor) -> None:
    if access.public or actor.plays(*map(_role, access.roles)):
        return
    if actor is ANONYMOUS:
        raise TokenRequired("a token is needed")
    needed = ", ".join(sorted(map(_role, access.roles)))
    raise RoleRequired(f"one of these roles is needed: {needed}", roles=needed)


class Identity:
    """Reads who calls from the context of a call."""

    def __init__(
        self, keys: Keys, *, issuer: str, audience: str, clock: Clock, plaintext: bool
    ) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._plaintext = plaintext
        self._verified: LRUCache[str, tuple[dict[str, Any], Actor]] = LRUCache(4096)

    async def of(self, context: "grpc.aio.ServicerContext[Any, Any]") -> Actor:
        """The caller. Raises InvalidToken; without a token or certificate it is nobody."""
        headers = dict(context.invocation_metadata() or ())
        if authorization := headers.get("authorization"):
            token = str(authorization).removeprefix("Bearer ")
            try:
                return self._user(token)
            except InvalidToken:
                if not await self._keys.renewed():
                    raise
                return self._user(token)
        name = _named(headers) if self._plaintext else _certified(context)
        return service(name) if name and name not in _NOT_SERVICES else ANONYMOUS

    def _user(self, token: str) -> Actor:
        try:
            if cached := self._verified.get(token):
                claims, actor = cached
            else:
                claims = jwt.decode(token, self._keys.current, algorithms=_ALGORITHMS).claims
                actor = _actor(claims)
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise InvalidToken("the token is not valid") from error
        self._verified[token] = (claims, actor)
        return actor


def _actor(claims: dict[str, Any]) -> Actor:
    roles, org = claims.get("roles", []), claims.get("org_id")
    if not isinstance(roles, list):
        raise TypeError("roles is no list")  # of a text, parts would count as roles
    return Actor(roles_from(roles), str(UUID(str(claims["sub"]))), UUID(str(org)) if org else None)


def _named(headers: Mapping[str, str | bytes]) -> str:
    found = _USER_AGENT.match(str(headers.get("user-agent", "")))
    return found[1] if found else ""


def _certified(context: "grpc.aio.ServicerContext[Any, Any]") -> str:
    names = context.auth_context().get("x509_subject_alternative_name", ())
    return next((n.removeprefix(_SPIFFE).decode() for n in names if n.startswith(_SPIFFE)), "")


def _role(role: int) -> Role:
    return Role(access_pb2.Role.Name(role).removeprefix("ROLE_").lower())  # type: ignore[arg-type]
