"""One agent's cage: bubblewrap, rlimits and, where writable, a control group."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from arena.agent_python import SandboxUnavailable
from arena.cage import SandboxSpec, bwrap_command
from arena.cgroups import Group
from arena.seccomp import SeccompUnavailable, program

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Sandbox:
    """A started agent process in a bubblewrap of its own. Not thread-safe.

    The four descriptors are the runner's ends, non-blocking: request_fd to write to, reply_fd,
    stdout_fd and stderr_fd to read from. kill() ends every process inside and is safe to repeat.
    """

    def __init__(self, spec: SandboxSpec) -> None:
        if os.geteuid() == 0:
            # The kernel would not hold a process of root's to RLIMIT_NPROC: a fork bomb goes off.
            raise SandboxUnavailable("Sandboxes are not started by root; see arena.launch.")
        self.spec = spec
        request_read, self.request_fd = os.pipe()
        self.reply_fd, reply_write = os.pipe()
        self._info_fd, info_write = os.pipe()
        inside = [request_read, reply_write, info_write]
        filter_fd = _filter_file()
        if filter_fd is not None:
            inside.append(filter_fd)
        try:
            self._process = subprocess.Popen(
                bwrap_command(spec, request_read, reply_write, info_write, filter_fd),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=inside,
                env={},
                cwd="/",
                # Single-threaded callers only: what runs between fork and exec is Python.
                preexec_fn=_preparation(spec.group),
            )
        except BaseException:
            os.close(self.request_fd)
            os.close(self.reply_fd)
            os.close(self._info_fd)
            raise
        finally:
            for descriptor in inside:
                os.close(descriptor)
        assert self._process.stdout
        assert self._process.stderr
        self.stdout_fd = self._process.stdout.fileno()
        self.stderr_fd = self._process.stderr.fileno()
        for descriptor in (self.request_fd, self.reply_fd, self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)
        os.set_blocking(self._info_fd, False)
        self._info = b""
        self.closed = False

    def usage(self) -> tuple[float, float] | None:
        """CPU seconds of all processes inside, and seconds the agent's main thread was ready to
        run but not run. None before the agent has started and after it is gone."""
        init = self._init_pid()
        if init is None or self._process.poll() is not None:
            return None
        agent, ticks = _descendants(init)
        if agent is None:
            return None
        try:
            # Finer than the ticks of /proc; the id is that of clock_getcpuclockid(3).
            own = time.clock_gettime((~agent << 3) | 2)
            waited = int(Path(f"/proc/{agent}/schedstat").read_text().split()[1]) / 1e9
        except OSError:
            return None
        return max(own, ticks / _TICKS_PER_SECOND), waited

    def exit_status(self, patience: float = 0.0) -> int | None:
        """Exit status as a shell gives it, 128 + n for signal n; None while running."""
        try:
            code = self._process.wait(patience) if patience else self._process.poll()
        except subprocess.TimeoutExpired:
            return None
        return None if code is None else code if code >= 0 else 128 - code

    def kill(self) -> None:
        """Kills everything inside and waits until it is gone."""
        if self.closed:
            return
        self.closed = True
        init = self._init_pid()
        if init is not None and self._process.poll() is None:
            # The first process of the pid namespace: the kernel kills the rest with it, and
            # bubblewrap outside ends once all of them are gone.
            _kill(init)
            self.exit_status(patience=5.0)
        self._process.kill()
        self._process.wait()
        os.close(self.request_fd)
        os.close(self.reply_fd)
        os.close(self._info_fd)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _init_pid(self) -> int | None:
        try:
            while more := os.read(self._info_fd, 4096):
                self._info += more
        except BlockingIOError:
            pass
        try:
            return int(json.loads(self._info)["child-pid"])
        except (ValueError, KeyError):
            return None


def _filter_file() -> int | None:
    """A descriptor to read the seccomp filter from; None where there is none to be had, which the
    self-test of whoever plays matches reports."""
    try:
        compiled = program()
    except SeccompUnavailable:
        return None
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, compiled)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _preparation(group: Group) -> Any:
    def prepare() -> None:
        group.add_current_process()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return prepare


def _descendants(init: int) -> tuple[int | None, int]:
    """The first child of a sandbox's first process, and the clock ticks used by all below it.

    Whatever loses its parent inside becomes a child of that first process, so nothing escapes.
    """
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    started: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        # The name in parentheses may hold anything: read behind its end.
        fields = stat.rpartition(")")[2].split()
        parents[int(entry)] = int(fields[1])
        # User and system time, its own and that of the children it has waited for.
        ticks[int(entry)] = sum(int(value) for value in fields[11:15])
        started[int(entry)] = int(fields[19])
    children = [pid for pid, parent in parents.items() if parent == init]
    agent = min(children, key=lambda pid: (started[pid], pid), default=None)
    inside = {init}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in inside} - inside
        inside |= more
        grown = bool(more)
    return agent, sum(ticks.get(pid, 0) for pid in inside)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
