"""A place to play real matches, as root drops to an own uid and as an unprivileged user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from arena.agent_python import AgentPython
from arena.cage import Limits
from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import Code, MatchFolder, Player
from arena.replay import Participant

SOURCE = Path(__file__).resolve().parent.parent / "src"
UNPRIVILEGED_UID = "65533"

GOOD = {
    "pong": "def act(observation):\n    return 1\n",
    "tic-tac-toe": "def act(observation):\n    return list(observation['action_mask']).index(1)\n",
}


def agent_python() -> str:
    return os.environ.get("ARENA_EXECUTOR_AGENT_PYTHON", sys.executable)


@dataclass
class Outcome:
    """A finished match: the runner's result and the replays."""

    result: dict[str, Any]
    replay: bytes
    page: bytes
    seats: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.seats = self.result["seats"]

    def verdicts(self) -> list[str]:
        return [seat["verdict"] for seat in self.seats]


Files = str | Mapping[str, str]


class DroppingArena:
    """Plays through Player, as the executor does. As root: with an own uid and control groups."""

    name = "own-uid" if os.geteuid() == 0 else "unprivileged"

    def __init__(self, folder: Path) -> None:
        self.python = AgentPython.probe(agent_python())
        self.launcher = Launcher(self.python, folder)
        #: A part of the command line of every sandbox started here.
        self.marker = str(self.launcher.work_dir)
        self.cgroups = CgroupTree(self.launcher.uid)
        self._player = Player(self.launcher, self.cgroups, Limits())
        self._numbers = count()

    def play(
        self, *agents: Files, environment: str = "pong", seed: int = 7, **rules: float
    ) -> Outcome:
        folder = MatchFolder(self.launcher.work_dir, f"match-{next(self._numbers)}")
        with folder as place:
            codes = [Code(str(write_agent(place / f"c{i}", a))) for i, a in enumerate(agents)]
            played = self._player.play(
                place,
                "test",
                environment,
                seed,
                [Participant(f"agent-{i}", f"name {i}") for i in range(len(agents))],
                codes,
                Rules(**{"move_limit_seconds": 2.0, **rules}),
                True,
                min(os.sched_getaffinity(0)),
                threading.Event(),
            )
        return Outcome(played.result, played.replay_json or b"", played.replay_html or b"")

    def close(self) -> None:
        self.cgroups.close()


class UnprivilegedArena:
    """Plays through the command line under another uid; without control groups."""

    name = "unprivileged"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The installation of this test run may lie where another user may not look.
        view = Launcher(AgentPython.probe(agent_python()), folder, int(UNPRIVILEGED_UID))
        self._as_other_user = view.prefix
        self.marker = "/arena-play-"
        self._numbers = count()

    def play(
        self, *agents: Files, environment: str = "pong", seed: int = 7, **rules: float
    ) -> Outcome:
        place = self._folder / f"match-{next(self._numbers)}"
        place.mkdir(mode=0o777)
        place.chmod(0o777)
        folders = [str(write_agent(place / f"c{i}", agent)) for i, agent in enumerate(agents)]
        settings = {"move_limit_seconds": 2.0, "load_seconds": 30.0, "match_seconds": 300.0} | rules
        finished = subprocess.run(
            [
                *(*self._as_other_user, sys.executable, "-m", "arena.play", *folders),
                *("-e", environment, "--seed", str(seed), "--json"),
                *("--agent-python", agent_python(), "--out", str(place / "out")),
                *("--move-limit", str(settings["move_limit_seconds"])),
                *("--load-limit", str(settings["load_seconds"])),
                *("--timeout", str(settings["match_seconds"])),
            ],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert finished.returncode == 0, finished.stderr
        return Outcome(
            json.loads(finished.stdout),
            (place / "out" / "replay.json").read_bytes(),
            (place / "out" / "replay.html").read_bytes(),
        )

    def close(self) -> None:
        pass


def write_agent(folder: Path, files: Files) -> Path:
    """A folder any uid can read, holding agent.py or the files given."""
    folder.mkdir()
    for name, text in ({"agent.py": files} if isinstance(files, str) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="session", params=["own-uid", "unprivileged"])
def arena(
    request: pytest.FixtureRequest,
) -> Iterator[DroppingArena | UnprivilegedArena]:
    """Both ways to run when the tests run as root, the one there is otherwise."""
    folder = open_folder()
    if request.param == "own-uid":
        place: DroppingArena | UnprivilegedArena = DroppingArena(folder)
    else:
        if os.geteuid() != 0:
            pytest.skip("the tests run unprivileged: the other half covers it")
        place = UnprivilegedArena(folder)
    yield place
    place.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def home_arena() -> Iterator[DroppingArena]:
    """The one way that every machine has; for what does not depend on the uid."""
    folder = open_folder()
    place = DroppingArena(folder)
    yield place
    place.close()
    shutil.rmtree(folder)


def open_folder() -> Path:
    """A folder whose agents a sandbox of another uid can read; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="arena-test-"))
    folder.chmod(0o755)
    return folder
