"""Between the executor and a runner in a pod of its own: frames in both directions.

The executor dials, and says ["play", job]. The runner says ["ready", open], where open lists what
it should not have been able to reach; then ["lost?", seat] whenever it needs to know what has
become of a seat's pod, which the executor answers by ["lost", seat, kind, sentence]; and at the end
either ["file", name, piece] and ["done", attempt], or ["fault", attempt, sentence].
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena import wire
from arena.cage import Limits
from arena.match import Rules
from arena.remote_sandbox import RemoteSeat
from arena.replay import Participant

KEY_VARIABLE = "ARENA_RUNNER_KEY"
STREAM = b"j"
PORT = 7101
_LENGTH = struct.Struct(">I")
_PIECE_BYTES = 4 << 20


class LinkBroken(Exception):
    """The other end is gone, or says what cannot be."""


@dataclass(frozen=True)
class RemoteJob:
    """One match in pods. attempt names the attempt that the result is for; seats are in order."""

    match_id: str
    attempt: str
    environment: str
    seed: int
    participants: Sequence[Participant]
    seats: Sequence[RemoteSeat]
    rules: Rules
    record: bool

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> RemoteJob:
        value = json.loads(text)
        seats = [
            RemoteSeat(
                one["player_id"], one["host"], one["port"], Limits(**one["limits"]), one["key"]
            )
            for one in value["seats"]
        ]
        return RemoteJob(
            **{
                **value,
                "participants": [Participant(**one) for one in value["participants"]],
                "seats": seats,
                "rules": Rules(**value["rules"]),
            }
        )


class Link:
    """Whole frames over a connected socket. One thread reads, any may write; close() ends it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._writing = threading.Lock()

    def send(self, *message: Any) -> None:
        """LinkBroken if the other end is gone."""
        try:
            with self._writing:
                self._connection.sendall(wire.encode(list(message)))
        except OSError as error:
            raise LinkBroken(str(error)) from None

    def send_file(self, name: str, content: bytes) -> None:
        for start in range(0, len(content), _PIECE_BYTES):
            self.send("file", name, content[start : start + _PIECE_BYTES])

    def receive(self) -> list[Any]:
        """The next message, however long it takes. LinkBroken if none will come."""
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > wire.MAX_REQUEST_BYTES:
            raise LinkBroken(f"a frame of {length} bytes is too large")
        try:
            message = wire.decode(self._read(length))
        except wire.FrameError as error:
            raise LinkBroken(str(error)) from None
        if not isinstance(message, list) or not message:
            raise LinkBroken("a frame is no message")
        return message

    def wait(self, seconds: float) -> bool:
        """Whether there is something to receive, the end included."""
        waiting = select.poll()
        waiting.register(self._connection, select.POLLIN)
        return bool(waiting.poll(max(0.0, seconds) * 1000))

    def close(self) -> None:
        self._connection.close()

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            try:
                piece = self._connection.recv(min(count - len(data), 1 << 20))
            except OSError as error:
                raise LinkBroken(str(error)) from None
            if not piece:
                raise LinkBroken("the other end hung up")
            data += piece
        return bytes(data)
