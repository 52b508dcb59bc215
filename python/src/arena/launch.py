"""Starts runner processes, never as root, by way of a nursery that is kept warm.

The kernel exempts processes of root from the process limit, so a program that runs as root gives
each runner an unprivileged uid of its own. That uid may be unable to reach the installation, say
below /root: the runner then gets a view of the file system in which just the needed folders appear.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import bwrap_path
from arena.runner_process import RunnerProcess

#: The uid and gid of runners started by root; outside the ranges that distributions hand out.
DEFAULT_UID = 64217

# It ends when its channel is closed. A signal at its parent's death would come too early: to the
# kernel, the parent is the thread that started it.
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from arena.nursery import main; main(int(sys.argv[2]))"
)
# Importing every game on a busy machine, twice over.
_WARM_UP_SECONDS = 180.0
#: The ways to start an agent.
LAUNCHERS = ("bwrap", "zygote")


class Launcher:
    """Knows how to start a runner on this machine. Thread-safe.

    work_dir is where jobs and results live; it is created if need be. SandboxUnavailable if the
    unprivileged uid could not read the installation. wanted is how agents start, "bwrap" or
    "zygote"; None takes the zygote if it works here. mode is how they do, known after warm_up(),
    and reason tells why it is not the zygote.
    """

    def __init__(
        self,
        python: AgentPython,
        work_dir: Path,
        uid: int = DEFAULT_UID,
        wanted: str | None = None,
    ) -> None:
        self.python = python
        self.wanted = wanted
        self.mode = ""
        self.reason = ""
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        #: Runners that wait for a match, the one that played last at the end.
        self._idle: list[RunnerProcess] = []
        self._most_idle = 1 + (os.cpu_count() or 1)
        self.work_dir = work_dir.resolve()
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.uid = uid if os.geteuid() == 0 else None
        self._source = str(Path(__file__).resolve().parent.parent)
        #: Put before a command, runs it as that uid, with a view of what it needs.
        self.prefix = self._drop_prefix() if self.uid is not None else []

    def prepare(self, directory: Path) -> None:
        """Makes a folder the runner's own."""
        directory.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(directory, self.uid, self.uid)

    def start(self, job_file: Path, result_dir: Path, log_file: Path) -> RunnerProcess:
        """Has a runner play a job; its messages go to log_file.

        It is the caller's until give_back() or its close(). SandboxUnavailable if none can be
        started, which is known since warm_up().
        """
        job = json.dumps({"job": str(job_file), "results": str(result_dir)}).encode()
        with log_file.open("wb") as log:
            while idle := self._take_idle():
                if idle.play(job, log.fileno()):
                    return idle
                # It went with the nursery or the zygote that it came from.
                idle.close()
            started = self._new_runner()
            if not started.play(job, log.fileno()):
                started.close()
                raise SandboxUnavailable("A runner ended before it had anything to do.")
            return started

    def give_back(self, runner: RunnerProcess, again: bool) -> None:
        """Takes a runner whose match has succeeded, when nothing of that match is left. If again,
        another match may have it, unless it has played enough."""
        if runner.await_freedom() and again:
            with self._lock:
                if self._channel is not None and len(self._idle) < self._most_idle:
                    self._idle.append(runner)
                    return
        runner.close()

    def warm_up(self) -> None:
        """Starts the nursery unless it runs. SandboxUnavailable if it, or the launcher asked for,
        cannot be had."""
        with self._lock:
            self._nursery()

    def close(self) -> None:
        """Ends the nursery and all its runners. Safe to repeat; start() begins anew."""
        with self._lock:
            self._end()

    def _take_idle(self) -> RunnerProcess | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _new_runner(self) -> RunnerProcess:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            try:
                try:
                    socket.send_fds(self._nursery(), [b"R"], [theirs.fileno()])
                except OSError:
                    # It was killed: its matches have failed, this one and the next get another.
                    self._end()
                    socket.send_fds(self._nursery(), [b"R"], [theirs.fileno()])
            except BaseException:
                control.close()
                raise
        return RunnerProcess(control)

    def _nursery(self) -> socket.socket:
        """The channel of a running nursery. The lock is held."""
        if self._channel is None:
            self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            log_path = self.work_dir / "nursery.log"
            with theirs, log_path.open("wb") as log:
                self._process = subprocess.Popen(
                    [
                        *self.prefix,
                        *(sys.executable, "-I", "-c", _START, self._source),
                        str(theirs.fileno()),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    pass_fds=[theirs.fileno()],
                    # No secret of the parent's reaches the runners.
                    env={
                        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                        "LANG": "C.UTF-8",
                        "OPENBLAS_NUM_THREADS": "1",
                    },
                    start_new_session=True,
                )
            settings = {"python": asdict(self.python), "launcher": self.wanted}
            assert self._process.stdin is not None
            with suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(json.dumps(settings).encode())
            self._channel.settimeout(_WARM_UP_SECONDS)
            try:
                answer = self._channel.recv(65536)
            except TimeoutError:
                answer = b""
                self._process.kill()
            self._channel.settimeout(None)
            if not answer or "error" in json.loads(answer):
                said = json.loads(answer)["error"] if answer else ""
                said = said or log_path.read_text("utf-8", "replace")[-1000:].strip()
                self._end()
                raise SandboxUnavailable(f"Runners cannot be started. {said}")
            self.mode = json.loads(answer)["launcher"]
            self.reason = json.loads(answer)["reason"]
        return self._channel

    def _end(self) -> None:
        for runner in self._idle:
            runner.close()
        self._idle.clear()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _drop_prefix(self) -> list[str]:
        assert self.uid is not None
        reading = [sys.prefix, sys.base_prefix, self._source, *self.python.paths()]
        reading += [self.python.base_prefix, *self.python.site_packages]
        reading += [os.path.dirname(os.path.realpath(sys.executable))]
        hidden: dict[str, list[str]] = {}
        for path in dict.fromkeys([*map(os.path.realpath, reading), *reading]):
            barrier = _barrier(path, self.uid)
            if barrier == path:
                raise SandboxUnavailable(
                    f"The folder {path} cannot be read by others than its owner, so no "
                    f"unprivileged process can play matches: chmod -R a+rX {path}"
                )
            if barrier is not None:
                hidden.setdefault(barrier, []).append(path)
        work = str(self.work_dir)
        work_barrier = _barrier(work, self.uid)
        if work_barrier == work:
            os.chmod(work, 0o711)  # noqa: S103  (its folders guard themselves)
            work_barrier = _barrier(work, self.uid)
        if work_barrier is not None:
            hidden.setdefault(work_barrier, [])
        command = [bwrap_path(), "--dev-bind", "/", "/"]
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        for barrier, paths in hidden.items():
            command += ["--perms", "0755", "--tmpfs", barrier]
            for path in paths:
                command += [*_folders(barrier, path), "--ro-bind", path, path]
        if work_barrier is not None:
            command += [*_folders(work_barrier, work), "--bind", work, work]
        identity = str(self.uid)
        return [
            *command,
            *("--", "setpriv", "--reuid", identity, "--regid", identity),
            *("--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"),
        ]


def _folders(barrier: str, path: str) -> list[str]:
    """Creates what lies between; left to itself bubblewrap would make it private to root."""
    between = [str(p) for p in reversed(Path(path).parents) if str(p).startswith(barrier + "/")]
    return [word for folder in between for word in ("--perms", "0755", "--dir", folder)]


def _barrier(path: str, uid: int) -> str | None:
    """The first folder on the way to path, path included, that uid cannot pass; None if none."""
    for directory in [*reversed(Path(path).parents), Path(path)]:
        try:
            status = directory.stat()
        except OSError:
            return None
        bit = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
        if stat.S_ISDIR(status.st_mode) and not status.st_mode & bit:
            return str(directory)
    return None
