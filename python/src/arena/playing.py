"""Runs matches: a folder, control groups and a runner process for each."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arena.agent_python import SandboxUnavailable
from arena.cage import Limits, SandboxSpec
from arena.cgroups import CgroupTree, Group
from arena.launch import Launcher
from arena.match import Rules
from arena.replay import Participant
from arena.runner import Job
from arena.verdict import Verdict

# Start-up of the runner itself, and writing the replay, on a busy machine.
_RUNNER_SLACK_SECONDS = 30.0
_POLL_SECONDS = 0.02


class RunnerFailed(Exception):
    """The runner did not deliver a result: a fault of the platform."""


class RunnerOverran(RunnerFailed):
    """The runner did not end although its match's deadline had long passed."""


class MatchCancelled(Exception):
    """Whoever asked for the match has gone, or the executor stops."""


@dataclass(frozen=True)
class Code:
    """Folders to mount: an agent's code, and the packages that came with it. sha256 is the digest
    of the file they came in, None if they came as a folder."""

    code_dir: str
    package_dirs: tuple[str, ...] = ()
    sha256: str | None = None


@dataclass(frozen=True)
class Played:
    """What a runner delivered. result is the runner's result.json; replays are None unless asked
    for."""

    result: dict[str, Any]
    replay_json: bytes | None
    replay_html: bytes | None


class MatchFolder:
    """A match's place below the work folder; gone when the context ends."""

    def __init__(self, work_dir: Path, name: str) -> None:
        self.path = work_dir / name

    def __enter__(self) -> Path:
        self.path.mkdir(mode=0o755)
        self.path.chmod(0o755)
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Player:
    """Plays one match at a time per call; calls may run at once. Thread-safe."""

    def __init__(self, launcher: Launcher, cgroups: CgroupTree, limits: Limits) -> None:
        self._launcher = launcher
        self._cgroups = cgroups
        self._limits = limits

    def play(
        self,
        folder: Path,
        match_id: str,
        environment: str,
        seed: int,
        participants: Sequence[Participant],
        codes: Sequence[Code],
        rules: Rules,
        record: bool,
        cancelled: threading.Event,
        take_slot: Callable[[], int | None] = lambda: None,
        ended: Callable[[], object] = lambda: None,
    ) -> Played:
        """Plays to the end. RunnerFailed and MatchCancelled leave nothing running.

        take_slot is called once, before anything runs, and returns the core to play on, None for
        any; what it raises ends the match. ended is called when the results are there and only
        cleaning up is left.
        """
        limits = replace(
            self._limits, cpu_seconds=int(rules.match_seconds + rules.load_seconds) + 1
        )
        groups: list[Group] = []
        try:
            try:
                for seat in range(len(codes)):
                    name = f"{folder.name}-{seat}"
                    groups.append(
                        self._cgroups.create(
                            name, limits.memory_bytes, limits.processes, limits.cores
                        )
                    )
            except OSError as error:
                raise RunnerFailed(f"control groups cannot be created: {error}") from error
            boxes = [
                SandboxSpec(
                    self._launcher.python, code.code_dir, seat, code.package_dirs, limits, group
                )
                for seat, (code, group) in enumerate(zip(codes, groups, strict=True))
            ]
            results = folder / "results"
            self._launcher.prepare(results)
            core = take_slot()
            job = Job(match_id, environment, seed, list(participants), boxes, rules, record, core)
            return self._run(folder, results, job, cancelled, ended)
        finally:
            for group in groups:
                with suppress(OSError):
                    self._cgroups.remove(group)

    def _run(
        self,
        folder: Path,
        results: Path,
        job: Job,
        cancelled: threading.Event,
        ended: Callable[[], object],
    ) -> Played:
        job_file, log = folder / "job.json", folder / "runner.log"
        job_file.write_text(job.to_json(), "utf-8")
        try:
            process = self._launcher.start(job_file, results, log)
        except (SandboxUnavailable, OSError) as error:
            raise RunnerFailed(f"no runner could be started: {error}") from error
        try:
            give_up = time.monotonic() + job.rules.match_seconds + _RUNNER_SLACK_SECONDS
            while not process.wait(_POLL_SECONDS):
                if cancelled.is_set():
                    raise MatchCancelled
                if time.monotonic() > give_up:
                    raise RunnerOverran("the runner did not end in time")
            if not process.succeeded:
                tail = log.read_text("utf-8", "replace")[-2000:].strip()
                raise RunnerFailed(f"the runner ended before the match did: {tail}")
            ended()
            played = _read(results, job.record)
        except BaseException:
            process.close()
            raise
        # What has dealt with an agent that misbehaved is not let near another match.
        sound = all(seat["verdict"] == Verdict.NONE for seat in played.result["seats"])
        self._launcher.give_back(process, again=sound)
        return played


def _read(results: Path, record: bool) -> Played:
    try:
        result = json.loads((results / "result.json").read_bytes())
        if not record:
            return Played(result, None, None)
        return Played(
            result,
            (results / "replay.json").read_bytes(),
            (results / "replay.html").read_bytes(),
        )
    except (OSError, ValueError) as error:
        raise RunnerFailed(f"the runner left no result: {error}") from error
