"""A runner, seen by whoever asked for a match."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
from contextlib import suppress


class RunnerProcess:
    """A started runner. Not thread-safe; close() ends it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.setblocking(False)
        self._pid = 0
        self._pidfd = -1
        #: Whether it has said that its results are complete.
        self.succeeded = False
        self._ended = False
        self._waiting = select.poll()
        self._waiting.register(control, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, with success or without; waits for that at most so long."""
        if not self._ended and not self.succeeded:
            self._waiting.poll(max(0.0, seconds) * 1000)
            self._listen()
        return self._ended or self.succeeded

    def close(self) -> None:
        """Waits until it and its sandboxes are gone. Unless it has succeeded and ends by itself, it
        is killed, and the launchers of its sandboxes with it. Safe to repeat."""
        if self._control.fileno() < 0:
            return
        while self._pidfd < 0 and not self._ended:
            self._waiting.poll(5000)
            self._listen()
        if self._pidfd >= 0:
            gone = select.poll()
            gone.register(self._pidfd, select.POLLIN)
            if not gone.poll(5000 if self.succeeded else 0):
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            gone.poll(5000)
            os.close(self._pidfd)
        self._control.close()

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
            elif said == b"D":
                self.succeeded = True
            elif not said:
                self._ended = True
