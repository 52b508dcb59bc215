"""Plays matches without sandboxes, for machines that have none and agents that one trusts.

The rules and the harness are those of the platform. What is missing is protection: an agent can
read and write what its user can, memory and processes are not limited, and time is the wall clock.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arena import environments, harness, wire
from arena.agents import Answer, Overdue, Reply
from arena.cli.code import stage
from arena.cli.failure import CliError
from arena.cli.local_player import Seat
from arena.match import Rules, play, summarise
from arena.playing import Code, Played
from arena.replay import MatchInfo, replay_document, replay_html, replay_json
from arena.verdict import Failure, Verdict

_OUTPUT_CHARS = 64 * 1024
_KINDS = {
    "load": Verdict.LOAD_ERROR,
    "memory": Verdict.MEMORY,
    "process_limit": Verdict.PROCESS_LIMIT,
    "disk_limit": Verdict.DISK_LIMIT,
}


class PlainPlayer:
    """As LocalPlayer, but agents are ordinary processes."""

    def __init__(self, agent_python: str) -> None:
        self._python = agent_python

    def __enter__(self) -> PlainPlayer:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def cancel(self) -> None:
        """Nothing to do: matches end with the threads that play them."""

    def play(
        self,
        environment: str,
        seed: int,
        seats: Sequence[Seat],
        rules: Rules,
        record: bool,
        match_id: str = "local",
    ) -> Played:
        """One match to its end; CliError when it could not be played."""
        game = environments.create(environment)
        start, started = time.time(), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="arena-plain-") as folder:
            table = _Table(self._python, environment, seats, Path(folder))
            try:
                result = play(game, table, rules, seed, len(seats), record)
            finally:
                table.close()
            outputs = [table.output(seat) for seat in range(len(seats))]
        seconds = time.monotonic() - started
        summary = summarise(result, outputs, seconds, game.spec.version)
        if not record:
            return Played(summary, None, None)
        info = MatchInfo(match_id, seed, [s.participant for s in seats], start, start + seconds)
        document = replay_document(game.spec, info, result)
        names = [game.describe_action(action) for action in range(game.action_count)]
        return Played(summary, replay_json(document), replay_html(game.spec, document, names))


class _Table:
    """The agents of one match, each a process that runs the harness."""

    def __init__(self, python: str, environment: str, seats: Sequence[Seat], folder: Path) -> None:
        tools = folder / "harness"
        tools.mkdir()
        # Alone in a folder: the harness looks there for what it imports.
        for module in (harness, wire):
            shutil.copy(str(module.__file__), tools)
        self._agents: list[_Agent] = []
        try:
            for number, seat in enumerate(seats):
                code = stage(seat.agent, environment, folder / f"code-{number}")
                self._agents.append(_Agent(python, tools, code, number, folder))
        except BaseException:
            self.close()
            raise

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]:
        seats = range(len(self._agents))
        return self._exchange(
            {seat: [] for seat in seats}, dict.fromkeys(seats, limit_seconds), deadline
        )

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        return self._exchange({s: [o] for s, o in observations.items()}, limits, deadline)

    def output(self, seat: int) -> tuple[str, str]:
        return self._agents[seat].output()

    def close(self) -> None:
        for agent in self._agents:
            agent.close()

    def _exchange(
        self, requests: Mapping[int, list[Any]], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        waiting = {}
        for seat, content in requests.items():
            agent = self._agents[seat]
            agent.send(content)
            waiting[agent.reply_fd] = seat
        replies: dict[int, Reply] = {}
        while waiting:
            now = time.monotonic()
            left = min(
                min(self._agents[seat].asked + limits[seat], deadline) - now
                for seat in waiting.values()
            )
            readable = select.select(list(waiting), [], [], max(0.0, left))[0]
            for descriptor in readable:
                if reply := self._agents[waiting[descriptor]].receive():
                    replies[waiting.pop(descriptor)] = reply
            now = time.monotonic()
            for descriptor, seat in list(waiting.items()):
                used = now - self._agents[seat].asked
                if not readable and (used >= limits[seat] or now >= deadline):
                    replies[seat] = Overdue(used, at_deadline=used < limits[seat])
                    del waiting[descriptor]
        return replies


class _Agent:
    def __init__(self, python: str, tools: Path, code: Code, seat: int, folder: Path) -> None:
        request_read, self._request = os.pipe()
        self.reply_fd, reply_write = os.pipe()
        self._outputs = [folder / f"{stream}-{seat}" for stream in ("stdout", "stderr")]
        config = {
            "request_fd": request_read,
            "reply_fd": reply_write,
            "here": str(tools),
            "code_dir": code.code_dir,
            "package_dirs": list(code.package_dirs),
            "own_packages": [],
            "player_id": seat,
            "limits": {},
        }
        try:
            with self._outputs[0].open("wb") as out, self._outputs[1].open("wb") as err:
                self._process = subprocess.Popen(
                    [python, "-I", "-u", str(tools / "harness.py"), json.dumps(config)],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    pass_fds=(request_read, reply_write),
                )
        except OSError as error:
            os.close(self._request)
            os.close(self.reply_fd)
            raise CliError(f"The agents' Python cannot be started: {error}") from None
        finally:
            os.close(request_read)
            os.close(reply_write)
        self._received = bytearray()
        self._nonce = 0
        self.asked = 0.0

    def send(self, content: list[Any]) -> None:
        self._nonce += 1
        self.asked = time.monotonic()
        frame = memoryview(wire.encode([self._nonce, *content]))
        try:
            while frame:
                frame = frame[os.write(self._request, frame) :]
        except BrokenPipeError:
            pass  # It has gone: receive() finds that out.

    def receive(self) -> Reply | None:
        """What has come, once reply_fd is readable; None while it is not a whole answer."""
        data = os.read(self.reply_fd, 65536)
        if not data:
            return self._ended()
        seconds = time.monotonic() - self.asked
        self._received += data
        try:
            while (body := wire.take_frame(self._received)) is not None:
                match wire.decode(body):
                    case ["started", self._nonce]:
                        continue
                    case ["ready", self._nonce]:
                        return Answer(None, seconds)
                    case ["move", self._nonce, str(kind), value]:
                        return Answer((kind, value), seconds)
                    case ["failed", self._nonce, str(kind), str(text), str(trace)]:
                        loading = Verdict.LOAD_ERROR if self._nonce == 1 else Verdict.EXCEPTION
                        return Failure(_KINDS.get(kind, loading), text, trace)
                return Failure(Verdict.PROTOCOL, "It wrote to the runner itself.")
        except wire.FrameError:
            return Failure(Verdict.PROTOCOL, "It wrote to the runner itself.")
        return None

    def output(self) -> tuple[str, str]:
        out, err = (path.read_text("utf-8", "replace")[-_OUTPUT_CHARS:] for path in self._outputs)
        return out, err

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._request)
        os.close(self.reply_fd)

    def _ended(self) -> Failure:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Failure(Verdict.PROTOCOL, "It closed its connection to the runner.")
        status = f"signal {-code}" if code < 0 else f"exit status {code}"
        return Failure(Verdict.CRASH, f"Its process ended with {status}.")
