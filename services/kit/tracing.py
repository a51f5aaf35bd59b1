"""Where did a call spend its time? OpenTelemetry spans from the gateway's trace to SQL and jobs."""

import grpc
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.grpc import aio_client_interceptors, aio_server_interceptor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracer = trace.get_tracer("gotong")


class Tracing:
    """Of one service; without an endpoint spans cost next to nothing and go nowhere."""

    def __init__(self, service: str, endpoint: str) -> None:
        self._provider: TracerProvider | None = None
        if endpoint:
            self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
            exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
            if not isinstance(trace.get_tracer_provider(), TracerProvider):
                trace.set_tracer_provider(
                    self._provider
                )  # where several share a process: the first

    def server_interceptors(self) -> list[grpc.aio.ServerInterceptor]:
        """The caller's trace goes on in the spans of the handler."""
        if self._provider is None:
            return []
        return [aio_server_interceptor(tracer_provider=self._provider)]

    def client_interceptors(self) -> list[grpc.aio.ClientInterceptor]:
        """A neighbour sees whose trace its span belongs to."""
        if self._provider is None:
            return []
        return list(aio_client_interceptors(tracer_provider=self._provider))

    def close(self) -> None:
        """Send what is waiting."""
        if self._provider:
            self._provider.shutdown()
