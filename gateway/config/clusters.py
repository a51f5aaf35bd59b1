"""How are the services reached?"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.config.shape import Json, Object, extension, file, socket, typed
from gateway.settings import Certificate, Identity, RemoteKeys, Settings, Upstream

DOMAIN = "gotong.internal"
KEYS = "token-keys"
HTTPS_PORT = 443


def clusters(settings: Settings) -> list[Json]:
    services: list[Json] = [
        _service(name, upstream, settings.identity)
        for name, upstream in sorted(settings.upstreams.items())
    ]
    keys = settings.tokens.keys
    return [*services, _issuer(keys)] if isinstance(keys, RemoteKeys) else services


def tls_material(certificate: Certificate) -> Object:
    return {
        "tls_params": {
            "tls_minimum_protocol_version": "TLSv1_2",
            "tls_maximum_protocol_version": "TLSv1_3",
        },
        "tls_certificates": [
            {"certificate_chain": file(certificate.chain), "private_key": file(certificate.key)}
        ],
    }


def _service(name: str, upstream: Upstream, identity: Identity | None) -> Object:
    http2 = typed(
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config={"http2_protocol_options": {}},
        common_http_protocol_options={"idle_timeout": "300s"},
    )
    return {
        **_endpoint(name, upstream),
        **(_mutual_tls(name, identity) if identity else {}),
        "lb_policy": "LEAST_REQUEST",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2
        },
        # Without a healthy replica a service is down; asking the sick ones would only hide it.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "close_connections_on_host_health_failure": True,
        "health_checks": [_health_check()],
        "circuit_breakers": {"thresholds": [_ceilings()]},
        "outlier_detection": _outliers(),
    }


def _endpoint(name: str, upstream: Upstream) -> Object:
    endpoint: Object = {"endpoint": {"address": socket(upstream.host, upstream.port)}}
    return {
        "name": name,
        "connect_timeout": "1s",
        **_discovery(upstream.host),
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _discovery(host: str) -> Object:
    try:
        ip_address(host)
    except ValueError:
        # IPv6 first would send localhost to ::1, where nobody listens.
        return {"type": "STRICT_DNS", "dns_lookup_family": "V4_PREFERRED"}
    return {"type": "STATIC"}


def _mutual_tls(name: str, identity: Identity) -> Object:
    server = f"{name}.{DOMAIN}"
    context: Object = {
        **tls_material(identity.certificate),
        "alpn_protocols": ["h2"],
        "validation_context": {
            "trusted_ca": file(identity.authority),
            "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": server}}],
        },
    }
    return _upstream_tls(server, context)


def _upstream_tls(server: str, context: Object) -> Object:
    return {
        "transport_socket": extension(
            "envoy.transport_sockets.tls",
            "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            sni=server,
            common_tls_context=context,
        )
    }


def _health_check() -> Object:
    return {
        "timeout": "2s",
        "interval": "1s",
        "no_traffic_interval": "1s",
        "unhealthy_interval": "0.5s",
        "unhealthy_threshold": 3,
        "healthy_threshold": 1,
        "grpc_health_check": {},
    }


def _ceilings() -> Object:
    return {
        "max_connections": 100,
        "max_pending_requests": 1000,
        "max_requests": 1000,
        "max_retries": 20,
    }


def _outliers() -> Object:
    """A replica that cannot be reached rests; one with a bug does not: the others have it too."""
    return {
        "interval": "2s",
        "base_ejection_time": "5s",
        "max_ejection_percent": 50,
        "enforcing_consecutive_5xx": 0,
        "consecutive_gateway_failure": 5,
        "enforcing_consecutive_gateway_failure": 100,
        "enforcing_success_rate": 0,
    }


def _issuer(keys: RemoteKeys) -> Object:
    url = urlsplit(keys.url)
    assert url.hostname is not None, f"no host in {keys.url}"
    secure = url.scheme == "https"
    endpoint = _endpoint(KEYS, Upstream(url.hostname, url.port or (HTTPS_PORT if secure else 80)))
    if not secure:
        return endpoint
    trust: Object = {
        "validation_context": {
            "trusted_ca": file(keys.authority),
            "match_typed_subject_alt_names": [
                {"san_type": "DNS", "matcher": {"exact": url.hostname}}
            ],
        }
    }
    return {**endpoint, **_upstream_tls(url.hostname, trust)}
