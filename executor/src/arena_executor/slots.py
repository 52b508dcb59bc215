"""How many matches run at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class NoFreeSlot(Exception):
    """All slots are busy."""


class Slots:
    """A fixed number of matches at once, each with a core of its own if there are enough.

    Thread-safe.
    """

    def __init__(self, count: int, pin: bool) -> None:
        self.count = count
        self._free = list(range(count))
        self._cores = sorted(os.sched_getaffinity(0)) if pin else []
        self._lock = threading.Lock()

    @property
    def active(self) -> int:
        with self._lock:
            return self.count - len(self._free)

    @contextmanager
    def take(self) -> Iterator[int | None]:
        """The core to play on, None for any. NoFreeSlot at once if all are busy."""
        with self._lock:
            if not self._free:
                raise NoFreeSlot
            slot = self._free.pop(0)
        try:
            yield self._cores[slot % len(self._cores)] if self._cores else None
        finally:
            with self._lock:
                self._free.append(slot)
                self._free.sort()
