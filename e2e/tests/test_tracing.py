"""With a collector to send them to, the spans of all parts make one trace of an upload's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from arena_local.layout import SERVICES, Layout
from suite import Suite, sample, state_folder, wait_for
from user import User

PORT_OFFSET = 3000
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENTS_SPAN = "00f067aa0ba902b7"
ENVIRONMENT = "tic-tac-toe"
SECRET = "a-ticket-that-nobody-may-see"


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    trace: str
    id: str
    parent: str


class Collector:
    """Takes spans by OTLP over HTTP, and keeps all that it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                collector.bodies.append(body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def spans(self) -> list[Span]:
        return [span for body in list(self.bodies) for span in _spans(body)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _spans(body: bytes) -> Iterator[Span]:
    for told in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = {a.key: a.value.string_value for a in told.resource.attributes}
        for scope in told.scope_spans:
            for span in scope.spans:
                yield Span(
                    resource["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                )


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="module")
def traced(collector: Collector) -> Iterator[Suite]:
    """A suite of its own: that of the other tests runs as on a laptop, with tracing off."""
    settings = {
        "QUARKUS_OTEL_BSP_SCHEDULE_DELAY": "200ms",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "ARENA_LOG_FORMAT": "json",
    }
    with state_folder() as folder:
        running = Suite(Layout(folder, PORT_OFFSET), settings)
        try:
            running.up()
            yield running
        finally:
            running.down()


@pytest.fixture(scope="module")
def author(traced: Suite) -> User:
    """Somebody whose upload has been built, played and rated, all in a trace of their own."""
    opponents = [User.register(traced, "other") for _ in range(2)]
    player = sample(ENVIRONMENT, "random_mover")
    for other, (agent, _) in [(u, u.enter(ENVIRONMENT, player)) for u in opponents]:
        other.await_games(agent, 1)
    author = User.register(traced, "traced")
    agent = author.create_agent("traced", ENVIRONMENT)
    author.http.headers["traceparent"] = f"00-{TRACE}-{CLIENTS_SPAN}-01"
    version = author.submit(agent, "agent.py", player.read_bytes())
    del author.http.headers["traceparent"]
    assert author.await_built(version)["status"] == "active"
    author.await_games(agent, 1)
    return author


def test_one_trace_should_lead_from_the_upload_to_the_change_of_the_rating(
    collector: Collector, author: User
):
    # Given
    wanted = {
        ("gateway", "POST"),  # and whatever it calls the path
        ("submission-service", "POST /api/v1/submissions"),
        ("build-service", "process org.rlarena.submission.created.v1"),
        ("build-service", "build"),
        ("executor", "validate agent"),
        ("submission-service", "process org.rlarena.submission.build-succeeded.v1"),
        ("matchmaking-service", "process org.rlarena.submission.activated.v1"),
        ("match-service", "process org.rlarena.match.requested.v1"),
        ("match-service", "play match"),
        ("executor", "run match"),
        ("rating-service", "process org.rlarena.match.finished.v1"),
        ("agent-service", "process org.rlarena.rating.changed.v1"),
    }

    def of_the_trace() -> dict[str, Span]:
        return {span.id: span for span in collector.spans() if span.trace == TRACE}

    def missing() -> set[tuple[str, str]]:
        told = {(span.service, span.name) for span in of_the_trace().values()}
        method = {(service, name.split()[0]) for service, name in told if service == "gateway"}
        return wanted - told - method

    # When
    wait_for("all spans of the way", lambda: not missing())

    # Then: each is the child of one of them, and the first of the client's
    spans = of_the_trace()
    roots = [span for span in spans.values() if span.parent not in spans]
    assert [(span.service, span.parent) for span in roots] == [("gateway", CLIENTS_SPAN)]


def test_spans_should_hold_neither_credentials_nor_people(
    traced: Suite, collector: Collector, author: User
):
    # Given
    known = len(collector.bodies)
    # When
    httpx.get(f"{traced.url}/api/v1/agents", params={"token": SECRET})
    httpx.get(f"{traced.url}/api/v1/agents", headers={"Authorization": f"Bearer {SECRET}"})
    author.get("/users/me")
    wait_for("their spans", lambda: len(collector.bodies) > known + 2)
    # Then
    sent = b"".join(collector.bodies)
    for word in (SECRET, author.token, author.username, "@example.org", "signature="):
        assert word.encode() not in sent


def test_every_line_of_the_log_should_be_an_object_with_its_ids(traced: Suite, author: User):
    # Given: what clients send is quoted in lines of the log now and then
    hostile = 'x\n{"level":"forged"}\r\x00\x1b[31m"'
    httpx.post(f"{traced.url}/api/v1/auth/login", json={"username": hostile, "password": hostile})
    # When
    lines = {
        part: traced.layout.log_of(part).read_text().splitlines()
        for part in ("executor", *(service.name for service in SERVICES))
    }
    # Then
    for part, text in lines.items():
        assert text, part
        for line in text:
            told = json.loads(line)
            assert told["service"] == part
            assert {"timestamp", "level", "logger", "message", "thread"} <= told.keys(), line
