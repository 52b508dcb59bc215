"""The schemas in a registry: against a server that answers as Apicurio's documentation says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import promises
import registry

TOKEN = "a-registrys-token"


class FakeRegistry(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.versions: dict[str, list[str]] = {}
        self.refusals: dict[str, int] = {}
        self.tokens: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: FakeRegistry

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tokens.add(self.headers["Authorization"])
        if url.path != "/apis/registry/v3/groups/rl-arena/artifacts":
            self.answer(404, {"title": "no such group"})
            return
        assert parse_qs(url.query) == {
            "ifExists": ["FIND_OR_CREATE_VERSION"],
            "canonical": ["true"],
        }
        artifact, content = body["artifactId"], body["firstVersion"]["content"]
        assert (body["artifactType"], content["contentType"]) == ("JSON", "application/json")
        if artifact in self.server.refusals:
            self.answer(
                self.server.refusals[artifact], {"title": "Incompatible\u001b[31m artifact"}
            )
            return
        versions = self.server.versions.setdefault(artifact, [])
        canonical = json.dumps(json.loads(content["content"]), sort_keys=True)
        if canonical not in versions:
            versions.append(canonical)
        number = str(1 + versions.index(canonical))
        self.answer(200, {"artifact": {"artifactId": artifact}, "version": {"version": number}})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    fake = FakeRegistry()
    thread = threading.Thread(target=fake.serve_forever)
    thread.start()
    yield fake
    fake.shutdown()
    thread.join()
    fake.server_close()


def publish(server: FakeRegistry, *more: str) -> int:
    return registry.main(["publish", "--registry", server.url, *more])


def test_every_event_should_be_there_by_its_type_however_often_it_is_published(server, tmp_path):
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")

    assert publish(server, "--token-file", str(token)) == 0
    assert publish(server, "--token-file", str(token)) == 0

    events = promises.current()
    assert server.versions.keys() == {f"org.rlarena.{event}" for event in events}
    assert all(len(versions) == 1 for versions in server.versions.values())
    assert (
        json.loads(server.versions["org.rlarena.match.finished.v1"][0])
        == (events["match.finished.v1"])
    )
    assert server.tokens == {f"Bearer {TOKEN}"}


def test_a_schema_that_has_changed_should_be_a_new_version(server):
    assert publish(server) == 0
    changed = promises.current()["match.finished.v1"] | {"description": "Other words."}

    assert registry.Registry(server.url, "rl-arena").publish("match.finished.v1", changed) is None

    assert len(server.versions["org.rlarena.match.finished.v1"]) == 2


def test_what_is_refused_should_be_named_and_the_rest_be_there(server, capsys):
    server.refusals["org.rlarena.match.finished.v1"] = 409

    assert publish(server) == 1

    assert len(server.versions) == len(promises.current()) - 1
    assert "match.finished.v1: refused: Incompatible[31m artifact\n" in capsys.readouterr().err


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_that_is_no_registry_should_end_it(server, capsys, status):
    server.refusals["org.rlarena.agent.changed.v1"] = status

    assert publish(server) == 2

    assert f"cannot be used: it answers {status}" in capsys.readouterr().err


def test_an_address_where_nobody_is_should_be_told(server, capsys):
    assert registry.main(["publish", "--registry", "http://127.0.0.1:1"]) == 2
    assert registry.main(["publish", "--registry", "file:///etc/passwd"]) == 2

    assert "http://127.0.0.1:1 cannot be used" in capsys.readouterr().err
