"""What plays a match: sandboxes on this machine, or pods of a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import Code, MatchFolder, Played, Player
from arena.replay import Participant
from arena_executor.code_store import CodeRefused, CodeStore

__all__ = ["Backend", "Busy", "CodeRefused", "Game", "NotTrusted", "SandboxBackend", "Source"]


class Busy(Exception):
    """It could not begin, and nobody is to blame: ask again later or elsewhere."""


class NotTrusted(Exception):
    """Code that this platform has not built, or cannot show to have: nothing of it is run. It is
    for the operator to see to."""


@dataclass(frozen=True)
class Source:
    """An agent's code as a request names it: by URL, by image, or whole."""

    agent_id: str
    url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Game:
    """What is to be played; participants are in seat order."""

    match_id: str
    attempt_id: str
    environment: str
    seed: int
    participants: Sequence[Participant]
    rules: Rules
    record: bool


class Backend(Protocol):
    """Thread-safe. layers: what holds agents, to "on" or "off: <remedy>"; launcher: how they are
    started; problem: why nothing should be sent here for the moment."""

    @property
    def launcher(self) -> str: ...

    @property
    def layers(self) -> Mapping[str, str]: ...

    @property
    def problem(self) -> str | None: ...

    def play(
        self,
        game: Game,
        sources: Sequence[Source],
        take_slot: Callable[[], int | None],
        cancelled: threading.Event,
        ended: Callable[[], object],
    ) -> Played:
        """Plays to the end, and leaves nothing running. take_slot is called once, when all is ready
        to run: it waits for a slot and returns the core to use. ended is called when the results
        are there and only cleaning up is left. CodeRefused, NotTrusted, Busy, TransferError, what
        take_slot raises, and what Player.play() does."""
        ...

    def close(self) -> None: ...


class SandboxBackend:
    """In sandboxes on this machine."""

    problem = None

    def __init__(
        self,
        launcher: Launcher,
        cgroups: CgroupTree,
        player: Player,
        codes: CodeStore,
        work_dir: Path,
        layers: Mapping[str, str],
    ) -> None:
        self._launcher = launcher
        self._cgroups = cgroups
        self._player = player
        self._codes = codes
        self._work_dir = work_dir
        self.layers = layers

    @property
    def launcher(self) -> str:
        return self._launcher.mode

    def play(
        self,
        game: Game,
        sources: Sequence[Source],
        take_slot: Callable[[], int | None],
        cancelled: threading.Event,
        ended: Callable[[], object],
    ) -> Played:
        with ExitStack() as stack:
            folder = stack.enter_context(MatchFolder(self._work_dir, f"match-{uuid4().hex}"))
            staged: dict[int, Code] = {}
            for number, source in enumerate(sources):
                # A validation plays one source in every seat.
                if id(source) not in staged:
                    scratch = folder / f"code-{number}"
                    staged[id(source)] = stack.enter_context(self._stage(source, scratch))
            codes = [staged[id(source)] for source in sources]
            return self._player.play(
                folder=folder,
                match_id=game.match_id,
                environment=game.environment,
                seed=game.seed,
                participants=[
                    replace(participant, code_sha256=code.sha256)
                    for participant, code in zip(game.participants, codes, strict=True)
                ],
                codes=codes,
                rules=game.rules,
                record=game.record,
                cancelled=cancelled,
                take_slot=take_slot,
                ended=ended,
            )

    def close(self) -> None:
        self._launcher.close()
        self._cgroups.close()

    def _stage(self, source: Source, scratch: Path) -> AbstractContextManager[Code]:
        if source.content and not source.url:
            return self._codes.stage_bytes(source.content)
        return self._codes.stage(source.url, source.metadata, scratch)
