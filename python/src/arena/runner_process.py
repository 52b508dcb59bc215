"""A runner, seen by whoever asked for a match."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

#: Taking sandboxes down may take the kernel this long, even on a busy machine.
_CLEANING_SECONDS = 5.0
#: And being forked this long.
_BEGIN_SECONDS = 30.0

#: So many matches are played by one runner. What a match could leave behind in it, say memory that
#: a game's library does not give back, ends with it.
MATCHES = 100


class RunnerProcess:
    """A runner, which plays one match after the other. Not thread-safe; close() ends it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.setblocking(False)
        self._pid = 0
        self._pidfd = -1
        #: Whether it has said that the results of its match are complete.
        self.succeeded = False
        self._begun = False
        self._free = True
        self._matches = 0
        self._ended = False
        self._waiting = select.poll()
        self._waiting.register(control, select.POLLIN)

    def play(self, job: bytes, log: int) -> bool:
        """Gives it a job and the descriptor of that job's log; whether it has begun with it."""
        self.succeeded = self._begun = self._free = False
        self._matches += 1
        try:
            socket.send_fds(self._control, [job], [log])
        except OSError:
            return False
        self._await(lambda: self._begun, _BEGIN_SECONDS)
        return self._begun

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, with success or without; waits for that at most so long."""
        if not self._ended and not self.succeeded:
            self._waiting.poll(max(0.0, seconds) * 1000)
            self._listen()
        return self._ended or self.succeeded

    def await_freedom(self) -> bool:
        """Whether it may play another match; waits until nothing of its last one is left."""
        self._await(lambda: self._free, _CLEANING_SECONDS)
        return self._free and not self._ended and self._matches < MATCHES

    def close(self) -> None:
        """Kills it, and the launchers of its sandboxes with it, and waits until they are gone. Safe
        to repeat."""
        if self._control.fileno() < 0:
            return
        while self._pidfd < 0 and not self._ended:
            self._waiting.poll(5000)
            self._listen()
        if self._pidfd >= 0:
            gone = select.poll()
            gone.register(self._pidfd, select.POLLIN)
            if not gone.poll(0):
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            gone.poll(5000)
            os.close(self._pidfd)
        self._control.close()

    def _await(self, happened: Callable[[], bool], seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while not happened() and not self._ended and (left := give_up - time.monotonic()) > 0:
            self._waiting.poll(left * 1000)
            self._listen()

    def _listen(self) -> None:
        while not self._ended:
            try:
                said, descriptors, _, _ = socket.recv_fds(self._control, 64, 1)
            except BlockingIOError:
                return
            except OSError:
                said, descriptors = b"", []
            if said[:1] == b"P" and descriptors:
                (self._pid,) = struct.unpack("i", said[1:5])
                self._pidfd = descriptors[0]
            elif said == b"B":
                self._begun = True
            elif said == b"D":
                self.succeeded = True
            elif said == b"F":
                self._free = True
            elif not said:
                self._ended = True
