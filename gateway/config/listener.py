"""What does the gateway accept from clients?"""

from collections.abc import Sequence

from gateway.config.clusters import tls_material
from gateway.config.filters import MEBIBYTE, filters
from gateway.config.replies import local_replies
from gateway.config.routes import route_table
from gateway.config.shape import Json, Object, extension, socket, typed
from gateway.contracts import Method
from gateway.settings import Certificate, Settings

NAME = "gateway"
ACCESS_LOG: Object = {
    "time": "%START_TIME%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
    "path": "%PATH(NQ:ORIG_OR_PATH)%",
    "rpc": "%PATH(NQ:PATH)%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS(SNAKE_STRING)%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "milliseconds": "%DURATION%",
    "bytes_in": "%BYTES_RECEIVED%",
    "bytes_out": "%BYTES_SENT%",
    "upstream": "%UPSTREAM_HOST%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "peer": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "user": "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:claims:sub)%",
    "traceparent": "%REQ(TRACEPARENT)%",
    "protocol": "%PROTOCOL%",
}


def listener(methods: Sequence[Method], settings: Settings) -> Object:
    chain: Object = {"filters": [_connection_manager(methods, settings)]}
    if settings.certificate:
        chain["transport_socket"] = _tls(settings.certificate)
    return {
        "name": NAME,
        "address": socket(settings.address, settings.port),
        "enable_reuse_port": False,  # or a second gateway could share the port
        "per_connection_buffer_limit_bytes": MEBIBYTE,
        "filter_chains": [chain],
    }


def _connection_manager(methods: Sequence[Method], settings: Settings) -> Object:
    return extension(
        "envoy.filters.network.http_connection_manager",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=NAME,
        server_name=NAME,
        **_client_address(settings.trusted_proxies),
        **_strictness(),
        **_timeouts_and_sizes(),
        **_request_id(),
        early_header_mutation_extensions=[_dropped_headers()],
        access_log=[_access_log()],
        local_reply_config=local_replies(),
        route_config=route_table(methods, settings),
        http_filters=filters(methods, settings),
    )


def _client_address(trusted_proxies: int) -> Object:
    return {"use_remote_address": True, "xff_num_trusted_hops": trusted_proxies}


def _strictness() -> Object:
    return {
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
    }


def _timeouts_and_sizes() -> Object:
    return {
        "max_request_headers_kb": 16,
        "request_headers_timeout": "5s",
        "request_timeout": "30s",  # until all of the request is here
        "stream_idle_timeout": "60s",
        "common_http_protocol_options": {
            "idle_timeout": "120s",
            "max_headers_count": 64,
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": MEBIBYTE,
        },
    }


def _request_id() -> Object:
    return {
        "generate_request_id": True,
        "preserve_external_request_id": False,
        "always_set_request_id_in_response": True,
    }


def _dropped_headers() -> Object:
    """What a client could use to pass for somebody else, before any filter sees it."""
    spoofs: list[Json] = [
        *({"prefix": prefix} for prefix in ("x-gotong-", "x-user-", "x-envoy-")),
        {"suffix": "-bin"},  # Envoy breaks off requests with a malformed one
        {"exact": "x-forwarded-client-cert"},
    ]
    return extension(
        "envoy.http.early_header_mutation.header_mutation",
        "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations=[{"remove_on_match": {"key_matcher": spoof}} for spoof in spoofs],
    )


def _access_log() -> Object:
    return extension(
        "envoy.access_loggers.stdout",
        "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": ACCESS_LOG},
    )


def _tls(certificate: Certificate) -> Object:
    context: Object = {**tls_material(certificate), "alpn_protocols": ["h2", "http/1.1"]}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": typed(
            "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            common_tls_context=context,
        ),
    }
