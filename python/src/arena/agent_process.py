"""The runner's view of one agent: its sandbox, what it printed, the time it used."""

from __future__ import annotations

import select
from typing import Protocol

from arena.cage import Limits
from arena.cgroups import Group
from arena.sandbox import Sandbox
from arena.verdict import Failure

#: How much of each output stream is kept, from its end.
OUTPUT_TAIL_BYTES = 64 * 1024
#: An answer within this time is charged by the wall clock alone: reading CPU clocks costs more than
#: most moves take. Nor is it held against a seat when the match runs out of time: on a busy machine
#: much of it is waiting.
UNMEASURED_SECONDS = 0.02


class SandboxFailed(Exception):
    """A sandbox did not come up: a fault of the platform, never the agent's."""


class Seat(Protocol):
    """What is to be known of a sandbox, wherever it is."""

    @property
    def player_id(self) -> int: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def group(self) -> Group: ...


class Output:
    """The end of one output stream, and how much there was."""

    def __init__(self) -> None:
        self.total = 0
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        self.total += len(data)
        self._tail += data
        if len(self._tail) > 2 * OUTPUT_TAIL_BYTES:
            del self._tail[:-OUTPUT_TAIL_BYTES]

    def text(self) -> str:
        return bytes(self._tail[-OUTPUT_TAIL_BYTES:]).decode("utf-8", "replace")


class Agent:
    """The runner's view of one sandbox."""

    def __init__(self, spec: Seat, sandbox: Sandbox) -> None:
        self.spec = spec
        self.sandbox = sandbox
        self.stdout, self.stderr = Output(), Output()
        self.replies = select.poll()
        self.replies.register(sandbox.reply_fd, select.POLLIN)
        self.received = bytearray()
        self.nonce = 0
        self.asked_at = 0.0
        self.baseline: tuple[float, float, float] | None = None
        self.failure: Failure | None = None
        self.started = False
        self.loaded = False
        self.ended = False

    def charged(self, now: float) -> float:
        """Seconds used since asked: CPU time, or wall time less the time spent waiting for a core.

        Whichever is more. Sleeping costs, being kept waiting by a busy machine does not, and
        background threads cannot hide work behind the second rule.
        """
        wall = now - self.asked_at
        if wall < UNMEASURED_SECONDS:
            return wall
        usage = self.sandbox.usage()
        if usage is None:
            return wall
        if self.baseline is None:
            self.baseline = (now, *usage)
            return wall
        since, cpu, waited = self.baseline
        spent = max(usage[0] - cpu, (now - since) - (usage[1] - waited))
        return min(wall, (since - self.asked_at) + spent)
