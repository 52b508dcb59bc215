"""Log lines as JSON, and spans of the caller's trace."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from arena_executor import telemetry
from conftest import IDLE, eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
METADATA = (("traceparent", f"00-{TRACE}-{CALLER}-01"),)
HOSTILE = 'x\n{"level":"forged"}\r\x00\x1b[31m"\\\u2028\ud800 100 %s'


def line(message: str, *, failed: bool = False) -> dict[str, str]:
    """What a record comes out as, which is one line."""
    try:
        raise ValueError(message)
    except ValueError:
        error = sys.exc_info() if failed else None
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, message, None, error)
    text = telemetry.JsonLines().format(record)
    assert text.splitlines() == [text]
    assert text.isascii()
    return json.loads(text)


@pytest.fixture
def spans(monkeypatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def test_a_record_should_be_one_object_whatever_its_text_holds():
    told = line(HOSTILE, failed=True)
    assert told["message"] == HOSTILE
    assert told["level"] == "WARN"
    assert told["service"] == "executor"
    assert told["exception"].startswith("Traceback")


def test_lines_of_work_should_have_its_ids_and_its_trace():
    with telemetry.work("run match", METADATA, matchId="m1", attemptId=""):
        told = line("played")
    assert (told["matchId"], told["traceId"], told["spanId"]) == ("m1", TRACE, CALLER)
    assert "attemptId" not in told
    assert "matchId" not in line("later")


@pytest.mark.parametrize("given", ["", "x", f"00-{'0' * 32}-{CALLER}-01", b"\xff"])
def test_a_trace_that_is_none_should_be_ignored(given):
    with telemetry.work("run match", (("traceparent", given),)):
        assert "traceId" not in line("played")


def test_an_id_should_not_be_taken_for_another_field():
    with telemetry.work("run match", (), level="forged"):
        assert line("played")["level"] == "WARN"


def test_work_should_be_a_span_of_the_callers_trace(spans):
    with telemetry.work("run match", METADATA, matchId="m1"):
        told = line("played")
    (span,) = spans.get_finished_spans()
    assert span.name == "run match"
    assert f"{span.context.trace_id:032x}" == TRACE == told["traceId"]
    assert f"{span.parent.span_id:016x}" == CALLER
    assert f"{span.context.span_id:016x}" == told["spanId"]
    assert dict(span.attributes) == {"matchId": "m1"}


def test_a_span_should_tell_that_it_failed_but_not_with_what_words(spans):
    with pytest.raises(ValueError, match="secret"), telemetry.work("run match", METADATA):
        raise ValueError("secret")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert "secret" not in span.to_json()


def test_a_match_should_be_a_span(spans, executor):
    match = executor.match(executor.agent(IDLE), executor.agent(IDLE))
    executor.stub.RunMatch(match, metadata=METADATA, timeout=100)
    (span,) = spans.get_finished_spans()
    assert (span.name, f"{span.context.trace_id:032x}") == ("run match", TRACE)
    assert span.attributes["matchId"] == match.match_id


def test_every_line_of_a_process_should_be_an_object(start, monkeypatch):
    monkeypatch.setenv("ARENA_LOG_FORMAT", "json")
    executor = start(PROT="misspelt")
    eventually(lambda: "executor ready on" in executor.output())
    executor.stop()
    told = [json.loads(text) for text in executor.output().splitlines()]
    assert any("PROT is not a setting" in one["message"] for one in told)


def test_an_unknown_format_should_be_refused():
    with pytest.raises(telemetry.UnknownLogFormat, match="text or json"):
        telemetry.set_up_log({"ARENA_LOG_FORMAT": "xml"})
