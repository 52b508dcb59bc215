"""A small HTTP server with the paths and shapes of the gateway, for tests of the client."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-ann"
USER = {"id": "u-1", "username": "ann", "email": "ann@example.com"}


@dataclass
class FakeArena:
    """What the server knows, and what it was asked. builds: answers to build-status, in order."""

    agents: list[dict[str, Any]] = field(default_factory=list)
    matches: list[dict[str, Any]] = field(default_factory=list)
    replays: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    board: list[dict[str, Any]] = field(default_factory=list)
    builds: list[dict[str, Any]] = field(default_factory=list)
    build_log: str = ""
    uploads: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    redirect_to: str | None = None

    def __post_init__(self) -> None:
        arena = self

        class Handler(_Handler):
            fake = arena

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Refused(Exception):
    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.headers = status, code, headers


class _Handler(BaseHTTPRequestHandler):
    fake: FakeArena

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.fake.requests.append(f"{method} {self.path}")
        if self.fake.redirect_to:
            self._write(302, b"", {"Location": self.fake.redirect_to})
            return
        path, _, query = self.path.removeprefix("/api/v1").partition("?")
        try:
            value, status = self._route(method, path, query, body)
        except _Refused as refused:
            problem = {
                "status": refused.status,
                "code": refused.code,
                "detail": str(refused),
                "message": str(refused),
            }
            headers = {name.replace("_", "-"): text for name, text in refused.headers.items()}
            self._write(refused.status, json.dumps(problem).encode(), headers)
            return
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self._write(status, content, {})

    def _write(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _route(self, method: str, path: str, query: str, body: bytes) -> tuple[Any, int]:
        fake = self.fake
        match method, *path.strip("/").split("/"):
            case ["POST", "auth", "login"]:
                if json.loads(body)["password"] != "secret":
                    raise _Refused(401, "invalid_credentials", "Invalid email or password.")
                return {"token": TOKEN, "user": USER}, 200
            case ["POST", "auth", "register"]:
                return {"token": TOKEN, "user": {**USER, **json.loads(body)}}, 201
            case ["POST", "auth", "logout"]:
                self._user()
                return b"", 204
            case ["GET", "environments"]:
                return {"environments": [{"id": "pong"}]}, 200
            case ["GET", "agents", "my"]:
                self._user()
                return {"agents": fake.agents, "total": len(fake.agents)}, 200
            case ["POST", "agents"]:
                self._user()
                agent = {"id": f"a-{len(fake.agents) + 1}", **json.loads(body)}
                fake.agents.append(agent)
                return {"message": "created", "agent": agent}, 201
            case ["POST", "submissions"]:
                self._user()
                fields = _form(self.headers["Content-Type"], body)
                fake.uploads.append(fields)
                return {
                    "message": "uploaded",
                    "submission": {"id": "s-1", "version": len(fake.uploads)},
                }, 201
            case ["GET", "submissions", "s-1", "build-status"]:
                status = fake.builds.pop(0) if len(fake.builds) > 1 else fake.builds[0]
                return {"submissionId": "s-1", **status}, 200
            case ["GET", "submissions", "s-1", "build-logs"]:
                self._user()
                return self._build_log(int(query.removeprefix("offset="))), 200
            case ["GET", "matches"]:
                wanted = re.search(r"agentId=([^&]+)", query)
                found = [
                    one
                    for one in fake.matches
                    if not wanted or wanted[1] in [p["agentId"] for p in one["participants"]]
                ]
                return {"matches": found, "total": len(found)}, 200
            case ["GET", "matches", match_id]:
                return {"match": self._one(match_id)}, 200
            case ["GET", "matches", match_id, "replay"] if match_id in fake.replays:
                if query == "format=html":
                    return b"<!DOCTYPE html>", 200
                return fake.replays[match_id], 200
            case ["GET", "matches", match_id, "logs"] if match_id in fake.logs:
                self._user()
                return {"matchId": match_id, "agents": fake.logs[match_id]}, 200
            case ["GET", "leaderboard", *_]:
                return {"leaderboard": fake.board, "total": len(fake.board)}, 200
            case ["GET", "busy", *_]:
                raise _Refused(429, "too_many_requests", "Slow down.", Retry_After="7")
            case ["GET", "broken", *_]:
                return b"<html>", 200
        raise _Refused(404, "not_found", "There is no such thing.")

    def _build_log(self, offset: int) -> dict[str, Any]:
        if not self.fake.build_log:
            raise _Refused(404, "build_log_not_found", "The build has not started yet.")
        # A piece of ten characters for each question: a build that goes on.
        text = self.fake.build_log
        end = min(len(text), offset + 10)
        return {"buildLog": text[offset:end], "nextOffset": end}

    def _one(self, match_id: str) -> dict[str, Any]:
        for one in self.fake.matches:
            if one["id"] == match_id:
                return one
        raise _Refused(404, "match_not_found", f"There is no match {match_id}.")

    def _user(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _Refused(401, "unauthorized", "Authorization header required")


def _form(kind: str, body: bytes) -> dict[str, Any]:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        fields[name] = (part.get_filename(), content) if part.get_filename() else content.decode()
    return fields
