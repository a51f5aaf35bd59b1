"""Which settings does the environment of a container ask for?"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.contracts import Contracts
from gateway.settings import Certificate, Identity, Limits, RemoteKeys, Settings, Tokens, Upstream

PORTS = {
    "product": 3002,
    "factory": 3003,
    "groupbuying": 3004,
    "order": 3005,
    "payment": 3006,
    "notification": 3007,
    "logistics": 3008,
    "address": 3009,
    "wallet": 3010,
    "warehouse": 3011,
    "whatsapp": 3012,
    "seller": 3013,
    "review": 3014,
}


def contracts_and_settings(environment: Mapping[str, str]) -> tuple[Contracts, Settings]:
    contracts = Contracts(_descriptors(environment).read_bytes())
    return contracts, settings_from(environment, contracts.owners())


def settings_from(environment: Mapping[str, str], services: Iterable[str]) -> Settings:
    """With the names that the services use: ORDER_ADDRESS, TOKEN_KEYS, TLS_DIRECTORY.

    Raises SystemExit naming all variables that are missing.
    """
    required = ("TOKEN_ISSUER", "TOKEN_KEYS", "TLS_DIRECTORY")
    missing = [name for name in required if name not in environment]
    if missing:
        raise SystemExit(f"gateway: set {', '.join(missing)}")
    host, port = _split(environment.get("LISTEN_ADDRESS", "0.0.0.0:8080"))
    return Settings(
        upstreams={name: _upstream(environment, name) for name in services},
        tokens=_tokens(environment),
        descriptors=_descriptors(environment),
        identity=_identity(environment["TLS_DIRECTORY"]),
        address=host,
        port=port,
        admin_port=int(environment.get("ADMIN_PORT", "9901")),
        certificate=_certificate(environment),
        origins=tuple(environment.get("CORS_ORIGINS", "").split()),
        trusted_proxies=int(environment.get("TRUSTED_PROXIES", "0")),
        limits=_limits(environment),
    )


def _descriptors(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DESCRIPTORS", "gen/descriptors.binpb"))


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _upstream(environment: Mapping[str, str], service: str) -> Upstream:
    default = f"{service}:{PORTS[service]}"
    return Upstream(*_split(environment.get(f"{service.upper()}_ADDRESS", default)))


def _tokens(environment: Mapping[str, str]) -> Tokens:
    keys = environment["TOKEN_KEYS"]
    return Tokens(
        issuer=environment["TOKEN_ISSUER"],
        audience=environment.get("TOKEN_AUDIENCE", "gotong"),
        keys=RemoteKeys(keys) if keys.startswith(("http://", "https://")) else Path(keys),
    )


def _identity(directory: str) -> Identity | None:
    """An empty directory means plaintext, as for the services."""
    if not directory:
        return None
    folder = Path(directory)
    return Identity(
        certificate=Certificate(chain=folder / "gateway.crt", key=folder / "gateway.key"),
        authority=folder / "ca.crt",
    )


def _certificate(environment: Mapping[str, str]) -> Certificate | None:
    if "LISTEN_CERTIFICATE" not in environment:
        return None
    chain, key = environment["LISTEN_CERTIFICATE"], environment["LISTEN_KEY"]
    return Certificate(chain=Path(chain), key=Path(key))


def _limits(environment: Mapping[str, str]) -> Limits:
    given = {
        "requests_per_second_per_user": environment.get("REQUESTS_PER_SECOND_PER_USER"),
        "requests_per_second_per_address": environment.get("REQUESTS_PER_SECOND_PER_ADDRESS"),
    }
    return Limits(**{name: int(value) for name, value in given.items() if value is not None})
