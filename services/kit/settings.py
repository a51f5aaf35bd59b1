"""Where do settings come from? From the environment, once, when a process starts."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service needs to know.

    listen_address is host:port, port 0 for a free one. tls_directory holds ca.crt, <service>.crt
    and <service>.key; empty means plaintext. token_keys is a JWKS, as a path or an address.
    otlp_endpoint takes OpenTelemetry traces over HTTP, metrics_port serves Prometheus; empty: none.
    """

    database_url: str
    listen_address: str
    token_keys: str
    token_issuer: str
    token_audience: str = "gotong"  # noqa: S105 - no secret
    tls_directory: str = ""
    metrics_port: str = ""
    otlp_endpoint: str = ""


def from_env(settings: type[S], service: str, environment: Mapping[str, str] | None = None) -> S:
    """Fill a dataclass of strings; ORDER_DATABASE_URL goes before DATABASE_URL.

    NAME_FILE instead of NAME gives the path of a file that holds the value, for secrets. Raises
    SystemExit naming all variables that are missing.
    """
    source = os.environ if environment is None else environment
    specs = fields(settings)  # type: ignore[arg-type]
    found = {f.name: _value(source, service.upper(), f.name.upper()) for f in specs}
    missing = [f.name.upper() for f in specs if f.default is MISSING and found[f.name] is None]
    if missing:
        raise SystemExit(f"{service}: set {', '.join(missing)}")
    values: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    return settings(**values)


def _value(source: Mapping[str, str], service: str, name: str) -> str | None:
    for key in (f"{service}_{name}", name):
        if path := source.get(f"{key}_FILE"):
            return Path(path).read_text(encoding="utf-8").strip()
        if key in source:
            return source[key]
    return None
