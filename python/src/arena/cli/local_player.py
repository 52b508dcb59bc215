"""Plays matches here by the platform's own runner, in the same sandboxes and by the same rules."""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import Limits
from arena.cgroups import CgroupTree
from arena.cli.code import stage
from arena.cli.failure import CliError
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import MatchCancelled, MatchFolder, Played, Player, RunnerFailed
from arena.replay import Participant

_HINT = "(--no-sandbox plays agents that you trust without one.)"


@dataclass(frozen=True)
class Seat:
    """Who sits where: an agent as named on the command line, and how a replay names it."""

    agent: str
    participant: Participant


class LocalPlayer:
    """A context that holds what matches need; play() may be called by several threads at once."""

    def __init__(self, agent_python: str) -> None:
        # Below the temporary folder, which an unprivileged uid can always reach.
        self._work_dir = Path(tempfile.mkdtemp(prefix="arena-play-"))
        self._launcher: Launcher | None = None
        self._cgroups: CgroupTree | None = None
        self._cancelled = threading.Event()
        self._numbers = count()
        # A match keeps to one core, so that steps need not wake another.
        self._cores: queue.SimpleQueue[int] = queue.SimpleQueue()
        for core in cores():
            self._cores.put(core)
        try:
            self._launcher = Launcher(AgentPython.probe(agent_python), self._work_dir)
            self._cgroups = CgroupTree(self._launcher.uid)
            self._player = Player(self._launcher, self._cgroups, Limits())
        except (SandboxUnavailable, OSError) as error:
            self.close()
            raise CliError(f"{error} {_HINT}") from error

    def __enter__(self) -> LocalPlayer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cancel(self) -> None:
        """Ends running matches at once; call it before waiting for the threads that play."""
        self._cancelled.set()

    def close(self) -> None:
        """Ends what plays and removes what is left of it."""
        if self._launcher is not None:
            self._launcher.close()
        if self._cgroups is not None:
            self._cgroups.close()
        shutil.rmtree(self._work_dir, ignore_errors=True)

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
        core = self._cores.get()
        try:
            with MatchFolder(self._work_dir, f"match-{next(self._numbers)}") as folder:
                return self._player.play(
                    folder,
                    match_id,
                    environment,
                    seed,
                    [seat.participant for seat in seats],
                    [
                        stage(seat.agent, environment, folder / f"code-{number}")
                        for number, seat in enumerate(seats)
                    ],
                    rules,
                    record,
                    self._cancelled,
                    take_slot=lambda: core,
                )
        except MatchCancelled:
            raise CliError("The match was interrupted.") from None
        except (RunnerFailed, SandboxUnavailable, OSError) as error:
            raise CliError(str(error)) from error
        finally:
            self._cores.put(core)


def cores() -> list[int]:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def rules_of(options: argparse.Namespace) -> Rules:
    return Rules(
        match_seconds=options.timeout,
        move_limit_seconds=options.move_limit,
        load_seconds=options.load_limit,
    )
