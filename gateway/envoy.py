"""How must Envoy be configured for these contracts and settings?"""

from gateway.config.clusters import clusters
from gateway.config.listener import listener
from gateway.config.shape import Object, extension, socket
from gateway.contracts import Contracts
from gateway.settings import Settings

MAX_CONNECTIONS = 10_000


def bootstrap(contracts: Contracts, settings: Settings) -> Object:
    """Routes to the services that have an upstream; the others do not exist."""
    methods = [method for method in contracts.methods() if method.owner in settings.upstreams]
    unknown = set(settings.upstreams) - {method.owner for method in methods}
    assert not unknown, f"no contract for {sorted(unknown)}"
    return {
        "admin": {"address": socket("127.0.0.1", settings.admin_port)},
        "overload_manager": {"resource_monitors": [_connections()]},
        "static_resources": {
            "listeners": [listener(methods, settings)],
            "clusters": clusters(settings),
        },
    }


def _connections() -> Object:
    return extension(
        "envoy.resource_monitors.global_downstream_max_connections",
        "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=MAX_CONNECTIONS,
    )
