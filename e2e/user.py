"""A registered user and what one does through the public API."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from suite import Suite, wait_for

FINAL_STATES = {"active", "inactive", "build_failed"}


def patiently(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Calls again when asked to come back: services warm up, and this machine may be slow."""
    deadline = time.monotonic() + 30
    while True:
        answer = call()
        pause = answer.headers.get("Retry-After", "")
        if answer.status_code != 503 or not pause or time.monotonic() + float(pause) > deadline:
            return answer
        time.sleep(float(pause))


class User:
    """Talks to the gateway with a token of its own."""

    def __init__(self, client: httpx.Client, user_id: str, username: str, password: str) -> None:
        self.http = client
        self.id = user_id
        self.username = username
        self.password = password

    @staticmethod
    def register(suite: Suite, name: str) -> User:
        username = f"{name}_{secrets.token_hex(4)}"
        password = secrets.token_urlsafe(12)
        client = httpx.Client(base_url=suite.url, timeout=30)
        body = {
            "username": username,
            "email": f"{username}@example.org",
            "password": password,
            "fullName": name,
        }
        answer = patiently(lambda: client.post("/api/v1/auth/register", json=body))
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return User(client, answer.json()["user"]["id"], username, password)

    @property
    def token(self) -> str:
        return self.http.headers["Authorization"].removeprefix("Bearer ")

    def get(self, path: str) -> Any:
        answer = self.http.get(f"/api/v1{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def create_agent(self, name: str, environment: str) -> str:
        body = {"name": name, "description": "of a system test", "environmentId": environment}
        answer = patiently(lambda: self.http.post("/api/v1/agents", json=body))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["agent"]["id"])

    def submit(self, agent_id: str, filename: str, content: bytes) -> str:
        answer = patiently(lambda: self.upload(agent_id, filename, content))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["submission"]["id"])

    def upload(self, agent_id: str, filename: str, content: bytes) -> httpx.Response:
        """One try to submit, whatever is answered."""
        return self.http.post(
            "/api/v1/submissions", data={"agentId": agent_id}, files={"file": (filename, content)}
        )

    def enter(self, environment: str, file: Path) -> tuple[str, str]:
        """Creates an agent and submits a file for it; the ids of both."""
        agent_id = self.create_agent(file.stem, environment)
        return agent_id, self.submit(agent_id, file.name, file.read_bytes())

    def await_built(self, submission_id: str, seconds: float = 90) -> dict[str, Any]:
        """The submission when its build has ended."""

        def final() -> dict[str, Any] | None:
            row: dict[str, Any] = self.get(f"/submissions/{submission_id}")["submission"]
            return row if row["status"] in FINAL_STATES else None

        return wait_for(f"submission {submission_id} to be built", final, seconds)

    def await_games(self, agent_id: str, games: int, seconds: float = 120) -> None:
        """Until an agent has that many rated games."""

        def enough() -> bool:
            return int(self.get(f"/agents/{agent_id}")["agent"]["totalMatches"]) >= games

        wait_for(f"{games} rated games of {agent_id}", enough, seconds)
