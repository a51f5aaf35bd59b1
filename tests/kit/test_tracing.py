"""A trace that a caller began goes on through the service to its statements."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.server import listen
from deploy.sandbox.server import running as serving
from gotong.address.v1 import address_pb2 as pb
from gotong.address.v1.address_pb2_grpc import AddressServiceStub
from services.address.__main__ import running
from tests.support import Realm

TRACE = "0af7651916cd43dd8448eb211c80319c"


def _collector(spans: list[Span]) -> Callable[[Request], Awaitable[Response]]:
    async def collect(request: Request) -> Response:
        exported = ExportTraceServiceRequest.FromString(await request.body())
        for resource in exported.resource_spans:
            for scope in resource.scope_spans:
                spans.extend(scope.spans)
        return Response(b"")

    return collect


async def test_a_statement_is_part_of_the_callers_trace(realm: Realm) -> None:
    spans: list[Span] = []
    app = Starlette(routes=[Route("/v1/traces", _collector(spans), methods=["POST"])])
    listener, url = listen()
    async with serving(app, listener):
        settings = replace(realm.settings("address"), otlp_endpoint=url)
        async with running(settings) as service, realm.channel(service.port, "address") as channel:
            parent = (("traceparent", f"00-{TRACE}-{'1' * 16}-01"),)
            await AddressServiceStub(channel).ListAreas(pb.ListAreasRequest(), metadata=parent)

    mine = {span.name for span in spans if span.trace_id.hex() == TRACE}
    assert mine >= {"/gotong.address.v1.AddressService/ListAreas", "sql"}
