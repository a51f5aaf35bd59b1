"""What does the gateway say by itself? A google.rpc.Status over REST, a grpc-status over gRPC."""

from dataclasses import dataclass

from grpc import StatusCode

from gateway.config.shape import Json, Object

DOMAIN = "gateway"
# Not what Envoy says, which tells about our network.
AWAY = "the service is not available"


@dataclass(frozen=True)
class Reply:
    http: int
    code: StatusCode
    reason: str
    message: str = "%LOCAL_REPLY_BODY%"

    @property
    def number(self) -> int:
        number: int = self.code.value[0]
        return number


REPLIES = (
    Reply(400, StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST"),
    Reply(401, StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
    Reply(403, StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
    Reply(404, StatusCode.NOT_FOUND, "NO_SUCH_METHOD"),
    Reply(408, StatusCode.DEADLINE_EXCEEDED, "REQUEST_TIMEOUT"),
    Reply(413, StatusCode.RESOURCE_EXHAUSTED, "BODY_TOO_LARGE"),
    Reply(415, StatusCode.INVALID_ARGUMENT, "UNSUPPORTED_MEDIA_TYPE"),
    Reply(426, StatusCode.FAILED_PRECONDITION, "HTTP_VERSION_TOO_OLD"),
    Reply(429, StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED"),
    Reply(431, StatusCode.INVALID_ARGUMENT, "HEADERS_TOO_LARGE"),
    Reply(500, StatusCode.INTERNAL, "INTERNAL", "something went wrong"),
    Reply(502, StatusCode.UNAVAILABLE, "UNAVAILABLE", AWAY),
    Reply(503, StatusCode.UNAVAILABLE, "UNAVAILABLE", AWAY),
    Reply(504, StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "it took too long"),
)

# The others Envoy translates as it should, such as 429 and 404 (UNIMPLEMENTED).
TRANSLATED = (400, 408, 413, 431, 500, 502, 503, 504)


def local_replies() -> Object:
    rest: list[Json] = [_over_rest(reply) for reply in REPLIES]
    grpc: list[Json] = [_over_grpc(reply) for reply in REPLIES if reply.http in TRANSLATED]
    return {"mappers": [*rest, *grpc]}


def _over_rest(reply: Reply) -> Object:
    body: Object = {
        "code": reply.number,
        "message": reply.message,
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reply.reason,
                "domain": DOMAIN,
            }
        ],
    }
    return {
        "filter": _when(reply, _is_rest()),
        "body_format_override": {"content_type": "application/json", "json_format": body},
    }


def _over_grpc(reply: Reply) -> Object:
    status: Object = {
        "header": {"key": "grpc-status", "value": str(reply.number)},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
    return {
        "filter": _when(reply, _is_grpc()),
        "headers_to_add": [status],
        "body_format_override": {"text_format_source": {"inline_string": reply.message}},
    }


def _when(reply: Reply, kind: Object) -> Object:
    status: Object = {"default_value": reply.http, "runtime_key": "unused"}
    comparison: Object = {"status_code_filter": {"comparison": {"op": "EQ", "value": status}}}
    return {"and_filter": {"filters": [comparison, kind]}}


def _is_rest() -> Object:
    """Transcoded already, or never gRPC at all."""
    return {"or_filter": {"filters": [_was_transcoded(), _header(_grpc_content(), is_so=False)]}}


def _is_grpc() -> Object:
    never = _header({"name": "x-envoy-original-path", "present_match": True}, is_so=False)
    return {"and_filter": {"filters": [_header(_grpc_content(), is_so=True), never]}}


def _was_transcoded() -> Object:
    return _header({"name": "x-envoy-original-path", "present_match": True}, is_so=True)


def _grpc_content() -> Object:
    return {
        "name": "content-type",
        "string_match": {"prefix": "application/grpc"},
        "treat_missing_header_as_empty": True,
    }


def _header(header: Object, *, is_so: bool) -> Object:
    return {"header_filter": {"header": {**header, "invert_match": not is_so}}}
