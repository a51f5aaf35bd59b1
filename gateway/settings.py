"""What differs between one gateway and another?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Upstream:
    """Where a service listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Certificate:
    chain: Path
    key: Path


@dataclass(frozen=True)
class Identity:
    """How the gateway shows itself to the services, and who may vouch for them."""

    certificate: Certificate
    authority: Path


@dataclass(frozen=True)
class RemoteKeys:
    """The key set of an OIDC issuer."""

    url: str
    authority: Path = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Tokens:
    """Which users' tokens are good. A file of keys is read once, a remote set again and again."""

    issuer: str
    audience: str
    keys: Path | RemoteKeys


@dataclass(frozen=True)
class Limits:
    requests_per_second_per_user: int = 50
    requests_per_second_per_address: int = 200
    read_seconds: float = 5
    write_seconds: float = 10


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A port of 0 is chosen by the system. Without identity, services are called in plaintext."""

    upstreams: Mapping[str, Upstream]
    tokens: Tokens
    descriptors: Path
    identity: Identity | None
    address: str = "127.0.0.1"
    port: int = 0
    admin_port: int = 0
    certificate: Certificate | None = None
    origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    limits: Limits = field(default_factory=Limits)
