"""Who may do what: every operation of the public API, asked for by everybody, as a table says.

A cell of authorisation.md is the status of the answer and, if it is a problem, its code.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import jwt
import pytest

import openapi_document
from population import Population
from recipes import RECIPES, Request
from suite import Suite
from user import User

TABLE = Path(__file__).parents[1] / "authorisation.md"
COLUMNS = ("anonymous", "another user", "owner", "administrator", "expired", "without the scope")
ROW = re.compile(r"\| `(?P<operation>[A-Z]+ /\S*)` \|(?P<cells>.*)\|")
# They answer without end; test_live.py opens them, with and without a token.
STREAMS = {"GET /api/v1/ws", "GET /api/v1/events"}


def table() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text().splitlines():
        if row := ROW.fullmatch(line):
            operation = row["operation"]
            assert operation not in found, f"{operation} has two rows"
            found[operation] = [cell.strip() for cell in row["cells"].split("|")]
    return found


def expired(suite: Suite, valid: str) -> str:
    """Signed by the suite's own key, but over since an hour."""
    key = (suite.layout.secrets / "signing-key.pem").read_text()
    claims = jwt.decode(valid, options={"verify_signature": False})
    now = int(time.time())
    claims |= {"iat": now - 7200, "exp": now - 3600}
    header = jwt.get_unverified_header(valid)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": header["kid"]})


class Asker:
    """Makes the same request as each of the table's people; each time a new one."""

    def __init__(self, suite: Suite, population: Population) -> None:
        self.suite = suite
        self.population = population
        self.usual = (User.register(suite, "stranger"), population.admin)
        self.http = httpx.Client(base_url=suite.url, timeout=30)

    def ask(self, operation: str) -> list[str]:
        """The row of the operation, as it is."""
        admins = "/admin/" in operation
        # what an API token may not do: read, or anything but reading
        scope = "matches:write" if operation.startswith("GET ") else "read"

        stranger, admin = self.others(operation)

        def program(request: Request) -> str:
            return self.population.program(admin if admins else request.owner, scope)

        tokens: tuple[Callable[[Request], str | None], ...] = (
            lambda request: None,
            lambda request: stranger.token,
            lambda request: request.bearer,
            lambda request: admin.token,
            lambda request: expired(self.suite, request.bearer),
            program,
        )
        return [self.cell(operation, token) for token in tokens]

    def others(self, operation: str) -> tuple[User, User]:
        """A user and an administrator; new ones for what they would do to themselves."""
        if "/users/me" not in operation and "/logout" not in operation:
            return self.usual
        admin = self.population.somebody()
        body = {"role": "admin", "reason": "of a system test"}
        path = f"/api/v1/admin/users/{admin.id}/role"
        Population.done(self.population.admin.http.put(path, json=body))
        token = self.population.log_in(admin)["token"]
        admin.http.headers["Authorization"] = f"Bearer {token}"
        return self.population.somebody(), admin

    def cell(self, operation: str, token: Callable[[Request], str | None]) -> str:
        request = RECIPES[operation](self.population)
        bearer = token(request)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        answer = request.send(self.http, operation, headers)
        if answer.status_code < 400:
            return str(answer.status_code)
        return f"{answer.status_code} {answer.json()['code']}"


@pytest.fixture(scope="module")
def asker(suite: Suite, population: Population) -> Asker:
    return Asker(suite, population)


@pytest.mark.parametrize("operation", table())
def test_should_let_in_whom_the_table_says(asker: Asker, operation: str):
    # When
    row = asker.ask(operation)
    # Then
    print(f"| `{operation}` | {' | '.join(row)} |")
    assert dict(zip(COLUMNS, row, strict=True)) == dict(
        zip(COLUMNS, table()[operation], strict=True)
    )


def test_should_have_a_row_for_each_operation_and_no_other(suite: Suite):
    document = openapi_document.fetch(suite.url)
    operations = {f"{m.upper()} {path}" for path, m, _ in openapi_document.operations(document)}
    assert operations - STREAMS == set(table())
