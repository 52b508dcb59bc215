"""Plays a match on this machine, by the same runner and in the same sandboxes as on the platform.

python -m arena.play first.py second.py -e pong --seed 7 --out DIR
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from arena import environments
from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import Limits
from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import Code, MatchFolder, Player, RunnerFailed
from arena.replay import Participant


def main(arguments: Sequence[str] | None = None) -> int:
    known = [spec.id for spec in environments.specs()]
    parser = argparse.ArgumentParser(prog="arena.play", description=__doc__.splitlines()[0])
    parser.add_argument("agents", nargs="+", type=Path, help="a .py file or folder per seat")
    parser.add_argument("-e", "--environment", choices=known, default="pong")
    parser.add_argument("--seed", type=int, default=0, help="0 draws one")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for the match")
    parser.add_argument("--move-limit", type=float, default=Rules.move_limit_seconds)
    parser.add_argument("--load-limit", type=float, default=Rules.load_seconds)
    parser.add_argument("--out", type=Path, help="folder for replay.json and replay.html")
    parser.add_argument("--agent-python", default=sys.executable, help="what agents run on")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    rules = Rules(
        match_seconds=options.timeout,
        move_limit_seconds=options.move_limit,
        load_seconds=options.load_limit,
    )
    # Below the temporary folder, which an unprivileged uid can always reach.
    work_dir = Path(tempfile.mkdtemp(prefix="arena-play-"))
    cgroups = None
    try:
        python = AgentPython.probe(options.agent_python)
        launcher = Launcher(python, work_dir)
        cgroups = CgroupTree(launcher.uid)
        player = Player(launcher, cgroups, Limits())
        with MatchFolder(work_dir, "match-0") as folder:
            played = player.play(
                folder,
                "local",
                options.environment,
                options.seed or 1 + secrets.randbelow((1 << 53) - 1),
                [Participant(f"player-{i}", path.stem) for i, path in enumerate(options.agents)],
                [_stage(path, folder / f"code-{i}") for i, path in enumerate(options.agents)],
                rules,
                True,
                min(os.sched_getaffinity(0)),
                threading.Event(),
            )
    except (SandboxUnavailable, RunnerFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if cgroups is not None:
            cgroups.close()
        shutil.rmtree(work_dir, ignore_errors=True)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "replay.json").write_bytes(played.replay_json or b"")
        (options.out / "replay.html").write_bytes(played.replay_html or b"")
    if options.json:
        print(json.dumps(played.result))
        return 0
    for path, seat in zip(options.agents, played.result["seats"], strict=True):
        reason = "" if seat["verdict"] == "none" else f"  {seat['verdict']}: {seat['message']}"
        print(f"{seat['rank']}. {path.stem}  {seat['score']:g}{reason}")
    return 0


def _stage(source: Path, target: Path) -> Code:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.mkdir()
        shutil.copyfile(source, target / (source.name if source.suffix == ".py" else "agent.py"))
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Code(str(target))


if __name__ == "__main__":
    sys.exit(main())
