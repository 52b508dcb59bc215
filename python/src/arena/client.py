"""A small client of the public API. Standard library only.

    client = ArenaClient("http://localhost:8080")
    client.login("me@example.com", "secret")
    for row in client.leaderboard("pong"):
        print(row["rank"], row["name"], row["elo"])

Every method raises ApiError for what the server refuses and Unreachable when there is no answer.
Answers are the server's JSON, without the envelope where there is one.
"""

from __future__ import annotations

import io
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DEFAULT_URL = "http://localhost:8080"
_MAX_ANSWER_BYTES = 256 << 20


class ApiError(Exception):
    """A refused request. code is stable, in snake case; the message is for people.

    retry_after: seconds to wait, where the server says so.
    """

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Unreachable(Exception):
    """No answer: nobody listens, the name is unknown, or it took too long."""


@dataclass(frozen=True)
class BuildLog:
    """A part of a build log; offset is where the next part begins."""

    text: str
    offset: int


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The API never redirects; following one would hand the token to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


class ArenaClient:
    """Speaks with one gateway, as one user once a token is set. timeout in seconds per request."""

    def __init__(
        self, base_url: str = DEFAULT_URL, token: str | None = None, timeout: float = 30.0
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"{base_url!r} is no http or https address")
        self.base_url = base_url.rstrip("/")
        self.token = token
        self._timeout = timeout

    # --- account

    def register(self, username: str, email: str, password: str) -> Json:
        """Opens an account and logs in; returns the user."""
        body = {"username": username, "email": email, "password": password}
        return self._logged_in(self._json("POST", "/auth/register", body))

    def login(self, email: str, password: str) -> Json:
        """Logs in by e-mail address or username; returns the user."""
        return self._logged_in(
            self._json("POST", "/auth/login", {"email": email, "password": password})
        )

    def logout(self) -> None:
        """Ends the token on the server."""
        self._send("POST", "/auth/logout")
        self.token = None

    # --- agents

    def environments(self) -> list[Json]:
        return list(self._json("GET", "/environments")["environments"])

    def my_agents(self) -> list[Json]:
        return list(self._json("GET", "/agents/my")["agents"])

    def create_agent(self, name: str, environment_id: str, description: str = "") -> Json:
        body = {"name": name, "environmentId": environment_id, "description": description}
        agent: Json = self._json("POST", "/agents", body)["agent"]
        return agent

    # --- submissions

    def submit(self, agent_id: str, file_name: str, content: bytes) -> Json:
        """Uploads a version, one .py file or a .zip; returns the submission."""
        boundary = secrets.token_hex(16)
        quoted = urllib.parse.quote(file_name, safe=" ()[]")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="agentId"\r\n\r\n{agent_id}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        answer = json.loads(self._send("POST", "/submissions", body, kind))
        submission: Json = answer["submission"]
        return submission

    def build_status(self, submission_id: str) -> Json:
        return self._json("GET", f"/submissions/{_id(submission_id)}/build-status")

    def build_log(self, submission_id: str, offset: int = 0) -> BuildLog:
        """The build log from an offset on; empty while the build has not begun."""
        try:
            part = self._json(
                "GET", f"/submissions/{_id(submission_id)}/build-logs?offset={offset}"
            )
        except ApiError as error:
            if error.status == 404:
                return BuildLog("", offset)
            raise
        return BuildLog(part["buildLog"], part["nextOffset"])

    # --- matches

    def matches(
        self, agent_id: str | None = None, environment_id: str | None = None, limit: int = 20
    ) -> list[Json]:
        """Matches, newest first."""
        query: dict[str, str] = {"pageSize": str(limit)}
        if agent_id:
            query["agentId"] = agent_id
        if environment_id:
            query["environmentId"] = environment_id
        return list(self._json("GET", "/matches?" + urllib.parse.urlencode(query))["matches"])

    def match(self, match_id: str) -> Json:
        match: Json = self._json("GET", f"/matches/{_id(match_id)}")["match"]
        return match

    def replay_json(self, match_id: str) -> Json:
        """The replay as the runner wrote it."""
        return self._json("GET", f"/matches/{_id(match_id)}/replay?format=raw")

    def replay_html(self, match_id: str) -> bytes:
        return self._send("GET", f"/matches/{_id(match_id)}/replay?format=html")

    def match_logs(self, match_id: str) -> list[Json]:
        """What the caller's own agents printed in a match."""
        return list(self._json("GET", f"/matches/{_id(match_id)}/logs")["agents"])

    def leaderboard(self, environment_id: str | None = None, limit: int = 20) -> list[Json]:
        """Agents by rating, of one environment or of all."""
        path = f"/environment/{_id(environment_id)}" if environment_id else ""
        return list(self._json("GET", f"/leaderboard{path}?limit={limit}")["leaderboard"])

    # --- HTTP

    def _logged_in(self, answer: Json) -> Json:
        self.token = answer["token"]
        user: Json = answer["user"]
        return user

    def _json(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        content = None if body is None else json.dumps(body).encode()
        answer = self._send(method, path, content, "application/json")
        try:
            value = json.loads(answer)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ApiError(
                502, "no_json", f"{self.base_url} answered with something else than JSON."
            )
        return value

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> bytes:
        headers = {"Accept": "application/json, */*"}
        if body is not None:
            headers["Content-Type"] = kind
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(  # noqa: S310  (the scheme is checked above)
            f"{self.base_url}/api/v1{path}", data=body, headers=headers, method=method
        )
        try:
            with _opener.open(request, timeout=self._timeout) as answer:
                content: bytes = answer.read(_MAX_ANSWER_BYTES)
                return content
        except urllib.error.HTTPError as error:
            raise _problem(error) from None
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"{self.base_url} does not answer: {reason}") from None


def _id(text: str) -> str:
    """An id as one segment of a path."""
    return urllib.parse.quote(text, safe="")


def _problem(error: urllib.error.HTTPError) -> ApiError:
    """The server's own words, where it has any."""
    try:
        body = json.loads(error.read(1 << 20))
    except (ValueError, OSError):
        body = None
    if not isinstance(body, dict):
        body = {}
    message = body.get("detail") or body.get("message") or body.get("error")
    try:
        wait = float(error.headers.get("Retry-After") or "")
    except ValueError:
        wait = None
    return ApiError(
        error.code,
        str(body.get("code") or "unknown"),
        str(message or f"The server answered {error.code} {error.reason}."),
        wait,
    )


def read_upload(path: Path) -> tuple[str, bytes]:
    """Name and content of what to submit: a .py or .zip file, or a folder, which is zipped."""
    if not path.is_dir():
        return path.name, path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            inner = file.relative_to(path)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in inner.parts)
            if file.is_file() and not hidden:
                archive.write(file, inner.as_posix())
    return f"{path.resolve().name}.zip", buffer.getvalue()
