"""Asking agents, which here are threads behind pipes."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arena import wire
from arena.agent_python import AgentPython
from arena.agents import AgentGroup, Answer
from arena.cage import SandboxSpec
from arena.sandbox import Sandbox
from arena.verdict import Failure, Verdict

PYTHON = AgentPython("/python", "/", "/lib", [], "3.11", "linux")
Behaviour = Callable[["Peer"], None]


class HungUp(Exception):
    """The runner has closed the pipe."""


class Peer:
    """The agent's side: reads requests, writes what it likes."""

    def __init__(self, request_fd: int, reply_fd: int) -> None:
        self._request_fd, self._reply_fd = request_fd, reply_fd
        self.nonce = 0

    def receive(self) -> Any:
        head = os.read(self._request_fd, 4)
        if not head:
            raise HungUp
        (length,) = struct.unpack(">I", head)
        self.nonce, *content = wire.decode(os.read(self._request_fd, length), arrays=True)
        return content

    def move(self, value: int) -> None:
        self.send(["move", self.nonce, "int", value])

    def send(self, message: Any) -> None:
        os.write(self._reply_fd, wire.encode(message))

    def load(self) -> None:
        self.receive()
        self.send(["started", self.nonce])
        self.send(["ready", self.nonce])

    def write(self, data: bytes) -> None:
        os.write(self._reply_fd, data)


class ThreadSandbox(Sandbox):
    """Runs a behaviour; its pipes close when that ends."""

    def __init__(self, behaviour: Behaviour) -> None:
        request, self.request_fd = os.pipe()
        self.reply_fd, reply = os.pipe()
        self.stdout_fd, stdout = os.pipe()
        self.stderr_fd, stderr = os.pipe()
        for descriptor in (self.request_fd, self.reply_fd, self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)
        self._theirs = (request, reply, stdout, stderr)
        self._thread = threading.Thread(target=self._run, args=(behaviour,))
        self._thread.start()

    def _run(self, behaviour: Behaviour) -> None:
        try:
            behaviour(Peer(self._theirs[0], self._theirs[1]))
        except HungUp:
            pass
        finally:
            for descriptor in self._theirs:
                os.close(descriptor)

    def exit_status(self, patience: float = 0.0) -> int | None:
        self._thread.join(patience)
        return 0

    def complaint(self) -> str:
        return ""

    def kill(self) -> None:
        pass

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            for descriptor in (self.request_fd, self.reply_fd, self.stdout_fd, self.stderr_fd):
                os.close(descriptor)
            self._thread.join()

    def _first_process(self) -> int | None:
        return None


@pytest.fixture
def play() -> Iterator[Callable[..., AgentGroup]]:
    """A group of loaded agents, one per behaviour."""
    groups = []

    def play(*behaviours: Behaviour) -> AgentGroup:
        waiting = iter(behaviours)
        specs = [SandboxSpec(PYTHON, "/code", seat) for seat in range(len(behaviours))]
        group = AgentGroup(specs, lambda _: ThreadSandbox(next(waiting)))
        groups.append(group)
        loaded = group.load(30.0, float("inf"))
        assert all(isinstance(reply, Answer) for reply in loaded.values())
        return group

    yield play
    for group in groups:
        group.close()


def ask(group: AgentGroup, *observations: Any, limit: float = 30.0) -> list[Any]:
    asked = dict(enumerate(observations))
    replies = group.ask(asked, dict.fromkeys(asked, limit), float("inf"))
    assert replies.keys() == asked.keys()
    return [
        reply.value[1] if isinstance(reply, Answer) and reply.value else reply
        for reply in (replies[seat] for seat in asked)
    ]


def echo(peer: Peer) -> None:
    peer.load()
    for _ in range(3):
        (observation,) = peer.receive()
        peer.move(observation)


def test_every_seat_answers_its_own_question(play):
    group = play(echo, echo, echo)

    answers = [ask(group, *range(step, step + 3)) for step in range(3)]

    assert answers == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]


def test_a_seat_that_takes_long_does_not_keep_the_others_from_being_asked(play):
    second_was_asked = threading.Event()

    def waits(peer: Peer) -> None:
        peer.load()
        peer.receive()
        assert second_was_asked.wait(60)
        peer.move(7)

    def tells(peer: Peer) -> None:
        peer.load()
        peer.receive()
        second_was_asked.set()
        peer.move(8)

    assert ask(play(waits, tells), 0, 0) == [7, 8]


def test_an_answer_in_pieces_is_put_together(play):
    second_was_asked = threading.Event()

    def drips(peer: Peer) -> None:
        peer.load()
        peer.receive()
        frame = wire.encode(["move", peer.nonce, "int", 5])
        peer.write(frame[:3])
        assert second_was_asked.wait(60)
        peer.write(frame[3:])

    def tells(peer: Peer) -> None:
        peer.load()
        peer.receive()
        second_was_asked.set()
        peer.move(6)

    assert ask(play(drips, tells), 0, 0) == [5, 6]


@pytest.mark.parametrize(
    "answer",
    [
        lambda peer: peer.send(["move", peer.nonce + 1, "int", 1]),
        lambda peer: peer.send(["move", peer.nonce, 1, 1]),
        lambda peer: peer.send(["score", peer.nonce, 99]),
        lambda peer: peer.write(wire.encode(["move", peer.nonce, "int", 1]) * 2),
        lambda peer: peer.write(b"\x00\x00\x00\x01\xc1"),
        lambda peer: peer.write(b"\xff" * 8),
    ],
)
def test_anything_but_one_answer_to_this_question_is_against_the_protocol(play, answer):
    def cheats(peer: Peer) -> None:
        peer.load()
        peer.receive()
        answer(peer)
        os.read(peer._request_fd, 1)

    failure, other = ask(play(cheats, echo), 0, 4)

    assert isinstance(failure, Failure)
    assert failure.verdict is Verdict.PROTOCOL
    assert other == 4


def test_a_seat_that_ends_is_told_from_one_that_answers(play):
    def ends(peer: Peer) -> None:
        peer.load()
        peer.receive()

    failure, other = ask(play(ends, echo), 0, 4)

    assert isinstance(failure, Failure)
    assert failure.verdict is Verdict.CRASH
    assert other == 4


def test_every_question_has_a_nonce_of_its_own(play):
    seen: list[int] = []

    def notes(peer: Peer) -> None:
        peer.load()
        for _ in range(1100):
            peer.receive()
            seen.append(peer.nonce)
            peer.move(0)

    group = play(notes)
    for _ in range(1100):
        ask(group, 0)

    assert len(set(seen)) == 1100
    assert all(0 <= nonce < 1 << 62 for nonce in seen)
