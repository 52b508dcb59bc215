"""The agents of one match: asking several at once, judging their time, reading what they print."""

from __future__ import annotations

import os
import select
import signal
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, NamedTuple, TypeVar

from arena import wire
from arena.agent_process import UNMEASURED_SECONDS, Agent, Output, SandboxFailed, Seat
from arena.sandbox import Sandbox
from arena.verdict import Failure, Verdict

_RECHECK_SECONDS = 0.005
#: How long a seat is waited for alone.
_QUICK_MS = 5
_LOAD_KINDS = {
    "load": Verdict.LOAD_ERROR,
    "exception": Verdict.EXCEPTION,
    "memory": Verdict.MEMORY,
    "process_limit": Verdict.PROCESS_LIMIT,
    "disk_limit": Verdict.DISK_LIMIT,
}
_random = SystemRandom()
_nonces: list[int] = []


def _nonce() -> int:
    """62 bits from the kernel, drawn many at a time: asking it costs more than the rest of a
    request."""
    if not _nonces:
        drawn = _random.randbytes(8 * 512)
        _nonces.extend(value >> 2 for value in struct.unpack("512Q", drawn))
    return _nonces.pop()


class Answer(NamedTuple):
    """What an agent returned: value is ("int", n) or ("other", type name); None when it loaded.

    seconds is the time charged to the agent.
    """

    value: tuple[str, Any] | None
    seconds: float


@dataclass(frozen=True)
class Overdue:
    """No answer. seconds is the time charged; at_deadline tells the match's end from the seat's."""

    seconds: float
    at_deadline: bool


Reply = Answer | Overdue | Failure
_Spec = TypeVar("_Spec", bound=Seat)


class AgentGroup:
    """Starts a sandbox per seat and speaks with them. Not thread-safe; close() ends them all.

    open_sandbox starts one; SandboxUnavailable, SandboxFailed or OSError if that cannot be done.
    """

    def __init__(self, specs: Sequence[_Spec], open_sandbox: Callable[[_Spec], Sandbox]) -> None:
        self._poll = select.poll()
        self._agents: list[Agent] = []
        self._owners: dict[int, Agent] = {}
        try:
            for spec in specs:
                agent = Agent(spec, open_sandbox(spec))
                self._agents.append(agent)
                box = agent.sandbox
                for descriptor in (box.reply_fd, box.stdout_fd, box.stderr_fd):
                    self._owners[descriptor] = agent
                    self._poll.register(descriptor, select.POLLIN)
        except BaseException:
            self.close()
            raise

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]:
        """Waits until every agent is imported and constructed, or has failed."""
        seats = range(len(self._agents))
        replies = self._exchange(
            {seat: [] for seat in seats}, dict.fromkeys(seats, limit_seconds), deadline
        )
        for seat, reply in replies.items():
            self._agents[seat].loaded = isinstance(reply, Answer)
        return replies

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        """One action of each seat asked. limits: seconds per seat; deadline: time.monotonic().

        Seats are asked one after the other as long as they answer at once, so that none of them
        waits for another's computation; from the first that takes longer on, all at once.
        """
        replies: dict[int, Reply] = {}
        for seat, observation in observations.items():
            agent = self._agents[seat]
            if agent.failure is not None:
                break
            self._send(agent, [observation])
            reply = self._quick_reply(agent, limits[seat])
            if reply is None:
                break
            replies[seat] = reply
        if len(replies) == len(observations):
            return replies
        # The one that was asked last is still to answer; those behind it have not been asked.
        left = {s: [o] for s, o in observations.items() if s not in replies}
        return replies | self._exchange(left, limits, deadline, asked=next(iter(left)))

    def output(self, seat: int) -> tuple[str, str]:
        """The end of what a seat printed to stdout and stderr so far."""
        agent = self._agents[seat]
        if agent.sandbox.stdout_fd in self._owners:
            self._drain(agent, agent.sandbox.stdout_fd, agent.stdout)
        if agent.sandbox.stderr_fd in self._owners:
            self._drain(agent, agent.sandbox.stderr_fd, agent.stderr)
        return agent.stdout.text(), agent.stderr.text()

    def kill(self) -> None:
        """Kills every sandbox; close() waits until they are gone."""
        for agent in self._agents:
            agent.sandbox.kill()

    def close(self) -> None:
        """Kills every sandbox and waits until they are gone. Safe to repeat."""
        self.kill()
        for agent in self._agents:
            self._stop(agent)

    def _exchange(
        self,
        requests: Mapping[int, list[Any]],
        limits: Mapping[int, float],
        deadline: float,
        asked: int | None = None,
    ) -> dict[int, Reply]:
        """Sends the requests, but for that of the seat asked already, and waits for the replies."""
        replies: dict[int, Reply] = {}
        waiting: dict[int, float] = {}
        for seat, content in requests.items():
            agent = self._agents[seat]
            if agent.failure is None:
                if seat != asked:
                    self._send(agent, content)
                waiting[seat] = agent.asked_at + min(limits[seat], UNMEASURED_SECONDS)
        while True:
            for seat in list(waiting):
                agent = self._agents[seat]
                if agent.failure is None and (reply := self._take_reply(agent)):
                    replies[seat] = reply
                # How an agent ended is found out when the others have answered: it may take a
                # moment, which must not be charged to them.
                if seat in replies or agent.failure is not None or agent.ended:
                    del waiting[seat]
            if not waiting:
                break
            now = time.monotonic()
            for seat in list(waiting):
                if now < waiting[seat] and now < deadline:
                    continue
                agent = self._agents[seat]
                used = agent.charged(now)
                if used >= limits[seat] or now >= deadline:
                    replies[seat] = self._overdue(agent, used, used < limits[seat])
                    del waiting[seat]
                else:
                    waiting[seat] = now + max(limits[seat] - used, _RECHECK_SECONDS)
            if waiting:
                wake = min(min(waiting.values()), deadline)
                self._pump(max(0.0, wake - time.monotonic()))
        for seat in requests.keys() - replies.keys():
            agent = self._agents[seat]
            replies[seat] = agent.failure or self._diagnose_end(agent)
        for agent in self._agents:
            if agent.failure is not None:
                self._stop(agent)
        return replies

    def _quick_reply(self, agent: Agent, limit: float) -> Reply | None:
        """The answer if it comes at once and is nothing out of the ordinary; else None, and what
        came is kept for a closer look. Two system calls, where _pump() watches every stream."""
        if agent.received or agent.ended or agent.failure is not None:
            return None
        if not agent.replies.poll(min(_QUICK_MS, limit * 1000)):
            return None
        try:
            data = os.read(agent.sandbox.reply_fd, 65536)
        except BlockingIOError:
            return None
        except ConnectionError:
            data = b""
        seconds = time.monotonic() - agent.asked_at
        try:
            message = wire.whole_frame(data)
            # Spelt out: a match statement takes as long as all the rest of this method.
            if (
                seconds < UNMEASURED_SECONDS
                and type(message) is list
                and len(message) == 4
                and message[:2] == ["move", agent.nonce]
                and type(message[2]) is str
            ):
                return Answer((message[2], message[3]), seconds)
        except wire.FrameError:
            pass
        if data:
            agent.received += data
        else:
            self._forget(agent.sandbox.reply_fd)
            agent.ended = True
        return None

    def _overdue(self, agent: Agent, used: float, at_deadline: bool) -> Reply:
        if not agent.started:
            raise SandboxFailed(f"the sandbox of seat {agent.spec.player_id} did not start in time")
        agent.sandbox.confirm()
        if agent.spec.group.refused_forks():
            limit = agent.spec.limits.processes
            return self._fail(
                agent,
                Verdict.PROCESS_LIMIT,
                f"It tried to run more than {limit} processes and threads.",
            )
        agent.failure = Failure(Verdict.MOVE_TIMEOUT, "It did not answer in time.")
        return Overdue(used, at_deadline)

    def _send(self, agent: Agent, content: list[Any]) -> None:
        agent.nonce = _nonce()
        agent.baseline = None
        frame: bytes | memoryview = (
            wire.encode_question(agent.nonce, *content) if content else wire.encode([agent.nonce])
        )
        agent.asked_at = time.monotonic()
        give_up = agent.asked_at + 5.0
        while True:
            try:
                sent = os.write(agent.sandbox.request_fd, frame)
                if sent == len(frame):
                    return
                frame = memoryview(frame)[sent:]
            except BlockingIOError:
                # The harness reads before it answers, so a full pipe means that nobody reads.
                if time.monotonic() > give_up:
                    agent.failure = Failure(Verdict.PROTOCOL, "It stopped reading observations.")
                    return
                self._pump(0.05)
            except ConnectionError:
                agent.ended = True
                return

    def _pump(self, seconds: float) -> None:
        for descriptor, _ in self._poll.poll(seconds * 1000):
            agent = self._owners.get(descriptor)
            if agent is None:
                continue
            if descriptor == agent.sandbox.reply_fd:
                self._receive(agent)
            elif descriptor == agent.sandbox.stdout_fd:
                self._drain(agent, descriptor, agent.stdout)
            else:
                self._drain(agent, descriptor, agent.stderr)

    def _receive(self, agent: Agent) -> None:
        try:
            data = os.read(agent.sandbox.reply_fd, 65536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if data:
            agent.received += data
            # One frame is asked for at a time; more is kept only to be refused.
            if len(agent.received) > 2 * wire.MAX_REPLY_BYTES and agent.failure is None:
                agent.failure = Failure(Verdict.PROTOCOL, "It wrote to the runner unasked.")
        else:
            self._forget(agent.sandbox.reply_fd)
            agent.ended = True

    def _drain(self, agent: Agent, descriptor: int, output: Output) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self._forget(descriptor)
            return
        output.add(data)
        limit = agent.spec.limits.output_bytes
        if agent.failure is None and agent.stdout.total + agent.stderr.total > limit:
            agent.failure = Failure(
                Verdict.OUTPUT_LIMIT, f"It printed more than {limit} bytes in one match."
            )

    def _take_reply(self, agent: Agent) -> Reply | None:
        try:
            body = wire.take_frame(agent.received) if agent.received else None
            if body is None:
                return None
            message = wire.decode(body)
        except wire.FrameError as error:
            return self._fail(agent, Verdict.PROTOCOL, f"It wrote to the runner itself: {error}.")
        seconds = agent.charged(time.monotonic())
        match message:
            case ["move", agent.nonce, str(kind), value] if agent.loaded and not agent.received:
                return Answer((kind, value), seconds)
            case ["started", agent.nonce] if not agent.started:
                agent.started = True
                return self._take_reply(agent)
            case ["ready", agent.nonce] if not agent.loaded and not agent.received:
                return Answer(None, seconds)
            case ["failed", agent.nonce, str(kind), str(text), str(trace)] if kind in _LOAD_KINDS:
                verdict = _LOAD_KINDS[kind]
                if not agent.loaded and verdict is Verdict.EXCEPTION:
                    verdict = Verdict.LOAD_ERROR
                return self._fail(agent, verdict, text[:1000], trace[: 16 * 1024])
        return self._fail(agent, Verdict.PROTOCOL, "It wrote to the runner itself.")

    def _fail(self, agent: Agent, verdict: Verdict, text: str, trace: str = "") -> Failure:
        agent.failure = Failure(verdict, text, trace)
        return agent.failure

    def _diagnose_end(self, agent: Agent) -> Failure:
        """The pipe has closed: finds out how the agent ended."""
        status = agent.sandbox.exit_status(patience=2.0)
        self._read_rest(agent)
        if not agent.started:
            raise SandboxFailed(
                f"the sandbox of seat {agent.spec.player_id} ended with status {status} before "
                f"the agent was loaded: {agent.sandbox.complaint()} "
                f"{agent.stderr.text()[-500:].strip()}"
            )
        if agent.failure is not None:
            return agent.failure
        if found := agent.sandbox.findings():
            return self._fail(agent, found.verdict, found.message)
        if status is None:
            return self._fail(agent, Verdict.PROTOCOL, "It closed its connection to the runner.")
        if agent.spec.group.memory_kills():
            limit = agent.spec.limits.memory_bytes >> 20
            return self._fail(agent, Verdict.MEMORY, f"It used more than {limit} MiB of memory.")
        if status == 128 + signal.SIGXCPU:
            limit = agent.spec.limits.cpu_seconds
            text = f"It used more than {limit} s of CPU time."
            return self._fail(agent, Verdict.MOVE_TIMEOUT, text)
        if status == 128 + signal.SIGSYS:
            text = "It made a system call that is not allowed."
            return self._fail(agent, Verdict.SECURITY, text)
        if status > 128:
            text = f"Its process was ended by {_signal_name(status - 128)}."
        else:
            text = f"Its process ended with exit status {status}."
        return self._fail(agent, Verdict.CRASH, text)

    def _read_rest(self, agent: Agent) -> None:
        for descriptor, output in (
            (agent.sandbox.stdout_fd, agent.stdout),
            (agent.sandbox.stderr_fd, agent.stderr),
        ):
            # A pipe holds 64 KiB unless enlarged: a few reads empty it.
            for _ in range(20):
                if descriptor in self._owners:
                    self._drain(agent, descriptor, output)

    def _stop(self, agent: Agent) -> None:
        if agent.sandbox.closed:
            return
        self._read_rest(agent)
        box = agent.sandbox
        for descriptor in (box.reply_fd, box.stdout_fd, box.stderr_fd):
            self._forget(descriptor)
        box.close()

    def _forget(self, descriptor: int) -> None:
        if self._owners.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
