"""How many matches run at once, and how many wait for their turn."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_RECHECK_SECONDS = 0.05


class NoFreeSlot(Exception):
    """All slots are busy, and the queue is full or did not move in time."""


class GivenUp(Exception):
    """Whoever waited for a slot does not want it any more."""


class Slot:
    """One match's place. core is where it plays, None for any."""

    def __init__(self, core: int | None, give_back: Callable[[int], None], number: int) -> None:
        self.core = core
        self._give_back = give_back
        self._number = number
        self._held = True

    def release(self) -> None:
        """Gives the slot back, once; not thread-safe."""
        if self._held:
            self._held = False
            self._give_back(self._number)


class Slots:
    """A fixed number of matches at once, each with a core of its own if there are enough.

    queue is how many may wait, first come, first served; 0 refuses at once. Thread-safe.
    """

    def __init__(self, count: int, pin: bool, queue: int = 0) -> None:
        self.count = count
        self.queue = queue
        self._free = list(range(count))
        self._cores = sorted(os.sched_getaffinity(0)) if pin else []
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def active(self) -> int:
        with self._changed:
            return self.count - len(self._free)

    @property
    def queued(self) -> int:
        with self._changed:
            return len(self._waiting)

    @contextmanager
    def take(
        self, patience: float = 0.0, given_up: Callable[[], bool] = lambda: False
    ) -> Iterator[Slot]:
        """A slot, given back when the context ends unless it was before. Waits at most patience
        seconds: NoFreeSlot after that, or at once if the queue is full. GivenUp once given_up()
        says so."""
        number = self._wait(time.monotonic() + patience, given_up)
        core = self._cores[number % len(self._cores)] if self._cores else None
        slot = Slot(core, self._give_back, number)
        try:
            yield slot
        finally:
            slot.release()

    def _give_back(self, number: int) -> None:
        with self._changed:
            self._free.append(number)
            self._free.sort()
            self._changed.notify_all()

    def _wait(self, deadline: float, given_up: Callable[[], bool]) -> int:
        with self._changed:
            if self._free and not self._waiting:
                return self._free.pop(0)
            if len(self._waiting) >= self.queue:
                raise NoFreeSlot
            turn = object()
            self._waiting.append(turn)
            try:
                while not (self._free and self._waiting[0] is turn):
                    if given_up():
                        raise GivenUp
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise NoFreeSlot
                    # Nobody wakes us when a caller goes away: look from time to time.
                    self._changed.wait(min(left, _RECHECK_SECONDS))
                return self._free.pop(0)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
