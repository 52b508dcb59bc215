"""The demo's client against a small server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from arena_local.api import Api, ApiError

Answer = tuple[int, dict[str, str], bytes]


class Server(HTTPServer):
    """Gives the answers it holds, one per request; the last one for ever."""

    answers: list[Answer]
    asked = 0

    def next(self) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = self.server.next()  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def api(server: Server) -> Api:
    return Api(f"http://127.0.0.1:{server.server_port}")


@pytest.mark.parametrize("status", [429, 503])
def test_it_comes_back_when_it_is_told_to(server: Server, status: int):
    server.answers = [(status, {"Retry-After": "0"}, b"{}"), (200, {}, b'{"agents": []}')]

    assert api(server).get("/api/v1/agents") == {"agents": []}
    assert server.asked == 2


@pytest.mark.parametrize(
    ("status", "headers"), [(404, {"Retry-After": "0"}), (503, {}), (503, {"Retry-After": "3600"})]
)
def test_it_gives_up_at_once_on_what_will_not_change_soon(
    server: Server, status: int, headers: dict[str, str]
):
    server.answers = [(status, headers, b'{"message": "No."}')]

    with pytest.raises(ApiError, match="No\\."):
        api(server).get("/api/v1/agents")
    assert server.asked == 1
