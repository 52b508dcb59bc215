"""Plays one match in a process of its own, so that whatever befalls it stays there.

Forked by arena.nursery with a job and a folder for the results. Once it says so, result.json is
complete, and replay.json and replay.html with it if they were asked for. Anything else is a fault
of the platform.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from arena.agents import AgentGroup
from arena.bwrap_sandbox import BwrapSandbox
from arena.cage import SandboxSpec
from arena.environments import Environment
from arena.match import MatchResult, Rules, play, summarise
from arena.replay import MatchInfo, Participant, replay_document, replay_html, replay_json
from arena.sandbox import Sandbox, ZygoteSandbox


class Recorded(Protocol):
    """What of a match its results tell."""

    @property
    def match_id(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def participants(self) -> Sequence[Participant]: ...

    @property
    def record(self) -> bool: ...


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
        return json.dumps(self, default=vars)

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


def run(
    job: Job,
    environment: Environment,
    result_dir: Path,
    zygote: socket.socket | None,
    written: Callable[[], object],
) -> None:
    """Plays the job, writes its result files, calls written, and returns when its sandboxes are
    gone. Without a zygote every agent starts cold."""
    if job.core is not None:
        # The sandboxes inherit it. One core for a match: a step is a ping-pong between processes,
        # and waking another core costs several times as much. Refused cores change nothing else.
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {job.core})
    start_time, started = time.time(), time.monotonic()
    group = AgentGroup(job.boxes, lambda spec: _open(spec, zygote, job.core))
    with contextlib.closing(group):
        result = play(environment, group, job.rules, job.seed, len(job.boxes), record=job.record)
        outputs = [group.output(seat) for seat in range(len(job.boxes))]
        # Taking namespaces down takes the kernel a while: it does so while the results are written.
        group.kill()
        seconds = time.monotonic() - started
        files = result_files(job, environment, result, outputs, start_time, seconds)
        for name, content in files.items():
            (result_dir / name).write_bytes(content)
        written()


def result_files(
    job: Recorded,
    environment: Environment,
    result: MatchResult,
    outputs: Sequence[tuple[str, str]],
    start_time: float,
    seconds: float,
) -> dict[str, bytes]:
    """What is left of a match, by name; result.json comes last, when the rest is complete."""
    files = {}
    if job.record:
        info = MatchInfo(job.match_id, job.seed, job.participants, start_time, start_time + seconds)
        document = replay_document(environment.spec, info, result)
        names = [environment.describe_action(a) for a in range(environment.action_count)]
        files["replay.json"] = replay_json(document)
        files["replay.html"] = replay_html(environment.spec, document, names)
    summary = summarise(result, outputs, seconds, environment.spec.version)
    files["result.json"] = json.dumps(summary).encode()
    return files


def _open(spec: SandboxSpec, zygote: socket.socket | None, core: int | None) -> Sandbox:
    if zygote is None or _brings_own(spec):
        return BwrapSandbox(spec)
    return ZygoteSandbox(spec, zygote, core)


def _brings_own(spec: SandboxSpec) -> bool:
    """Whether the agent's packages hold another version of what the zygote has loaded already."""
    return any(
        os.path.lexists(f"{folder}/{name}")
        for folder in spec.package_dirs
        for name in ("numpy", "msgpack")
    )
