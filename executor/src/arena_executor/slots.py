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


class Place:
    """One match's, from when it is let in until it is released. Not thread-safe."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._number: int | None = None
        self._held = True

    def take_slot(
        self, patience: float = 0.0, given_up: Callable[[], bool] = lambda: False
    ) -> int | None:
        """Waits for its turn to run, at most patience seconds: NoFreeSlot after that, GivenUp once
        given_up() says so. Returns the core to run on, None for any."""
        self._number = self._slots._wait(time.monotonic() + patience, given_up)
        return self._slots._core_of(self._number)

    def release(self) -> None:
        """Gives up slot and place. Safe to repeat."""
        if self._held:
            self._held = False
            self._slots._leave(self._number)


class Slots:
    """A fixed number of matches at once, each with a core of its own if there are enough.

    A match is let in first, gets ready, and then waits for a slot: what it takes to get ready, a
    download say, keeps no slot from others. queue is how many may be inside beyond those for whom
    there is a slot; whoever was ready first runs first. Thread-safe.
    """

    def __init__(self, count: int, pin: bool, queue: int = 0) -> None:
        self.count = count
        self.queue = queue
        self._inside = 0
        self._free = list(range(count))
        self._cores = sorted(os.sched_getaffinity(0)) if pin else []
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def active(self) -> int:
        """Matches that have a slot."""
        with self._changed:
            return self.count - len(self._free)

    @property
    def queued(self) -> int:
        """Matches that get ready or wait for a slot."""
        with self._changed:
            return self._inside - (self.count - len(self._free))

    @contextmanager
    def enter(self) -> Iterator[Place]:
        """A place, released when the context ends unless it was before. NoFreeSlot if the queue is
        full."""
        with self._changed:
            if self._inside >= self.count + self.queue:
                raise NoFreeSlot
            self._inside += 1
        place = Place(self)
        try:
            yield place
        finally:
            place.release()

    def _core_of(self, number: int) -> int | None:
        return self._cores[number % len(self._cores)] if self._cores else None

    def _leave(self, number: int | None) -> None:
        with self._changed:
            self._inside -= 1
            if number is not None:
                self._free.append(number)
                self._free.sort()
            self._changed.notify_all()

    def _wait(self, deadline: float, given_up: Callable[[], bool]) -> int:
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            try:
                while True:
                    if given_up():
                        raise GivenUp
                    if self._free and self._waiting[0] is turn:
                        return self._free.pop(0)
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise NoFreeSlot
                    # Nobody wakes us when a caller goes away: look from time to time.
                    self._changed.wait(min(left, _RECHECK_SECONDS))
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
