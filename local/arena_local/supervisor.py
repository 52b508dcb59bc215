"""Starts the parts, restarts those that die, stops them all.

One loop, in the main thread, owns every process; threads only ask whether a part is ready. Each
part is the leader of its own session, so that Ctrl-C reaches the supervisor alone and the parts
are stopped in order: services first, broker and database last.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

from . import processes, records
from .layout import Layout
from .parts import Part
from .processes import ProcessId

LONGEST_BACKOFF = 30.0
# A part that lived this long had no trouble starting: its next restart is immediate again.
SETTLED = 60.0
GRACE = 20.0
NOBODY = ProcessId(0, "")


@dataclass
class Child:
    """One part and its current process, if any. Times are of the monotonic clock."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    identity: ProcessId = NOBODY
    started: float = 0.0
    ready_after: float | None = None
    restarts: int = -1
    failures: int = 0
    start_at: float = 0.0
    seen: threading.Event = field(default_factory=threading.Event)


class Supervisor:
    """Runs a suite in the calling process until told to stop."""

    def __init__(self, layout: Layout, parts: list[Part]) -> None:
        self._layout = layout
        self._children = [Child(part) for part in parts]
        self._stopping = threading.Event()
        self._begun = time.monotonic()
        self._phase = "starting"

    def run(self) -> None:
        """Returns after SIGINT, SIGTERM or SIGHUP, when nothing of the suite is left."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stopping.set())
        try:
            while not self._stopping.is_set():
                self._step()
                self._stopping.wait(0.1)
        finally:
            self._stop_all()

    def _step(self) -> None:
        changed = False
        foundation_ready = True
        for child in self._children:
            changed |= self._reap(child)
            # A part that the others stand on is waited for; all others start at once.
            if child.process is None and foundation_ready and self._may_start(child):
                self._start(child)
                changed = True
            changed |= self._notice_ready(child)
            if child.part.foundation and child.ready_after is None:
                foundation_ready = False
        if self._phase == "starting" and all(c.ready_after is not None for c in self._children):
            self._phase = "ready"
            self._say("all parts are ready")
            changed = True
        if changed:
            self._save()

    def _may_start(self, child: Child) -> bool:
        held = self._layout.held(child.part.name).exists()
        return time.monotonic() >= child.start_at and not held

    def _start(self, child: Child) -> None:
        part = child.part
        log = self._layout.log_of(part.name)
        with log.open("ab") as out:
            child.process = subprocess.Popen(
                part.command,
                env=part.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self._layout.state,
            )
        child.identity = ProcessId.of(child.process.pid)
        child.started = time.monotonic()
        child.ready_after = None
        child.restarts += 1
        child.seen = threading.Event()
        watch = threading.Thread(target=_watch, args=(part, child.process, child.seen), daemon=True)
        watch.start()

    def _reap(self, child: Child) -> bool:
        if child.process is None or child.process.poll() is None:
            return False
        code = child.process.returncode
        self._end_orphans(child.part)
        lived = time.monotonic() - child.started
        child.failures = 0 if lived > SETTLED else child.failures + 1
        pause = 0.0 if child.failures == 0 else min(2.0 ** (child.failures - 1), LONGEST_BACKOFF)
        child.start_at = time.monotonic() + pause
        child.process = None
        child.ready_after = None
        how = f"exit status {code}" if code >= 0 else f"signal {-code}"
        self._say(f"{child.part.name} ended ({how}); starting it again in {pause:.0f} s")
        return True

    def _end_orphans(self, part: Part) -> None:
        """What a dead part had started must not live on beside its successor.

        The database server is left to the infra process, which stops it without losing data.
        """
        if not part.foundation:
            processes.end(processes.marked(str(self._layout.state), part.name), grace=0)

    def _notice_ready(self, child: Child) -> bool:
        if child.process is None or child.ready_after is not None or not child.seen.is_set():
            return False
        child.ready_after = time.monotonic() - child.started
        ready = sum(c.ready_after is not None for c in self._children)
        self._say(
            f"{ready:2d}/{len(self._children)} ready: {child.part.name:<20}"
            f" (port {child.part.port}, {child.ready_after:.1f} s)"
        )
        return True

    def _stop_all(self) -> None:
        self._phase = "stopping"
        self._say("stopping")
        self._save()
        living = [child for child in self._children if child.process is not None]
        for foundation in (False, True):
            group = [child for child in living if child.part.foundation is foundation]
            for child in group:
                processes.signal_group(child.identity, signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            for child in group:
                self._await_end(child, deadline)
        processes.end(processes.marked(str(self._layout.state)), grace=5)
        self._say("stopped")

    def _await_end(self, child: Child, deadline: float) -> None:
        assert child.process is not None
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._say(f"{child.part.name} did not stop within {GRACE:.0f} s and is killed")
            processes.signal_group(child.identity, signal.SIGKILL)
            child.process.wait()

    def _save(self) -> None:
        parts = [
            records.PartRecord(
                child.part.name,
                child.part.port,
                child.identity.pid if child.process else 0,
                child.identity.started if child.process else "",
                child.ready_after,
                child.restarts,
            )
            for child in self._children
        ]
        me = ProcessId.of(os.getpid())
        suite = records.SuiteRecord(me, self._phase, self._layout.port_offset, parts)
        records.save(self._layout, suite)

    def _say(self, message: str) -> None:
        print(f"[{time.monotonic() - self._begun:6.1f} s] {message}", flush=True)


def _watch(part: Part, process: subprocess.Popen[bytes], seen: threading.Event) -> None:
    """Asks a part whether it is ready until it is, or has ended."""
    while process.returncode is None and not part.is_ready():
        time.sleep(0.3)
    if process.returncode is None:
        seen.set()
