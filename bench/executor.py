"""What the executor does in a second, with all isolation on, beside the same games without any.

    ./arena bench executor [--seconds 10] [--rounds 3] [--launcher bwrap] [--soak MATCHES]

Starts an executor of its own, with as many slots as there are cores, and keeps it busy over gRPC:
whole games, distinct seeds, both replays written, agents that read all they observe. Bare loops,
one per core, take turns with it, so that a busy machine slows both. --soak plays that many matches
and looks for anything left behind; exit status 1 if there is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import grpc
from arena.agent_python import AgentPython
from arena.launch import Launcher
from arena_executor.generated import executor_pb2 as pb
from arena_executor.generated import executor_pb2_grpc as pb_grpc

from arena_local.build import build_python
from arena_local.layout import ROOT, venv_python
from figures import describe

HERE = Path(__file__).resolve().parent
AGENTS = {
    "pong": """
def act(observation):
    x, y, vx, vy, left, right, mine, theirs = observation.tolist()
    paddle = left if x < 0.5 else right
    return 0 if y < paddle - 0.02 else 2 if y > paddle + 0.02 else 1
""",
    "tic-tac-toe": """
import random
def act(observation):
    board, mask = observation["observation"].tolist(), observation["action_mask"].tolist()
    return random.choice([square for square, free in enumerate(mask) if free and board])
""",
}
_seeds = itertools.count(1)


class Meter:
    """CPU seconds of a process and all it starts, through a control group; none if not allowed."""

    _PLACES = (("/sys/fs/cgroup/cpuacct", "cpuacct.usage"), ("/sys/fs/cgroup", "cpu.stat"))

    def __init__(self, pid: int) -> None:
        self._group: Path | None = None
        for parent, file in self._PLACES:
            group = Path(parent, f"arena-bench-{pid}")
            try:
                group.mkdir()
                (group / "cgroup.procs").write_text(str(pid))
            except OSError:
                continue
            self._group, self._file = group, group / file
            break

    def seconds(self) -> float:
        """0 where it cannot be measured."""
        if self._group is None:
            return 0.0
        text = self._file.read_text()
        if text.startswith("usage_usec"):
            return int(text.split()[1]) / 1e6
        return int(text) / 1e9

    def close(self) -> None:
        if self._group is not None:
            self._group.rmdir()


class Executor:
    """A running executor and its clients."""

    def __init__(self, folder: Path, launcher: str | None) -> None:
        self.folder = folder
        self.slots = len(os.sched_getaffinity(0))
        (folder / "code").mkdir()
        for name, source in AGENTS.items():
            (folder / "code" / f"{name}.py").write_text(source.lstrip())
        settings = {
            "PORT": "0",
            "LOCAL_ROOTS": str(folder / "code"),
            "WORK_DIR": str(folder / "work"),
            "REPLAY_DIR": str(folder / "replays"),
            "AGENT_PYTHON": str(venv_python("agent")),
            **({"LAUNCHER": launcher} if launcher else {}),
        }
        log = folder / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "arena_executor"],
                env={**os.environ, **{f"ARENA_EXECUTOR_{k}": v for k, v in settings.items()}},
                stdout=out,
                stderr=out,
                cwd="/",
            )
        self.meter = Meter(self.process.pid)
        while "executor ready on" not in log.read_text():
            if self.process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.05)
        address = re.findall(r"executor ready on (\S+)", log.read_text())[0]
        self.stub = pb_grpc.ExecutorStub(grpc.insecure_channel(address))
        health = self.stub.HealthCheck(pb.HealthCheckRequest())
        self.launcher = health.launcher
        #: As many as it takes: a match for every slot, and the queue never empty.
        self.callers = health.capacity + health.queue_capacity

    def match(self, environment: str, caller: int) -> Any:
        """Plays one match; its replays replace those of the caller's last one."""
        code = str(self.folder / "code" / f"{environment}.py")
        response = self.stub.RunMatch(
            pb.MatchRequest(
                match_id=f"{environment}-{caller}",
                environment=environment,
                agents=[pb.AgentData(agent_id=f"agent-{n}", code_url=code) for n in range(2)],
                record_replay=True,
                seed=next(_seeds),
            ),
            timeout=600,
        )
        if response.status != pb.STATUS_SUCCESS or any(r.verdict for r in response.agent_results):
            sys.exit(f"a match failed: {response}")
        return response

    def busy(self, environment: str, seconds: float, most: int = 1 << 30) -> tuple[int, float]:
        """Matches played by all slots, always with others waiting, and the seconds they took."""
        begun, tickets, played = time.monotonic(), itertools.count(), []

        def work(caller: int) -> None:
            while time.monotonic() - begun < seconds and next(tickets) < most:
                played.append(self.match(environment, caller))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(self.callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(played), time.monotonic() - begun

    def move_seconds(self, environment: str) -> list[float]:
        """Of the last match of every caller."""
        found: list[float] = []
        for caller in range(self.callers):
            path = self.folder / "replays" / f"{environment}-{caller}.json"
            for frame in json.loads(path.read_bytes())["frames"]:
                found += frame["move_seconds"].values()
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.meter.close()


def bare(environment: str, folder: Path, seconds: float, record: bool) -> tuple[float, float]:
    """Matches a second of one bare loop per core, and milliseconds of CPU for one match."""
    code = str(folder / "code" / f"{environment}.py")
    cores = sorted(os.sched_getaffinity(0))
    loops = [
        subprocess.Popen(
            [
                *("taskset", "-c", str(core), sys.executable, str(HERE / "bare_loop.py")),
                *(environment, code, str(seconds), "record" if record else "plain"),
                str(1_000_000 * (number + 1)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, core in enumerate(cores)
    ]
    rate, spent, matches = 0.0, 0.0, 0
    for loop in loops:
        played, took, cpu = loop.communicate()[0].split()
        rate += int(played) / float(took)
        matches += int(played)
        spent += float(cpu)
    return rate, 1000 * spent / matches


def throughput(executor: Executor, environment: str, seconds: float, rounds: int) -> None:
    rates, plain, recorded, moves = [], [], [], []
    cpu, cpu_plain, cpu_recorded = [], [], []
    executor.busy(environment, 1)
    for _ in range(rounds):
        rate, each = bare(environment, executor.folder, seconds / 3, record=False)
        plain.append(rate)
        cpu_plain.append(each)
        before = executor.meter.seconds()
        played, took = executor.busy(environment, seconds)
        rates.append(played / took)
        cpu.append(1000 * (executor.meter.seconds() - before) / played)
        moves += executor.move_seconds(environment)
        rate, each = bare(environment, executor.folder, seconds / 3, record=True)
        recorded.append(rate)
        cpu_recorded.append(each)
    to_plain = statistics.median(rate / other for rate, other in zip(rates, plain, strict=True))
    to_record = statistics.median(rate / other for rate, other in zip(rates, recorded, strict=True))
    moves.sort()
    print(describe(f"{environment}: matches a second, all cores", rates, "/s"))
    print(describe(f"{environment}: bare loop, no replay", plain, "/s"))
    print(describe(f"{environment}: bare loop, both replays", recorded, "/s"))
    print(f"{environment}: ratio to the bare loop {to_plain:.2f}, with replays {to_record:.2f}")
    if any(cpu):
        each = statistics.median(cpu)
        print(
            f"{environment}: CPU of a match {each:.1f} ms, which allows "
            f"{1000 * executor.slots / each:.1f}/s; bare {statistics.median(cpu_plain):.1f} ms, "
            f"with replays {statistics.median(cpu_recorded):.1f} ms"
        )
    print(
        f"{environment}: a step of an agent, asked to answered: n={len(moves)} "
        f"median={statistics.median(moves) * 1e6:.0f} us "
        f"p99={moves[int(0.99 * len(moves))] * 1e6:.0f} us",
        flush=True,
    )


def agent_start(executor: Executor, count: int) -> None:
    """Agent starts one at a time, and the memory of agents that wait for their first question."""
    python = AgentPython.probe(str(venv_python("agent")))
    launcher = Launcher(python, executor.folder / "start")
    code = executor.folder / "one"
    code.mkdir()
    (code / "agent.py").write_text(AGENTS["pong"])
    inner = subprocess.Popen(
        [
            *(*launcher.prefix, sys.executable, str(HERE / "agent_start.py")),
            *(json.dumps(asdict(python)), str(code), str(count)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python" / "src")},
    )
    assert inner.stdout is not None
    seconds = [value * 1000 for value in json.loads(inner.stdout.readline())]
    keepers = json.loads(inner.stdout.readline())
    sizes = [size for size in (_pss(pid) for pid in keepers) if size]
    inner.communicate("")
    print(describe("agent start from warm, until it has loaded", seconds, "ms"))
    if sizes:
        print(describe("memory (PSS) of a waiting sandbox, keeper included", sizes, "MiB"))
    else:
        print("memory (PSS) of a waiting sandbox: only root may look into a keeper")


def _pss(keeper: int) -> float:
    """MiB of a sandbox's first process and its children; 0 if that is not ours to see."""
    try:
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (keeper, *children)]
    except OSError:
        return 0.0
    return sum(int(re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)[0]) for text in texts) / 1024


def soak(executor: Executor, matches: int) -> bool:
    """Whether nothing was left behind by so many matches."""
    executor.busy("tic-tac-toe", 600, most=20)
    before = _left(executor)
    begun = time.monotonic()
    while matches > 0:
        played, _ = executor.busy("tic-tac-toe", 30, most=matches)
        matches -= played
        print(f"{matches} matches to go after {time.monotonic() - begun:.0f} s", flush=True)
    executor.match("pong", 0)
    after = _left(executor)
    for name, value in after.items():
        print(f"{name}: {before[name]} before, {value} after")
    return all(after[name] <= before[name] for name in after if not name.startswith("memory"))


def _left(executor: Executor) -> dict[str, int]:
    """What an executor at rest consists of."""
    running = _below(executor.process.pid) | {executor.process.pid}
    # How many runners wait for their next match depends on how the last ones overlapped.
    pids = sorted(running - _runners(running))
    groups = list(Path("/sys/fs/cgroup").glob(f"**/arena-executor-{executor.process.pid}-*/*/"))
    return {
        "processes": len(pids),
        "open files": sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
        "mounts": sum(len(Path(f"/proc/{pid}/mounts").read_text().splitlines()) for pid in pids),
        "control groups": len(groups),
        "files of matches": len(list((executor.folder / "work").glob("match-*"))),
        "memory of all processes, KiB": sum(
            int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])
            for pid in pids
        ),
    }


def _runners(pids: set[int]) -> set[int]:
    """What the nursery has forked: it keeps its command line."""
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}
    nurseries = {pid for pid, line in lines.items() if b"arena.nursery" in line}
    parents = {pid: int(_stat(pid)[1]) for pid in nurseries}
    return {pid for pid in nurseries if lines.get(parents[pid]) == lines[pid]}


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _below(ancestor: int) -> set[int]:
    found: set[int] = set()
    waiting = [ancestor]
    while waiting:
        pid = waiting.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            waiting += [int(child) for child in task.read_text().split()]
        found.add(pid)
    return found - {ancestor}


@contextmanager
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="arena-bench-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--launcher", choices=("bwrap", "zygote"))
    parser.add_argument("--soak", type=int, metavar="MATCHES")
    options = parser.parse_args(arguments)
    build_python(("agent", "executor"))
    with folder() as place:
        executor = Executor(place, options.launcher)
        try:
            load = os.getloadavg()[0]
            print(f"launcher {executor.launcher}, {executor.slots} slots, load {load:.1f}")
            if options.soak:
                return 0 if soak(executor, options.soak) else 1
            for environment in AGENTS:
                throughput(executor, environment, options.seconds, options.rounds)
        finally:
            executor.stop()
        agent_start(executor, 60)
    return 0


if __name__ == "__main__":
    sys.exit(main())
