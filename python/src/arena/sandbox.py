"""One agent's sandbox, whichever launcher made it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from arena.cage import SandboxSpec, zygote_request
from arena.verdict import Failure

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Sandbox(ABC):
    """A started agent process and all it may start. Not thread-safe.

    The four descriptors are the runner's ends, non-blocking: request_fd to write to, reply_fd,
    stdout_fd and stderr_fd to read from.
    """

    request_fd: int
    reply_fd: int
    stdout_fd: int
    stderr_fd: int
    closed: bool = False

    def usage(self) -> tuple[float, float] | None:
        """CPU seconds of all processes inside, and seconds the agent's main thread was ready to
        run but not run. None before the agent has started and after it is gone."""
        first = self._first_process()
        return None if first is None else _usage(first)

    @abstractmethod
    def exit_status(self, patience: float = 0.0) -> int | None:
        """Exit status as a shell gives it, 128 + n for signal n; None while running."""

    @abstractmethod
    def complaint(self) -> str:
        """Why the launcher could not start the agent; empty if it said nothing."""

    def findings(self) -> Failure | None:
        """Why the agent has ended, where its exit status does not tell. Asked after exit_status(),
        which raises SandboxFailed for an end that is the platform's."""
        return None

    def confirm(self) -> None:
        """SandboxFailed if the agent could not have answered, since its sandbox is gone."""
        return

    @abstractmethod
    def kill(self) -> None:
        """Kills everything inside, which is gone a moment later. Safe to repeat."""

    @abstractmethod
    def close(self) -> None:
        """Kills everything inside and waits until it is gone. Safe to repeat."""

    @abstractmethod
    def _first_process(self) -> int | None:
        """The process id, seen from here, of the first process of the sandbox's pid namespace."""


class ZygoteSandbox(Sandbox):
    """An agent forked by the zygote behind channel; core is where it runs, None for any."""

    def __init__(self, spec: SandboxSpec, channel: socket.socket, core: int | None = None) -> None:
        self.spec = spec
        self._keeper: int | None = None
        self._keeper_fd = -1
        self._status: int | None = None
        self._complaint = ""
        self._hung_up = False
        self._control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request_read, self.request_fd = os.pipe()
        self.reply_fd, reply_write = os.pipe()
        self.stdout_fd, stdout_write = os.pipe()
        self.stderr_fd, stderr_write = os.pipe()
        theirs = [request_read, reply_write, stdout_write, stderr_write]
        try:
            packet = json.dumps(zygote_request(spec, core)).encode()
            socket.send_fds(channel, [packet], [control.fileno(), *theirs])
        except OSError:
            self._close()
            raise
        finally:
            control.close()
            for descriptor in theirs:
                os.close(descriptor)
        self._control.setblocking(False)
        for descriptor in (self.request_fd, self.reply_fd, self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)

    def exit_status(self, patience: float = 0.0) -> int | None:
        deadline = time.monotonic() + patience
        self._listen()
        while self._status is None and not self._hung_up:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._await_control(left)
        if self._status is None:
            # The keeper is gone without a word: the kernel took it, for want of memory.
            self._status = 128 + signal.SIGKILL
        return self._status

    def complaint(self) -> str:
        self._listen()
        return self._complaint

    def kill(self) -> None:
        if self.closed:
            return
        deadline = time.monotonic() + 5.0
        self._listen()
        while self._keeper is None and not self._hung_up and time.monotonic() < deadline:
            self._await_control(deadline - time.monotonic())
        if self._keeper_fd >= 0:
            # The first process of the pid namespace: the kernel kills the rest with it.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._keeper_fd, signal.SIGKILL)

    def close(self) -> None:
        if self.closed:
            return
        self.kill()
        self.closed = True
        if self._keeper_fd >= 0:
            # Its end is told when all that was inside is gone.
            gone = select.poll()
            gone.register(self._keeper_fd, select.POLLIN)
            gone.poll(5000)
        # A keeper that was never heard of ends when its runner hangs up.
        self._close()

    def _first_process(self) -> int | None:
        self._listen()
        return None if self._status is not None or self._hung_up else self._keeper

    def _await_control(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        waiting.poll(max(0.0, seconds) * 1000)
        self._listen()

    def _listen(self) -> None:
        """Takes what the keeper has said so far."""
        while not self._hung_up:
            try:
                said, descriptors, _, _ = socket.recv_fds(self._control, 2048, 1)
            except BlockingIOError:
                return
            except OSError:
                said, descriptors = b"", []
            if said[:1] == b"P" and descriptors:
                (self._keeper,) = struct.unpack("i", said[1:5])
                self._keeper_fd = descriptors[0]
            elif said[:1] == b"S":
                (self._status,) = struct.unpack("i", said[1:5])
            elif said[:1] == b"E":
                self._complaint = said[1:].decode("utf-8", "replace")
            elif not said:
                self._hung_up = True

    def _close(self) -> None:
        self._control.close()
        for descriptor in (self.request_fd, self.reply_fd, self.stdout_fd, self.stderr_fd):
            os.close(descriptor)
        if self._keeper_fd >= 0:
            os.close(self._keeper_fd)


def _usage(first: int) -> tuple[float, float] | None:
    try:
        # Whatever loses its parent inside becomes a child of the first process: nothing escapes.
        children = _children(first)
        if not children:
            return None
        agent = min((_started(pid), pid) for pid in children)[1]
        ticks = sum(_ticks(pid) for pid in _family(first))
        # Finer than the ticks of /proc; the id is that of clock_getcpuclockid(3).
        own = time.clock_gettime((~agent << 3) | 2)
        waited = int(Path(f"/proc/{agent}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return None
    return max(own, ticks / _TICKS_PER_SECOND), waited


def _family(first: int) -> Iterator[int]:
    waiting = [first]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += _children(pid)


def _children(pid: int) -> list[int]:
    """Of every thread of pid; none if it is gone."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
            found += [int(child) for child in text.split()]
    except OSError:
        pass
    return found


def _stat(pid: int) -> list[str]:
    # The name in parentheses may hold anything: read behind its end.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _started(pid: int) -> int:
    return int(_stat(pid)[19])


def _ticks(pid: int) -> int:
    """User and system time, its own and that of the children it has waited for; 0 if gone."""
    try:
        return sum(int(value) for value in _stat(pid)[11:15])
    except OSError:
        return 0
