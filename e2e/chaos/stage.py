"""What faults act on: a suite, the work that goes on in it, and hands to break it with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from arena_local import processes
from arena_local.layout import SERVICES
from chaos.disk import Disk
from chaos.gates import NotInjected
from chaos.network import Network
from suite import Suite, wait_for
from topics import Topics

# Everything that is built on the outbox; the gateway owns nothing.
OWNERS = tuple(service.name for service in SERVICES if service.database)


NO_NETWORK = "toxiproxy could not be built: there is no Go here"
NO_DISK = "a file system of its own can only be mounted as root on Linux"


@dataclass(frozen=True)
class Tools:
    """What a suite must have been started with; None where that was not possible."""

    network: Network | None = None
    disk: Disk | None = None


class Stage:
    """One trial's view of the suite; random only for what the seed decides."""

    def __init__(self, suite: Suite, topics: Topics, chance: random.Random, tools: Tools) -> None:
        self.suite = suite
        self.topics = topics
        self.chance = chance
        self._tools = tools

    @property
    def network(self) -> Network:
        if self._tools.network is None:
            raise NotInjected(NO_NETWORK)
        return self._tools.network

    @property
    def disk(self) -> Disk:
        if self._tools.disk is None:
            raise NotInjected(NO_DISK)
        return self._tools.disk

    # --- moments

    def await_row(self, what: str, service: str, query: str, seconds: float = 30) -> None:
        """Until a query finds something: the moment at which a fault is wanted."""
        deadline = time.monotonic() + seconds
        while not self._finds(service, query):
            if time.monotonic() > deadline:
                raise NotInjected(f"waited {seconds:.0f} s for {what}")
            time.sleep(0.01)

    def _finds(self, service: str, query: str) -> bool:
        try:
            return bool(self.suite.query(service, query))
        except psycopg.OperationalError:
            return False  # of two faults the other one may be the database's

    def await_match_running(self) -> None:
        query = "select 1 from match where state = 'running' limit 1"
        self.await_row("a match to run", "match-service", query)

    def linger(self, least: float, most: float) -> None:
        """How long a fault lasts, or how long after something it comes."""
        time.sleep(self.chance.uniform(least, most))

    # --- processes

    def kill(self, *parts: str) -> None:
        """kill -9, all at once; returns when all of them are ready again."""
        restarts = {part: self.suite.part(part).restarts + 1 for part in parts}
        for part in parts:
            self.suite.kill(part)
        for part, count in restarts.items():
            self.suite.await_up(part, count)

    def restart(self, part: str) -> None:
        """SIGTERM; returns when it is ready again."""
        count = self.suite.part(part).restarts + 1
        self.suite.terminate(part)
        self.suite.await_up(part, count)

    @contextmanager
    def down(self, part: str) -> Iterator[None]:
        """Stopped in good order for as long as the block lasts."""
        count = self.suite.part(part).restarts + 1
        self.suite.hold(part)
        try:
            self.suite.terminate(part)
            self.suite.await_down(part)
            yield
        finally:
            self.suite.release(part)
        self.suite.await_up(part, count)

    @contextmanager
    def frozen(self, part: str) -> Iterator[None]:
        """Stopped in its tracks: its connections stay open, nothing answers."""
        with _stopped([self.suite.part(part).process]):
            yield

    # --- the database server

    @property
    def _cluster(self) -> Path:
        return self.suite.layout.state / "data" / "postgres" / "cluster"

    def restart_database(self) -> None:
        """Stops the server without letting it finish anything, and starts it with its log."""
        binaries = (self._cluster.parent / "binaries").glob("*/bin/pg_ctl")
        command = [str(next(binaries)), "-D", str(self._cluster), "-m", "immediate", "-w"]
        # The server refuses root; so does the way in which it was started.
        prefix = ["unshare", "-U"] if os.geteuid() == 0 else []
        marks = {
            processes.MARKER: str(self.suite.layout.state),
            processes.PART_MARKER: "infra",
        }
        done = subprocess.run(
            [*prefix, *command, "-l", str(self.suite.layout.log_of("database")), "restart"],
            env={**os.environ, **marks},
            capture_output=True,
            text=True,
            timeout=90,
            start_new_session=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def frozen_database(self) -> Iterator[None]:
        with _stopped(self._server_processes()):
            yield

    def crash_database(self) -> None:
        """kill -9 of one server process: the server ends all sessions and replays its log."""
        session = self.suite.database("match-service")
        pid = session.info.backend_pid
        process = next(p for p in self._server_processes() if p.pid == pid)
        os.kill(process.pid, signal.SIGKILL)
        session.close()

        def answers() -> bool:
            try:
                self.suite.query("match-service", "select 1")
            except Exception:
                return False
            return True

        wait_for("the database to answer again", answers, 60)

    def cut_sessions(self) -> int:
        """Ends every session of every service; how many there were."""
        rows = self.suite.query(
            "match-service",
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and backend_type = 'client backend'",
        )
        return len(rows)

    def _server_processes(self) -> list[processes.ProcessId]:
        if sys.platform != "linux":
            raise NotInjected("the server's processes are found by /proc only")
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                ours = (entry / "comm").read_text().strip() == "postgres"
                if ours and (entry / "cwd").resolve() == self._cluster.resolve():
                    found.append(processes.ProcessId.of(int(entry.name)))
            except OSError:
                continue
        return found


@contextmanager
def _stopped(stopped: list[processes.ProcessId]) -> Iterator[None]:
    """SIGSTOP for as long as the block lasts; never left behind, whatever happens inside."""
    try:
        for process in stopped:
            if process.is_alive():
                os.kill(process.pid, signal.SIGSTOP)
        yield
    finally:
        for process in stopped:
            if process.is_alive():
                os.kill(process.pid, signal.SIGCONT)
