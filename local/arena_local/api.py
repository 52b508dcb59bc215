"""A small client of the public API, for the demo: standard library only."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

#: How long a part that is overloaded or on its way up is waited for, seconds.
PATIENCE = 60.0


class ApiError(Exception):
    """The API refused a request; the message is the one it gave."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status


class Api:
    """Calls the gateway at a base URL, as one user once a token is set.

    A refusal that names a time to come back (429, 503 with Retry-After) is tried again then.
    """

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self.base_url = base_url
        self.token = token

    def get(self, path: str) -> Json:
        return self._call("GET", path, None, {})

    def post(self, path: str, body: Mapping[str, object]) -> Json:
        content = json.dumps(body).encode()
        return self._call("POST", path, content, {"Content-Type": "application/json"})

    def text(self, path: str) -> str:
        """The body of anything that is not JSON."""
        return self._send("GET", path, None, {}).decode()

    def upload(self, path: str, fields: Mapping[str, str], file: Path) -> Json:
        """POST of a form with one file, as a browser sends it."""
        boundary = secrets.token_hex(16)
        chunks = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        chunks.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        content = "".join(chunks).encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self._call("POST", path, content, {"Content-Type": kind})

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Json:
        answer: Json = json.loads(self._send(method, path, body, headers))
        return answer

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        if self.token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(
            f"{self.base_url}{path}", data=body, headers=headers, method=method
        )
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    content: bytes = answer.read()
                    return content
            except urllib.error.HTTPError as error:
                message = _message(error.read())
                pause = _retry_after(error)
                if pause is None or time.monotonic() + pause > give_up:
                    raise ApiError(error.code, message) from None
            time.sleep(pause)


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    """Seconds after which a refusal asks to be tried again; None for one that is meant to last."""
    wish = error.headers.get("Retry-After", "")
    return float(wish) if error.code in (429, 503) and wish.isdecimal() else None


def _message(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return str(problem.get("message") or problem.get("detail") or problem)
    except ValueError:
        return body.decode(errors="replace")[:200]
