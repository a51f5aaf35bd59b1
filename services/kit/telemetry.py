"""What does the on-call person see? One JSON line and one measurement per RPC and per job."""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status
from opentelemetry import trace
from prometheus_client import Counter, Histogram, start_http_server

from services.kit.actor import Actor
from services.kit.status import reason_of

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_SECRET = re.compile(r"authorization|token|secret|password|api_key|database_url", re.IGNORECASE)
_OURS_TO_FIX = frozenset({code_pb2.INTERNAL, code_pb2.UNKNOWN, code_pb2.DATA_LOSS})

_RPC_SECONDS = Histogram("gotong_rpc_seconds", "How long an RPC took", ["method", "code"])
_JOBS = Counter("gotong_jobs", "Jobs by their outcome", ["service", "kind", "outcome"])
_SWEPT = Counter("gotong_jobs_swept", "Jobs whose wake-up was lost", ["service"])


def start_logging() -> None:
    """JSON lines on standard output; what is called like a secret is not printed."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            _without_secrets,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )


def start_metrics(port: str) -> None:
    """Serve Prometheus metrics, unless the port is empty."""
    if port:
        start_http_server(int(port))


def record_rpc(
    method: str, actor: Actor, started: float, status: Status, error: Exception | None = None
) -> None:
    """What became of an RPC; the traceback only where it is ours to fix."""
    seconds = time.perf_counter() - started
    code = code_pb2.Code.Name(status.code)
    _RPC_SECONDS.labels(method, code).observe(seconds)
    fields: dict[str, Any] = {
        "rpc": method,
        "actor": str(actor),
        "code": code,
        "ms": round(seconds * 1000, 2),
    }
    if error is None:
        log.info("rpc", **fields)
    elif status.code in _OURS_TO_FIX:
        log.error("rpc", **fields, exc_info=error)
    else:
        # Not the message of a refusal: it may cite what the caller sent, such as a phone number.
        log.info("rpc", **fields, reason=reason_of(status) or status.message)


def record_job(service: str, kind: str, outcome: str) -> None:
    _JOBS.labels(service, kind, outcome).inc()


def record_swept(service: str, number: int) -> None:
    _SWEPT.labels(service).inc(number)


def _without_secrets(
    _: object, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name in event:
        if _SECRET.search(name):
            event[name] = "***"
    return event


def _with_trace(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = f"{span.trace_id:032x}"
    return event
