"""Places to play real matches: either launcher, as root drops to an own uid and unprivileged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from arena.agent_python import AgentPython
from arena.cage import Limits
from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import Code, MatchFolder, Player
from arena.replay import Participant

SOURCE = Path(__file__).resolve().parent.parent / "src"
UNPRIVILEGED_UID = "65533"

Files = str | Mapping[str, str]


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


class OwnPlace:
    """Plays in this process, as the executor does. As root: with an own uid and control groups."""

    def __init__(self, launcher: str) -> None:
        self.folder = open_folder()
        self.python = AgentPython.probe(agent_python())
        self.launcher = Launcher(self.python, self.folder, wanted=launcher)
        self.launcher.warm_up()
        self.cgroups = CgroupTree(self.launcher.uid)
        self.player = Player(self.launcher, self.cgroups, Limits())
        self._numbers = count()

    def play(
        self,
        *agents: Files,
        environment: str = "pong",
        seed: int = 7,
        packages: tuple[str, ...] = (),
        **rules: float,
    ) -> Outcome:
        """packages: folders that come with every agent's code."""
        name = f"match-{next(self._numbers)}"
        with MatchFolder(self.launcher.work_dir, name) as place:
            folders = [str(write_agent(place / f"c{i}", a)) for i, a in enumerate(agents)]
            codes = [Code(folder, packages) for folder in folders]
            return _play(self.player, place, codes, environment, seed, rules)

    def groups(self) -> list[str]:
        """Control groups of agents that are still there."""
        roots = set(self.cgroups._roots.values())
        return [str(child) for root in roots for child in root.iterdir() if child.is_dir()]

    def close(self) -> None:
        self.cgroups.close()
        self.launcher.close()
        shutil.rmtree(self.folder)


class OtherUserPlace:
    """Plays through a process of another uid, which is no executor of root's: no control groups."""

    def __init__(self, launcher: str) -> None:
        self.folder = open_folder()
        # The installation of this test run may lie where another user may not look.
        view = Launcher(AgentPython.probe(agent_python()), self.folder, int(UNPRIVILEGED_UID))
        self._numbers = count()
        self._process = subprocess.Popen(
            [*view.prefix, sys.executable, __file__, launcher],
            env={
                **os.environ,
                "PYTHONPATH": str(SOURCE),
                "ARENA_EXECUTOR_AGENT_PYTHON": agent_python(),
            },
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def play(
        self, *agents: Files, environment: str = "pong", seed: int = 7, **rules: float
    ) -> Outcome:
        place = self.folder / f"match-{next(self._numbers)}"
        place.mkdir(mode=0o755)
        codes = [str(write_agent(place / f"c{i}", agent)) for i, agent in enumerate(agents)]
        request = {"codes": codes, "environment": environment, "seed": seed, "rules": rules}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Outcome(answer["result"], answer["replay"].encode(), answer["page"].encode())

    def groups(self) -> list[str]:
        return []

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        shutil.rmtree(self.folder)


Place = OwnPlace | OtherUserPlace


def _play(
    player: Player,
    place: Path,
    codes: list[Code],
    environment: str,
    seed: int,
    rules: Mapping[str, Any],
) -> Outcome:
    played = player.play(
        place,
        "test",
        environment,
        seed,
        [Participant(f"agent-{i}", f"name {i}") for i in range(len(codes))],
        codes,
        Rules(**{"move_limit_seconds": 2.0, **rules}),
        True,
        threading.Event(),
        take_slot=lambda: min(os.sched_getaffinity(0)),
    )
    return Outcome(played.result, played.replay_json or b"", played.replay_html or b"")


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


def open_folder() -> Path:
    """A folder whose agents a sandbox of another uid can read; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="arena-test-"))
    folder.chmod(0o755)
    return folder


def descendants() -> set[tuple[int, str]]:
    """Every process below this one, by id and start time, zombies included."""
    parents, started = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)], started[int(entry.name)] = int(fields[1]), fields[19]
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {(pid, started[pid]) for pid in found - {os.getpid()} if pid in started}


def main() -> None:
    """The other user's process: a match per line of input."""
    place = OwnPlace(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        with MatchFolder(place.launcher.work_dir, f"played-{next(place._numbers)}") as folder:
            outcome = _play(
                place.player,
                folder,
                [Code(code) for code in request["codes"]],
                request["environment"],
                request["seed"],
                request["rules"],
            )
        answer = asdict(outcome) | {
            "replay": outcome.replay.decode(),
            "page": outcome.page.decode(),
        }
        print(json.dumps(answer), flush=True)
    place.close()


if __name__ == "__main__":
    main()
