"""Where does each RPC go, for how long, and how often?"""

from collections.abc import Mapping, Sequence

from gateway.config.shape import Json, Object, extension, header_input, seconds, typed
from gateway.contracts import Method
from gateway.settings import Limits, Settings

NEVER_SENT = "connect-failure,refused-stream"
READS_TOO = f"{NEVER_SENT},reset-before-request,unavailable"


def route_table(methods: Sequence[Method], settings: Settings) -> Object:
    """By the exact path of an RPC, which REST is by then; what is not listed is not there."""
    routes: Mapping[str, Json] = {
        method.path: {"action": _route(method, settings.limits)} for method in methods
    }
    host: Object = {
        "name": "gateway",
        "domains": ["*"],
        "matcher": {
            "matcher_tree": {
                "input": header_input(":path"),
                "exact_match_map": {"map": routes},
            },
            "on_no_match": {"action": _nowhere()},
        },
        "typed_per_filter_config": {"envoy.filters.http.cors": _cors(settings.origins)},
    }
    return {"name": "gateway", "virtual_hosts": [host], "validate_clusters": False}


def _route(method: Method, limits: Limits) -> Object:
    return _action(
        method.path,
        cluster=method.owner,
        **(_stream() if method.streams else _unary(method, limits)),
    )


def _action(name: str, /, **action: Json) -> Object:
    return extension(
        name, "envoy.config.route.v3.Route", name=name, match={"prefix": "/"}, route=action
    )


def _unary(method: Method, limits: Limits) -> Object:
    limit = seconds(limits.read_seconds if method.reads else limits.write_seconds)
    return {
        "timeout": limit,
        # This one the service sees as its deadline; what the client asks for counts if it is less.
        "max_stream_duration": {"max_stream_duration": limit, "grpc_timeout_header_max": limit},
        "retry_policy": _retry(READS_TOO if method.reads else NEVER_SENT),
    }


def _stream() -> Object:
    return {
        "timeout": "0s",
        "idle_timeout": "300s",
        "max_stream_duration": {"max_stream_duration": "0s", "grpc_timeout_header_max": "0s"},
        "retry_policy": _retry(NEVER_SENT),
    }


def _retry(reasons: str) -> Object:
    another_replica = extension(
        "envoy.retry_host_predicates.previous_hosts",
        "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    )
    return {
        "retry_on": reasons,
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
        "retry_host_predicate": [another_replica],
        "host_selection_retry_max_attempts": 3,
    }


def _nowhere() -> Object:
    """What REST matches before it is transcoded, and what is in no contract ends at."""
    return _action(
        "nowhere", cluster="nowhere", cluster_not_found_response_code="NOT_FOUND", timeout="1s"
    )


def _cors(origins: Sequence[str]) -> Object:
    return typed(
        "envoy.extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"exact": origin} for origin in origins],
        allow_methods="GET,POST,PATCH,PUT,DELETE",
        allow_headers="authorization,content-type,x-grpc-web,x-user-agent,grpc-timeout,traceparent",
        expose_headers="grpc-status,grpc-message,grpc-status-details-bin,x-request-id,retry-after",
        max_age="600",
    )
