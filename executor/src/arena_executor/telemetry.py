"""What the executor tells about its work: log lines, and spans where tracing is installed.

ARENA_LOG_FORMAT=json makes each line one JSON object, of the same shape as those of the services.
Spans are made when OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is installed (the extra
`tracing`); its own variables, OTEL_..., hold for it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

SERVICE = "executor"
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
# What the work of this thread is about: fields of its log lines.
_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039 (never changed)
_tracer: Any = None


class UnknownLogFormat(Exception):
    """ARENA_LOG_FORMAT is neither text nor json."""


class JsonLines(logging.Formatter):
    """One record, one line, one JSON object; whatever a text holds, it cannot end either."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            **_ids.get(),
            "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": _LEVELS.get(record.levelname, record.levelname),
            "service": SERVICE,
            "logger": record.name,
            "message": record.getMessage(),
            "thread": record.threadName,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up_log(environment: Mapping[str, str] = os.environ) -> None:
    """Sends the log to stderr. UnknownLogFormat if it cannot be as asked for."""
    handler = logging.StreamHandler(sys.stderr)
    match environment.get("ARENA_LOG_FORMAT", "text").strip().lower():
        case "json":
            handler.setFormatter(JsonLines())
        case "text" | "":
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        case other:
            raise UnknownLogFormat(f"ARENA_LOG_FORMAT must be text or json, not {other!r}.")
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def set_up_tracing(environment: Mapping[str, str] = os.environ) -> None:
    """Makes spans from now on, if they are wanted and can be made."""
    global _tracer
    if not environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    try:
        # Here and not above: importing it takes time that nobody has to spend who does not trace.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logging.getLogger(__name__).warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: no spans. "
            "Install opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http."
        )
        return
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer(SERVICE)


@contextmanager
def work(name: str, metadata: Any, **ids: str) -> Iterator[None]:
    """Work that a call asks for: a span of the caller's trace, with the ids in its log lines.

    metadata: that of the call; its `traceparent` names the trace.
    """
    given = next((value for key, value in metadata or () if key == "traceparent"), "")
    parts = _TRACEPARENT.fullmatch(given) if isinstance(given, str) else None
    about = {key: value for key, value in ids.items() if value}
    if _tracer is None:
        trace = {"traceId": parts[1], "spanId": parts[2]} if parts else {}
        with _about({**about, **trace}):
            yield
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    cause = TraceContextTextMapPropagator().extract({"traceparent": parts[0]} if parts else {})
    with _tracer.start_as_current_span(
        name,
        context=cause,
        kind=SpanKind.SERVER,
        attributes=about,
        # Its message can quote what agents and callers sent.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        made = span.get_span_context()
        trace = {"traceId": f"{made.trace_id:032x}", "spanId": f"{made.span_id:016x}"}
        try:
            with _about({**about, **trace}):
                yield
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@contextmanager
def _about(ids: Mapping[str, str]) -> Iterator[None]:
    token = _ids.set(ids)
    try:
        yield
    finally:
        _ids.reset(token)
