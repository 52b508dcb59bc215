"""Plays one match whose agents are in pods, in a pod of its own; started as python -m.

It has all games loaded before anybody dials it, so that one that waits costs a match nothing. It
plays one match, tells the executor alone, and ends; also when the executor is gone, since nobody
would take the result.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import sys
import threading
import time
import traceback
from typing import Any

from arena import environments
from arena.agents import AgentGroup
from arena.handshake import Refused, answer, listen
from arena.match import play
from arena.remote_link import KEY_VARIABLE, PORT, STREAM, Link, LinkBroken, RemoteJob
from arena.remote_sandbox import RemoteSandbox
from arena.runner import result_files

#: How long nobody may dial.
_PATIENCE_SECONDS = 120.0
_GREETING_SECONDS = 5.0
#: The platform may have to wait for a machine to be declared dead.
_FINDING_OUT_SECONDS = 90.0
# A network policy may take a moment to reach a new pod.
_OPEN_TRIES, _OPEN_SECONDS = 5, 1.0


def main() -> None:
    key = bytes.fromhex(os.environ.pop(KEY_VARIABLE))
    games = {name: environments.create(name) for name in environments.ids()}
    reached = reachable(os.environ)
    listener = listen(
        os.environ.get("ARENA_RUNNER_HOST", ""), int(os.environ.get("ARENA_RUNNER_PORT", PORT))
    )
    print(f"runner waits on port {listener.getsockname()[1]}", flush=True)
    executor = Executor(Link(accept(listener, key)))
    executor.link.send("ready", reached)
    job = executor.next_job()
    try:
        serve(job, games[job.environment], executor)
    except LinkBroken:
        sys.exit("the executor hung up")
    except Exception as error:
        traceback.print_exc()
        executor.link.send("fault", job.attempt, f"{type(error).__name__}: {error}"[:2000])
    executor.await_farewell()


def accept(listener: socket.socket, key: bytes) -> socket.socket:
    """The executor's connection; nobody comes in afterwards."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    with listener:
        while (left := give_up - time.monotonic()) > 0:
            listener.settimeout(left)
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                break
            try:
                answer(connection, key, STREAM, _GREETING_SECONDS)
                return connection
            except (OSError, Refused):
                connection.close()
    sys.exit("no executor has come")


def serve(job: RemoteJob, environment: environments.Environment, executor: Executor) -> None:
    """Plays the job and hands over what is left of it."""
    start_time, started = time.time(), time.monotonic()
    seats = range(len(job.seats))
    group = AgentGroup(job.seats, lambda seat: RemoteSandbox(seat, executor.ask))
    with contextlib.closing(group):
        result = play(environment, group, job.rules, job.seed, len(job.seats), record=job.record)
        outputs = [group.output(seat) for seat in seats]
        seconds = time.monotonic() - started
    files = result_files(job, environment, result, outputs, start_time, seconds)
    for name, content in files.items():
        executor.link.send_file(name, content)
    executor.link.send("done", job.attempt)


class Executor:
    """The other end of the link. When it hangs up this process ends, whatever it is doing."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self._farewell = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def next_job(self) -> RemoteJob:
        match self._answers.get():
            case ["play", str(text)]:
                return RemoteJob.from_json(text)
            case other:
                raise LinkBroken(f"the executor says {other[0]!r}")

    def ask(self, seat: int) -> tuple[str, str]:
        """What has become of a seat's pod."""
        self.link.send("lost?", seat)
        try:
            said = self._answers.get(timeout=_FINDING_OUT_SECONDS)
        except queue.Empty:
            return "platform", "the executor does not know what has become of it"
        match said:
            case ["lost", int(about), str(kind), str(sentence)] if about == seat:
                return kind, sentence
        raise LinkBroken("the executor answers another question")

    def await_farewell(self) -> None:
        """Until the executor has everything and hangs up."""
        self._farewell.set()
        threading.Event().wait(_PATIENCE_SECONDS)

    def _read(self) -> None:
        try:
            while True:
                self._answers.put(self.link.receive())
        except LinkBroken as broken:
            done = self._farewell.is_set()
            if not done:
                print(f"the executor is gone: {broken}", file=sys.stderr, flush=True)
            os._exit(0 if done else 1)


def reachable(environment: Any) -> list[str]:
    """What this pod can reach although no pod of a match may: the cluster's API server."""
    host, port = (environment.get(f"KUBERNETES_SERVICE_{name}") for name in ("HOST", "PORT"))
    if not host or not port:
        return []
    for _ in range(_OPEN_TRIES):
        try:
            with socket.create_connection((host, int(port)), timeout=_OPEN_SECONDS):
                pass
        except OSError:
            return []
        time.sleep(_OPEN_SECONDS)
    return [f"{host}:{port}"]


if __name__ == "__main__":
    main()
