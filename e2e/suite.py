"""A whole suite, run by the launcher in a state folder of its own, and ways to disturb it."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg

from arena_local import records
from arena_local.layout import POSTGRES_PORT, ROOT, SERVICES, Layout, Service
from arena_local.parts import DATABASE_USER, answers_ok
from arena_local.secret_files import client_secret, secret

Value = TypeVar("Value")


def wait_for(what: str, ask: Callable[[], Value], seconds: float = 60) -> Value:
    """The first truthy answer; an assertion error naming what was waited for after that time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}; last: {answer!r}"
        time.sleep(0.05)


class Suite:
    """Starts, stops and disturbs one suite."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @property
    def url(self) -> str:
        return self.layout.gateway_url

    def service_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.layout.service_port(name)}"

    def arena(self, *arguments: str, seconds: float = 400) -> subprocess.CompletedProcess[str]:
        """Runs a command of ./arena against this suite."""
        command = [str(ROOT / "arena"), *arguments, "--state", str(self.layout.state)]
        command += ["--port-offset", str(self.layout.port_offset)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )

    def up(self) -> None:
        done = self.arena("up", "--detach")
        assert done.returncode == 0, done.stdout + done.stderr

    def down(self) -> None:
        done = self.arena("down")
        assert done.returncode == 0, done.stdout + done.stderr

    def part(self, name: str) -> records.PartRecord:
        record = records.load(self.layout)
        assert record is not None
        return next(part for part in record.parts if part.name == name)

    def kill(self, name: str) -> None:
        """kill -9 of a part's process; the supervisor is to start it again."""
        os.kill(self.part(name).pid, signal.SIGKILL)

    def kill_and_wait(self, name: str) -> None:
        """kill -9, then waits until the supervisor has made the part ready again."""
        before = self.part(name)
        self.kill(name)

        def is_back() -> bool:
            now = self.part(name)
            return now.restarts > before.restarts and now.ready_after is not None

        wait_for(f"{name} to be ready again", is_back, 120)

    def await_well(self) -> None:
        """Until every service says that it is ready: after their broker or database was away."""
        for name in (service.name for service in SERVICES):
            url = f"{self.service_url(name)}/q/health/ready"
            wait_for(f"{name} to be ready", lambda url=url: answers_ok(url), 120)

    def database(self, service: Service | str) -> psycopg.Connection[tuple[object, ...]]:
        name = service if isinstance(service, str) else service.name
        return psycopg.connect(
            host="127.0.0.1",
            port=self.layout.port(POSTGRES_PORT),
            user=DATABASE_USER,
            password=secret(self.layout, "postgres-password"),
            dbname=name.replace("-", "_"),
            autocommit=True,
        )

    def service_token(self, audience: str, scope: str) -> str:
        """A service token for the checker."""
        credentials = f"system-checker:{client_secret(self.layout, 'system-checker')}"
        answer = httpx.post(
            f"{self.service_url('auth-service')}/internal/token",
            data={"audience": audience, "scope": scope},
            headers={"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()},
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def sample(environment: str, name: str) -> Path:
    """The file of a sample agent."""
    return ROOT / "python" / "samples" / environment / f"{name}.py"
