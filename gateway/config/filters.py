"""What does a request pass, in which order? No protection hangs on the route that it matches."""

import re
from collections.abc import Iterable, Sequence

from gateway.config.access import authentication, authorization, claim
from gateway.config.shape import ALWAYS, Json, Object, header_matches, http_filter, typed, unless
from gateway.contracts import Method
from gateway.settings import Settings

MEBIBYTE = 1024 * 1024
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# Exactly those that the gRPC filters treat as gRPC: all others are REST, and limited as REST.
GRPC = r"application/grpc(\+.*)?|application/grpc-web(-text)?(\+proto)?"


def filters(methods: Sequence[Method], settings: Settings) -> list[Json]:
    """The first one is the last to see the response."""
    limits = settings.limits
    return [
        _security_headers(),
        unless(header_matches("content-type", GRPC), _only_http_headers()),
        _liveness(),
        _readiness(settings.upstreams),
        http_filter("cors", "Cors"),
        unless(_no_cookie_or_webhook(methods), _csrf(settings.origins)),
        _compression(),
        _rate_limit(
            "remote_address", {"remote_address": {}}, limits.requests_per_second_per_address
        ),
        _body_limit("body_size_limit", 16 * MEBIBYTE),
        unless(header_matches("content-type", GRPC), _body_limit("rest_body_limit", MEBIBYTE)),
        http_filter("grpc_web", "GrpcWeb"),
        _transcoder(methods, settings),
        authentication(methods, settings.tokens),
        authorization(methods),
        _rate_limit("user", _by_user(), limits.requests_per_second_per_user),
        http_filter("router", "Router", suppress_envoy_headers=True),
    ]


def _security_headers() -> Object:
    added: list[Json] = [
        {"append": {"header": {"key": key, "value": value}, "append_action": "ADD_IF_ABSENT"}}
        for key, value in SECURITY_HEADERS.items()
    ]
    own: Object = {"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}}
    return http_filter(
        "header_mutation", "HeaderMutation", mutations={"response_mutations": [own, *added]}
    )


def _only_http_headers() -> Object:
    """REST clients have no use for the rest."""
    names = ("grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-accept-encoding")
    removals: list[Json] = [{"remove": name} for name in names]
    return http_filter(
        "header_mutation",
        "HeaderMutation",
        name="only_http_headers",
        mutations={"response_mutations": removals, "response_trailers_mutations": removals},
    )


def _liveness() -> Object:
    return _health("livez")


def _readiness(upstreams: Iterable[str]) -> Object:
    """Every service has a healthy replica."""
    return _health(
        "readyz", cluster_min_healthy_percentages={name: {"value": 1} for name in sorted(upstreams)}
    )


def _health(path: str, **condition: Json) -> Object:
    return http_filter(
        "health_check",
        "HealthCheck",
        name=path,
        pass_through_mode=False,
        headers=[{"name": ":path", "string_match": {"exact": f"/{path}"}}],
        **condition,
    )


def _csrf(origins: Sequence[str]) -> Object:
    """A browser that sends a cookie must say that it comes from one of our pages."""
    ours: list[Json] = [{"exact": origin.partition("://")[2]} for origin in origins]
    return http_filter("csrf", "CsrfPolicy", filter_enabled=ALWAYS, additional_origins=ours)


def _no_cookie_or_webhook(methods: Sequence[Method]) -> Object:
    """A webhook proves who calls with what no browser sends by itself."""
    no_cookie: Object = {"not_matcher": header_matches("cookie", ".*")}
    paths = [
        re.escape(binding.template)
        for method in methods
        for binding in method.bindings
        if method.webhook
    ]
    if not paths:
        return no_cookie
    webhook = header_matches(":path", rf"({'|'.join(paths)})(\?.*)?")
    return {"or_matcher": {"predicate": [no_cookie, webhook]}}


def _compression() -> Object:
    gzip = typed("envoy.extensions.compression.gzip.compressor.v3.Gzip", memory_level=5)
    return http_filter(
        "compressor",
        "Compressor",
        response_direction_config={
            "common_config": {
                "min_content_length": 512,
                "content_type_matcher": [{"exact": "application/json"}],
            }
        },
        compressor_library={"name": "gzip", "typed_config": gzip},
    )


def _rate_limit(key: str, action: Object, per_second: int) -> Object:
    """A bucket for each address or user; the one that all share never runs dry."""
    plenty = 10**9
    return http_filter(
        "local_ratelimit",
        "LocalRateLimit",
        name=f"rate_limit_{key}",
        stat_prefix=f"rate_limit_{key}",
        token_bucket=_bucket(plenty),
        filter_enabled=ALWAYS,
        filter_enforced=ALWAYS,
        enable_retry_after_header=True,
        rate_limited_as_resource_exhausted=True,
        max_dynamic_descriptors=10_000,
        rate_limits=[{"actions": [action]}],
        descriptors=[{"entries": [{"key": key}], "token_bucket": _bucket(per_second)}],
    )


def _bucket(per_second: int) -> Object:
    return {"max_tokens": per_second, "tokens_per_fill": per_second, "fill_interval": "1s"}


def _by_user() -> Object:
    return {
        "metadata": {"descriptor_key": "user", "source": "DYNAMIC", "metadata_key": claim("sub")}
    }


def _body_limit(name: str, size: int) -> Object:
    return http_filter("body_size_limit", "BodySizeLimit", name=name, max_request_bytes=size)


def _transcoder(methods: Sequence[Method], settings: Settings) -> Object:
    services: list[Json] = list(dict.fromkeys(method.service for method in methods))
    return http_filter(
        "grpc_json_transcoder",
        "GrpcJsonTranscoder",
        proto_descriptor=str(settings.descriptors),
        services=services,
        convert_grpc_status=True,
        match_unregistered_custom_verb=True,
        case_insensitive_enum_parsing=False,
        query_param_unescape_plus=True,
        max_request_body_size=MEBIBYTE,
        max_response_body_size=8 * MEBIBYTE,
        request_validation_options={
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
        print_options={"always_print_primitive_fields": True},
    )
