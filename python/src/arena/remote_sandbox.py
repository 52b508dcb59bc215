"""An agent in a pod of its own, seen by the runner in another."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from arena import seat
from arena.agent_process import SandboxFailed
from arena.cage import Limits
from arena.cgroups import Group
from arena.handshake import Refused, dial
from arena.sandbox import Sandbox
from arena.verdict import Failure, Verdict

#: How long a pod that is running may take until its first process listens.
_CONNECT_SECONDS = 20.0
_RETRY_SECONDS = 0.1
#: How long a pod's first process may take to say that it is there. It does nothing else, and the
#: agent has no way to keep it from that.
_ALIVE_SECONDS = 10.0
# So much of what an agent prints may be on its way; it waits with the rest, as with a pipe.
_RECEIVE_BYTES = 64 * 1024


@dataclass(frozen=True)
class RemoteSeat:
    """Where an agent waits, and what it may use. key is the seat's alone, in hexadecimal."""

    player_id: int
    host: str
    port: int
    limits: Limits
    key: str = field(repr=False)
    #: Counted in its pod and not here.
    group: Group = field(default_factory=Group)


#: What is known of a seat's pod: "memory", "disk", "crash", or "platform", and a sentence.
AskPlatform = Callable[[int], tuple[str, str]]


class RemoteSandbox(Sandbox):
    """The runner's side of a seat; arena.seat is the other. Not thread-safe.

    ask_platform is asked when a pod is gone without a word. Construction connects: SandboxFailed if
    nobody with the seat's key is there.
    """

    def __init__(self, spec: RemoteSeat, ask_platform: AskPlatform) -> None:
        self.spec = spec
        self._ask_platform = ask_platform
        self._streams: dict[bytes, socket.socket] = {}
        self._said = bytearray()
        self._alive = 0
        self._status: int | None = None
        self._failure: Failure | None = None
        self._hung_up = False
        try:
            deadline = time.monotonic() + _CONNECT_SECONDS
            for name in (seat.CONTROL, seat.MOVES, seat.OUTPUT, seat.ERRORS):
                self._streams[name] = self._connect(name, deadline)
            wanted = {"player_id": spec.player_id, "limits": spec.limits.rlimits()}
            self._streams[seat.CONTROL].sendall(json.dumps(wanted).encode() + b"\n")
        except OSError as error:
            self._close()
            raise SandboxFailed(f"seat {spec.player_id} cannot be reached: {error}") from error
        except BaseException:
            self._close()
            raise
        for stream in self._streams.values():
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
            stream.setblocking(False)
        self.request_fd = self.reply_fd = self._streams[seat.MOVES].fileno()
        self.stdout_fd = self._streams[seat.OUTPUT].fileno()
        self.stderr_fd = self._streams[seat.ERRORS].fileno()

    def usage(self) -> tuple[float, float] | None:
        """Not known here: what a pod said of itself could not be trusted. Time is the wall's."""
        return None

    def exit_status(self, patience: float = 0.0) -> int | None:
        deadline = time.monotonic() + patience
        self._listen()
        while self._status is None and not self._hung_up and self._await(deadline):
            pass
        if self._status is None and not self._hung_up:
            # It goes on and has closed its connection: unless nobody is there.
            self._await_life()
        if self._status is None and self._hung_up and self._failure is None:
            self._failure = self._find_out()
        return self._status

    def findings(self) -> Failure | None:
        return self._failure

    def confirm(self) -> None:
        self._await_life()
        if self._status is None and self._hung_up:
            self._failure = self._find_out()

    def complaint(self) -> str:
        return ""

    def kill(self) -> None:
        """Its pod's first process kills all the others once the runner has hung up."""
        for stream in self._streams.values():
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Does not wait: the pod is removed by whoever made it."""
        if not self.closed:
            self.kill()
            self._close()

    def _first_process(self) -> int | None:
        return None

    def _connect(self, name: bytes, deadline: float) -> socket.socket:
        key = bytes.fromhex(self.spec.key)
        while True:
            left = deadline - time.monotonic()
            try:
                return dial((self.spec.host, self.spec.port), key, name, max(0.1, left))
            except Refused as refused:
                raise SandboxFailed(f"seat {self.spec.player_id}: {refused}") from None
            except OSError:
                # Running comes before listening.
                if left <= 0:
                    raise
                time.sleep(_RETRY_SECONDS)

    def _await_life(self) -> None:
        """Waits until the pod's first process has answered, or is known to be gone."""
        deadline = time.monotonic() + _ALIVE_SECONDS
        before = self._alive
        try:
            self._streams[seat.CONTROL].send(b"?\n")
        except OSError:
            self._hung_up = True
        while self._alive == before and self._status is None and not self._hung_up:
            if not self._await(deadline):
                raise SandboxFailed(
                    f"the machine of seat {self.spec.player_id} does not answer any more"
                )

    def _find_out(self) -> Failure:
        kind, sentence = self._ask_platform(self.spec.player_id)
        match kind:
            case "memory":
                limit = self.spec.limits.memory_bytes >> 20
                return Failure(Verdict.MEMORY, f"It used more than {limit} MiB of memory.")
            case "disk":
                return Failure(Verdict.DISK_LIMIT, "It used more disk than an agent has.")
            case "crash":
                return Failure(Verdict.CRASH, "Its container was brought to an end.")
        raise SandboxFailed(f"seat {self.spec.player_id} was lost: {sentence}")

    def _await(self, deadline: float) -> bool:
        """Whether there may be news; False if the time is up."""
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        waiting = select.poll()
        waiting.register(self._streams[seat.CONTROL], select.POLLIN)
        waiting.poll(left * 1000)
        self._listen()
        return True

    def _listen(self) -> None:
        """Takes what the pod's first process has said so far."""
        while not self._hung_up:
            try:
                data = self._streams[seat.CONTROL].recv(4096)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self._hung_up = not data
            self._said += data
            *lines, rest = self._said.split(b"\n")
            self._said = bytearray(rest[-4096:])
            for line in lines:
                self._note(line)

    def _note(self, line: bytes | bytearray) -> None:
        try:
            value: Any = json.loads(line)
        except ValueError:
            return
        match value:
            case {"ended": int(status), "memory_kills": int(kills)}:
                self._status = status
                if kills > 0:
                    limit = self.spec.limits.memory_bytes >> 20
                    text = f"It used more than {limit} MiB of memory."
                    self._failure = Failure(Verdict.MEMORY, text)
            case {"alive": int()}:
                self._alive += 1

    def _close(self) -> None:
        self.closed = True
        for stream in self._streams.values():
            stream.close()
