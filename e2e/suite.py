"""A whole suite, run by the launcher in a state folder of its own, and ways to disturb it."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

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


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder for a suite, removed afterwards.

    Submitted code plays as another user when the executor was started by root, so every folder on
    the way must let it pass. Those of pytest do not: each session closes their parent to others.
    """
    with tempfile.TemporaryDirectory(prefix="arena-e2e-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "state"


class Suite:
    """Starts, stops and disturbs one suite."""

    def __init__(
        self, layout: Layout, settings: dict[str, str] | None = None, root: Path = ROOT
    ) -> None:
        """settings: environment variables for its parts, beside those of the launcher.

        root: the repository whose launcher starts it.
        """
        self.layout = layout
        self.root = root
        self._sessions: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
        self.settings = settings or {}

    @property
    def url(self) -> str:
        return self.layout.gateway_url

    def service_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.layout.service_port(name)}"

    def arena(self, *arguments: str, seconds: float = 400) -> subprocess.CompletedProcess[str]:
        """Runs a command of ./arena against this suite."""
        command = [str(self.root / "arena"), *arguments, "--state", str(self.layout.state)]
        command += ["--port-offset", str(self.layout.port_offset)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.settings},
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

    def terminate(self, name: str) -> None:
        """Asks a part to stop in good order; the supervisor is to start it again."""
        os.kill(self.part(name).pid, signal.SIGTERM)

    def hold(self, name: str) -> None:
        """Lets a part stay down once it has ended, until it is released."""
        held = self.layout.held(name)
        held.parent.mkdir(exist_ok=True)
        held.touch()

    def release(self, name: str) -> None:
        self.layout.held(name).unlink(missing_ok=True)

    def await_down(self, name: str) -> None:
        wait_for(f"{name} to be down", lambda: self.part(name).pid == 0, 60)

    def await_up(self, name: str, restarts: int = 0) -> None:
        """Until a part is ready that has been started again at least so many times."""

        def is_up() -> bool:
            now = self.part(name)
            return now.pid != 0 and now.restarts >= restarts and now.ready_after is not None

        wait_for(f"{name} to be ready", is_up, 180)

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

    def query(
        self, service: str, statement: str, parameters: tuple[object, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of one statement, over a session that is kept for the next ones."""
        session = self._sessions.pop(service, None)
        if session is not None:
            try:
                found = session.execute(statement, parameters or None).fetchall()
            except psycopg.OperationalError:
                session.close()  # of a server that was stopped or killed meanwhile
            else:
                self._sessions[service] = session
                return found
        session = self.database(service)
        found = session.execute(statement, parameters or None).fetchall()
        self._sessions[service] = session
        return found

    def rows(self, service: str, statement: str) -> dict[str, tuple[object, ...]]:
        """The same by the first column."""
        return {str(row[0]): tuple(row[1:]) for row in self.query(service, statement)}

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
