"""The cold launcher: bubblewrap and a fresh interpreter for every agent."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
from typing import Any

from arena.agent_python import SandboxUnavailable
from arena.cage import SandboxSpec, bwrap_command
from arena.cgroups import Group
from arena.sandbox import Sandbox
from arena.seccomp import SeccompUnavailable, program


class BwrapSandbox(Sandbox):
    """A started agent process in a bubblewrap of its own."""

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
        self._killed = False

    def exit_status(self, patience: float = 0.0) -> int | None:
        try:
            code = self._process.wait(patience) if patience else self._process.poll()
        except subprocess.TimeoutExpired:
            return None
        return None if code is None else code if code >= 0 else 128 - code

    def complaint(self) -> str:
        # What bubblewrap says goes to stderr, as what the agent says.
        return ""

    def kill(self) -> None:
        init = None if self._killed else self._first_process()
        if init is not None:
            # The first process of the pid namespace: the kernel kills the rest with it. Once only:
            # its number may be another's soon.
            _kill(init)
            self._killed = True

    def close(self) -> None:
        if self.closed:
            return
        self.kill()
        self.closed = True
        if self._killed:
            # Bubblewrap outside ends once all that was inside is gone.
            self.exit_status(patience=5.0)
        self._process.kill()
        self._process.wait()
        os.close(self.request_fd)
        os.close(self.reply_fd)
        os.close(self._info_fd)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _first_process(self) -> int | None:
        if self._process.poll() is not None:
            return None
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


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
