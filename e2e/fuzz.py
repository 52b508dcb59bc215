"""Lets schemathesis try the public API: who it asks as, which ids are real, and what came of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from schemathesis import Case, HookContext, engine
from schemathesis.checks import ignored_auth
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events
from schemathesis.schemas import APIOperation, BaseSchema

import openapi_document
from population import Population
from recipes import RECIPES, Request
from user import User, patiently

SEED = "ARENA_FUZZ_SEED"
CONFIG = Path(__file__).with_name("schemathesis.toml")
# They answer without end: test_live.py opens them.
STREAMS = {"/api/v1/ws", "/api/v1/events"}
# What ends the session or the account of the caller is asked for as somebody new each time.
ENDING = {
    "DELETE /api/v1/users/me",
    "DELETE /api/v1/users/me/sessions",
    "DELETE /api/v1/users/me/sessions/{id}",
    "POST /api/v1/auth/logout",
    "PUT /api/v1/users/me/password",
}
# Fields of which any value is as good: schemathesis may choose.
FREE = {"avatarUrl", "description", "fullName", "name", "reason"}
# Sequences of calls change what they find; these would change it for everybody else.
NOT_IN_SEQUENCES = "/admin/|/users/me|/auth/logout"


class Findings:
    """Granted requests by operation, and what is wrong: each thing once, with how to repeat it."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.granted: Counter[str] = Counter()
        self.wrong: dict[tuple[str, str], str] = {}

    def answered(self, case: Case, method: str, status: int) -> None:
        if method == case.operation.method.upper():
            self.asked[case.operation.label] += 1
            self.granted[case.operation.label] += 200 <= status < 300

    def found(self, operation: str, title: str, message: str, how: str) -> None:
        self.wrong.setdefault((operation, f"{title}: {message}"), how)

    def report(self) -> str:
        width = max(map(len, self.asked))
        lines = [f"{'operation':<{width}}  requests  2xx"]
        for operation in sorted(self.asked, key=lambda label: label.split()[::-1]):
            lines.append(
                f"{operation:<{width}}  {self.asked[operation]:8}  {self.granted[operation]:3}"
            )
        lines.append(f"{sum(self.asked.values())} requests in all")
        return "\n".join(lines)

    def complaints(self) -> str:
        return "\n\n".join(
            f"{operation}: {what}\n{how}" for (operation, what), how in sorted(self.wrong.items())
        )


def load(url: str, only_sequences: bool = False) -> BaseSchema:
    """The description the gateway serves, without the streams.

    Each operation's `default` answer is for clients; here each status is to be named.
    """
    document = openapi_document.fetch(url)
    document["paths"] = {p: item for p, item in document["paths"].items() if p not in STREAMS}
    for _, _, operation in openapi_document.operations(document):
        operation["responses"].pop("default")
    config = schemathesis.Config.from_path(CONFIG)
    if SEED in os.environ:
        config.update(seed=int(os.environ[SEED]), max_failures=None)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=url)
    phases = ["stateful"] if only_sequences else ["examples", "coverage", "fuzzing"]
    schema.config.phases.update(phases=phases)
    return schema.exclude(path_regex=NOT_IN_SEQUENCES) if only_sequences else schema


class Callers:
    """Whose token an operation is tried with."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.ending: dict[str, User] = {}

    def token(self, operation: str) -> str:
        if "/admin/" in operation:
            return self.population.admin.token
        if operation in ENDING:
            if operation not in self.ending:
                self.ending[operation] = self.population.somebody()
            return self.ending[operation].token
        return self.population.chameleon.token

    def answered(self, operation: str, status: int) -> None:
        if status < 300:
            self.ending.pop(operation, None)


def run(schema: BaseSchema, population: Population, findings: Findings) -> None:
    """All that schemathesis makes of the description, in its three phases or in sequences."""
    callers = Callers(population)

    @schema.auth(refresh_interval=None)
    class Tokens:
        def get(self, case: Case, context: Any) -> str:
            return callers.token(case.operation.label)

        def set(self, case: Case, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    with _before_calls(Filling(population).fill):
        for event in engine.from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _collect(event.recorder, findings, callers)
            elif isinstance(event, events.NonFatalError):
                findings.found(event.label, "not tried", str(event.value), "")
            elif isinstance(event, events.FatalError):
                raise event.exception


def _collect(recorder: Any, findings: Findings, callers: Callers) -> None:
    for case_id, interaction in recorder.interactions.items():
        case = recorder.cases[case_id].value
        if interaction.response is None:
            findings.found(case.operation.label, "no answer", "", case.as_curl_command())
            continue
        status = interaction.response.status_code
        findings.answered(case, interaction.request.method, status)
        callers.answered(case.operation.label, status)
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                findings.found(
                    recorder.cases[case_id].value.operation.label,
                    failure.title,
                    failure.message,
                    check.failure_info.code_sample,
                )


class Filling:
    """Puts what is real into cases that are to be right: random ids and passwords are never."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.turns: Counter[str] = Counter()

    def fill(self, case: Case) -> None:
        operation = case.operation.label
        if case.meta is None or "Authorization" not in case.headers:
            return
        self.turns[operation] += 1
        in_sequence = case.meta.phase.name.value == "stateful"
        # every second id stays as it was drawn: there is nothing of that id
        wants_path = (
            bool(case.path_parameters)
            and self.turns[operation] % 2 == 1
            and not in_sequence
            and not case.meta.is_negative_at(ParameterLocation.PATH)
        )
        wants_body = isinstance(case.body, dict) and case.meta.generation.mode.is_positive
        if not wants_path and not wants_body:
            return
        request = RECIPES[operation](self.population)
        if wants_path:
            case.path_parameters = dict(request.path)
        if wants_body and isinstance(request.body, dict):
            case.body = {**case.body, **_real(operation, request)}
        if not in_sequence and "/admin/" not in operation:
            case.headers["Authorization"] = f"Bearer {request.bearer}"


def _real(operation: str, request: Request) -> dict[str, Any]:
    fields = {name: value for name, value in request.body.items() if not isinstance(value, tuple)}
    return {name: value for name, value in fields.items() if name not in FREE}


@contextmanager
def _before_calls(fill: Callable[[Case], None]) -> Iterator[None]:
    def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
        fill(case)

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        schemathesis.hooks.GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def top_up(
    schema: BaseSchema, url: str, population: Population, findings: Findings, wanted: int
) -> None:
    """Asks for each operation as its recipe says until so many requests were granted in all."""
    with httpx.Client(base_url=url, timeout=30) as http:
        for result in schema.get_all_operations():
            operation = result.ok()
            while findings.granted[operation.label] < wanted:
                before = findings.granted[operation.label]
                _grant(http, operation, population, findings)
                if findings.granted[operation.label] == before:
                    break


def _grant(
    http: httpx.Client, operation: APIOperation, population: Population, findings: Findings
) -> None:
    request = RECIPES[operation.label](population)
    token = population.admin.token if "/admin/" in operation.label else request.bearer
    headers = {"Authorization": f"Bearer {token}"}
    answer = patiently(lambda: request.send(http, operation.label, headers))
    case = operation.Case(
        path_parameters=dict(request.path), query=dict(request.query), headers=headers
    )
    findings.answered(case, operation.method.upper(), answer.status_code)
    if answer.status_code >= 300:
        findings.found(operation.label, "not granted", answer.text, case.as_curl_command())
    try:
        case.validate_response(answer, excluded_checks=[ignored_auth], headers=headers)
    except FailureGroup as group:
        for failure in group.exceptions:
            findings.found(operation.label, failure.title, failure.message, case.as_curl_command())
