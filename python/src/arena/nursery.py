"""Forks runners, so that none of them waits for imports.

A process of the runners' uid that has all games loaded and keeps the zygote. Started by
arena.launch; on its channel it first says which launcher is in use, as JSON {"launcher": name,
"reason": why not the zygote} or {"error": text}. After that each packet asks for a runner and
brings its control socket, where P comes first, with the runner's pid and a pidfd. It ends when the
channel is closed, and everything with it.

A runner plays one match after the other. A packet on its control socket is a job, {"job": path,
"results": path}, with one descriptor, the log of that match. The runner says B when it begins with
it, D when the results are complete, and F when nothing of the match is left and it is free for the
next. After a fault of its own it writes what happened to the log and ends; it also ends when its
control socket is closed, and when the zygote is gone.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from arena import environments, kernel, runner
from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import AGENT_ENVIRONMENT, zygote_settings
from arena.seccomp import SeccompUnavailable, program

_PROBE_SECONDS = 60.0


def main(descriptor: int) -> None:
    channel = socket.socket(fileno=descriptor)
    settings = json.load(sys.stdin)
    kernel.adopt_orphans()
    python = AgentPython(**settings["python"])
    zygote: Zygote | None = None
    reason = ""
    try:
        if settings["launcher"] != "bwrap":
            zygote = Zygote(python)
            zygote.probe()
    except SandboxUnavailable as unavailable:
        if settings["launcher"] == "zygote":
            channel.send(json.dumps({"error": str(unavailable)}).encode())
            return
        zygote, reason = None, str(unavailable)
    games = {spec.id: environments.create(spec.id) for spec in environments.specs()}
    with contextlib.suppress(SeccompUnavailable):
        program()  # compiled once, for every fork
    name = "bwrap" if zygote is None else "zygote"
    # Runners are not waited for: whoever asked for one hears of its end through its pidfd.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    channel.send(json.dumps({"launcher": name, "reason": reason}).encode())
    serve(channel, zygote, games)


def serve(
    channel: socket.socket, zygote: Zygote | None, games: Mapping[str, environments.Environment]
) -> None:
    """Forks a runner for each packet until the channel is closed."""
    while True:
        packet, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not packet:
            return
        control = socket.socket(fileno=descriptors[0])
        if zygote is not None and not zygote.alive():
            zygote.close()
            zygote = Zygote(zygote.python)
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # No more processes for now: this match fails, the others go on.
            traceback.print_exc()
            control.close()
            continue
        if pid == 0:
            channel.close()
            _run(control, zygote, games, parent)
        with contextlib.suppress(OSError):
            # It may be gone already, having failed at once: then its end is all there is to say.
            pidfd = os.pidfd_open(pid)
            try:
                socket.send_fds(control, [b"P" + struct.pack("i", pid)], [pidfd])
            finally:
                os.close(pidfd)
        control.close()


def _run(
    control: socket.socket,
    zygote: Zygote | None,
    games: Mapping[str, environments.Environment],
    parent: int,
) -> NoReturn:
    """A runner's life."""
    try:
        # A match is short, and what it keeps is kept to its end: collected between matches.
        gc.disable()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if kernel.die_with_parent(signal.SIGKILL, parent):
            _reseed()
            cores = os.sched_getaffinity(0)
            while packet := _next_job(control, zygote):
                os.sched_setaffinity(0, cores)
                _play(packet, control, zygote, games)
                control.send(b"F")
                gc.collect()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(0)


def _next_job(control: socket.socket, zygote: Zygote | None) -> bytes:
    """Waits for a job, whose log is then the standard output and error; empty if none will come."""
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    if zygote is not None:
        waiting.register(zygote.channel, 0)
    if any(descriptor != control.fileno() for descriptor, _ in waiting.poll()):
        return b""
    packet, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if packet:
        control.send(b"B")
    for log in descriptors:
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    return packet


def _play(
    packet: bytes,
    control: socket.socket,
    zygote: Zygote | None,
    games: Mapping[str, environments.Environment],
) -> None:
    request = json.loads(packet)
    results = Path(request["results"])
    os.chdir(results)
    job = runner.Job.from_json(Path(request["job"]).read_text("utf-8"))
    channel = zygote.channel if zygote is not None else None
    runner.run(job, games[job.environment], results, channel, lambda: control.send(b"D"))
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir("/")


def _reseed() -> None:
    """Forks share the state of every generator until they are seeded anew."""
    random.seed()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


class Zygote:
    """A running zygote. SandboxUnavailable if it cannot be started."""

    def __init__(self, python: AgentPython) -> None:
        self.python = python
        try:
            settings = zygote_settings(python, program())
        except SeccompUnavailable as unavailable:
            raise SandboxUnavailable(f"The zygote needs a seccomp filter: {unavailable}.") from None
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = str(Path(__file__).with_name("zygote.py"))
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(python.executable, "-I", "-S", "-u", script),
                    *(str(theirs.fileno()), str(os.getpid())),
                ],
                stdin=subprocess.PIPE,
                env=AGENT_ENVIRONMENT,
                pass_fds=[theirs.fileno()],
                cwd="/",
            )
        self._pidfd = os.pidfd_open(self._process.pid)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(json.dumps(settings).encode())

    def alive(self) -> bool:
        ended = select.poll()
        ended.register(self._pidfd, select.POLLIN)
        return not ended.poll(0)

    def close(self) -> None:
        """Lets go of it; it ends by itself when no runner speaks to it any more."""
        self.channel.close()
        os.close(self._pidfd)

    def probe(self) -> None:
        """Makes a sandbox without an agent. SandboxUnavailable if that fails here."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        null = os.open(os.devnull, os.O_RDWR)
        request: dict[str, Any] = {
            "groups": [],
            "core": None,
            "binds": [],
            "tmp_bytes": 65536,
            "harness": None,
        }
        with control:
            control.settimeout(_PROBE_SECONDS)
            try:
                with theirs:
                    packet = json.dumps(request).encode()
                    socket.send_fds(self.channel, [packet], [theirs.fileno(), *[null] * 4])
                said = b"?"
                while said and said[:1] not in b"SE":
                    said, descriptors, _, _ = socket.recv_fds(control, 2048, 1)
                    for descriptor in descriptors:
                        os.close(descriptor)
            except OSError as error:
                said = b"E" + str(error).encode()
            finally:
                os.close(null)
        if said != b"S" + struct.pack("i", 0):
            why = said[1:].decode("utf-8", "replace") if said[:1] == b"E" else "it ended at once"
            raise SandboxUnavailable(
                f"The zygote cannot start an agent here: {why}. It needs Linux 5.12 or newer and "
                "user namespaces for this user's programs; bubblewrap may be allowed what it is "
                "not, so the launcher bwrap may work."
            )
