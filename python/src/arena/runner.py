"""Plays one match in a process of its own, so that whatever befalls it stays there.

Started by arena.launch with a job file and a folder for the results. Exit status 0 means that
result.json is complete, and replay.json and replay.html with it if they were asked for. Anything
else is a fault of the platform.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arena import environments
from arena.agents import AgentGroup
from arena.cage import SandboxSpec
from arena.match import MatchResult, Rules, play
from arena.replay import MatchInfo, Participant, replay_document, replay_html, replay_json
from arena.verdict import Verdict

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Job:
    """One match. participants and boxes are in seat order; core pins the match, None leaves it."""

    match_id: str
    environment: str
    seed: int
    participants: list[Participant]
    boxes: list[SandboxSpec]
    rules: Rules
    record: bool
    core: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Job:
        value = json.loads(text)
        return Job(
            **{
                **value,
                "participants": [Participant(**one) for one in value["participants"]],
                "boxes": [SandboxSpec.from_json(one) for one in value["boxes"]],
                "rules": Rules(**value["rules"]),
            }
        )


def main(arguments: Sequence[str]) -> None:
    job_file, result_dir, parent = arguments
    die_with(int(parent))
    run(Job.from_json(Path(job_file).read_text("utf-8")), Path(result_dir))


def die_with(parent: int) -> None:
    """Lets the kernel kill this process, and with it the sandboxes, when its parent dies.

    parent 0 stands for a parent in another pid namespace or behind a launcher.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        sys.exit("the process that asked for this match is gone")


def run(job: Job, result_dir: Path) -> None:
    """Plays the job and writes its result files."""
    if job.core is not None:
        # The sandboxes inherit it. One core for a match: a step is a ping-pong between processes,
        # and waking another core costs several times as much. Refused cores change nothing else.
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {job.core})
    environment = environments.create(job.environment)
    start_time, started = time.time(), time.monotonic()
    group = AgentGroup(job.boxes)
    try:
        result = play(environment, group, job.rules, job.seed, len(job.boxes), record=job.record)
        outputs = [group.output(seat) for seat in range(len(job.boxes))]
    finally:
        group.close()
    seconds = time.monotonic() - started
    if job.record:
        info = MatchInfo(job.match_id, job.seed, job.participants, start_time, start_time + seconds)
        document = replay_document(environment.spec, info, result)
        names = [environment.describe_action(a) for a in range(environment.action_count)]
        (result_dir / "replay.json").write_bytes(replay_json(document))
        (result_dir / "replay.html").write_bytes(replay_html(environment.spec, document, names))
    summary = _summary(result, outputs, seconds, environment.spec.version)
    (result_dir / "result.json").write_text(json.dumps(summary), "utf-8")


def _summary(
    result: MatchResult, outputs: Sequence[tuple[str, str]], seconds: float, version: str
) -> dict[str, Any]:
    return {
        "winner": result.winner,
        "no_contest": result.no_contest,
        "cut": result.cut,
        "steps": result.steps,
        "seconds": seconds,
        "environment_version": version,
        "seats": [
            {
                "score": seat.score,
                "rank": seat.rank,
                "seconds": seat.seconds,
                "verdict": seat.failure.verdict if seat.failure else Verdict.NONE,
                "message": seat.failure.message if seat.failure else "",
                "traceback": seat.failure.traceback if seat.failure else "",
                "stdout": stdout,
                "stderr": stderr,
            }
            for seat, (stdout, stderr) in zip(result.seats, outputs, strict=True)
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
