"""up, down, status and logs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import build, processes, records
from .layout import PART_NAMES, Layout
from .parts import accepts, all_parts, answers_ok, busy_ports, log_tail
from .processes import ProcessId
from .supervisor import Supervisor

START_LIMIT = 240.0
STOP_LIMIT = 60.0
LEFTOVER_GRACE = 15.0


class CommandFailed(Exception):
    """Ends the command with exit status 1; the message says why and what to do."""


# --- up


def up(layout: Layout, detach: bool) -> None:
    """Builds what is not built and runs the suite: here until Ctrl-C, or in the background."""
    layout.make_folders()
    if running(layout):
        print("The suite already runs: ./arena status")
        return
    build.build_all()
    if detach:
        start_detached(layout)
        print(f"The suite runs: {layout.gateway_url}  (./arena status, ./arena down)")
    else:
        print(f"Starting {len(PART_NAMES)} parts; logs are in {layout.logs}", flush=True)
        supervise(layout)


def supervise(layout: Layout) -> None:
    """Runs the suite in this process until it is told to stop. Everything is built."""
    layout.make_folders()
    lock = records.lock(layout)
    if lock is None:
        raise CommandFailed("another supervisor starts or runs this suite: ./arena status")
    with lock:
        end_leftovers(layout)
        busy = busy_ports(layout)
        if busy:
            raise CommandFailed(
                "something else on this machine holds\n  "
                + "\n  ".join(busy)
                + "\nStop it, or move all ports: ./arena up --port-offset 1000"
            )
        layout.infra_ready.unlink(missing_ok=True)
        shutil.rmtree(layout.run / "held", ignore_errors=True)
        Supervisor(layout, all_parts(layout)).run()


def start_detached(layout: Layout) -> None:
    """Starts a supervisor in the background and returns when all parts are ready."""
    log = layout.log_of("supervisor")
    command = [sys.executable, "-m", "arena_local", "supervise", "--state", str(layout.state)]
    command += ["--port-offset", str(layout.port_offset)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_ready(layout, process, log)
    except BaseException:
        # Also when interrupted: it may not have written its record yet, by which `down` finds it.
        _stop_supervisor(process)
        end_leftovers(layout)
        raise


def _await_ready(layout: Layout, process: subprocess.Popen[bytes], log: Path) -> None:
    """Shows what the supervisor says until all parts are ready; CommandFailed if they never are."""
    supervisor = ProcessId.of(process.pid)
    deadline = time.monotonic() + START_LIMIT
    lines = _follow(log)
    while True:
        ended = process.poll() is not None
        for line in lines:
            if line is None:
                break
            print(line, flush=True)
        if ended:
            raise CommandFailed("the suite did not start; the reason is above.")
        record = records.load(layout)
        if record and record.supervisor == supervisor and record.phase == "ready":
            return
        if time.monotonic() > deadline:
            raise CommandFailed(_why_not_ready(layout, record))
        time.sleep(0.2)


def _stop_supervisor(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _follow(path: Path) -> Iterator[str | None]:
    """The lines of a growing file; None when there is none at the moment."""
    with path.open() as file:
        partial = ""
        while True:
            partial += file.readline()
            if partial.endswith("\n"):
                yield partial.rstrip("\n")
                partial = ""
            else:
                yield None


def _why_not_ready(layout: Layout, record: records.SuiteRecord | None) -> str:
    message = f"after {START_LIMIT:.0f} s not every part is ready."
    for part in record.parts if record else []:
        if part.ready_after is None:
            message += f"\n--- {layout.log_of(part.name)}\n{log_tail(layout.log_of(part.name), 15)}"
    return message


# --- down


def running(layout: Layout) -> bool:
    record = records.load(layout)
    return record is not None and record.supervisor_runs()


def down(layout: Layout) -> None:
    """Stops the suite and whatever is left of it, also when its supervisor was killed."""
    record = records.load(layout)
    if record and record.supervisor_runs():
        os.kill(record.supervisor.pid, signal.SIGTERM)
        if not processes.wait_gone([record.supervisor], STOP_LIMIT):
            processes.signal_group(record.supervisor, signal.SIGKILL)
    left = end_leftovers(layout)
    if left:
        print(f"Ended {left} processes that a killed suite had left behind.")


def end_leftovers(layout: Layout) -> int:
    """Ends what a suite whose supervisor is gone left running; how many processes it was."""
    record = records.load(layout)
    recorded = [part.process for part in record.parts if part.pid] if record else []
    left = {process for process in recorded if process.is_alive()}
    left.update(processes.marked(str(layout.state)))
    # The supervisor may just be killed while a part starts: look again until nothing is found.
    count = len(left)
    while left:
        processes.end(left, LEFTOVER_GRACE)
        left = set(processes.marked(str(layout.state)))
    return count


# --- status, logs


def status(layout: Layout) -> bool:
    """Prints a line per part; whether all of them are well."""
    record = records.load(layout)
    if record is None or not record.supervisor_runs():
        print("The suite does not run: ./arena up")
        return False
    layout = Layout(layout.state, record.port_offset)
    print(f"{'part':<22}{'pid':>8}{'port':>7}  {'health':<10}{'PSS':>9}{'restarts':>10}")
    total = 0
    well = record.phase == "ready"
    ids = processes.marked(str(layout.state))
    for part in record.parts:
        healthy = part.process.is_alive() and _healthy(part)
        well &= healthy
        own = [process.pid for process in ids if part_of(process.pid) == part.name]
        memory = sum(processes.memory_of(pid) for pid in own)
        total += memory
        health = "up" if healthy else "down"
        pid = str(part.pid or "-")
        print(
            f"{part.name:<22}{pid:>8}{part.port:>7}  {health:<10}"
            f"{memory / 2**20:>6.0f} MB{max(part.restarts, 0):>10}"
        )
    print(f"{'total':<47}{total / 2**20:>9.0f} MB")
    print(f"{layout.gateway_url}  phase: {record.phase}")
    return well


def _healthy(part: records.PartRecord) -> bool:
    if part.name in ("infra", "executor"):
        return accepts(part.port)
    return answers_ok(f"http://127.0.0.1:{part.port}/q/health/ready")


def part_of(pid: int) -> str:
    """The part that started a process, by its environment."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    prefix = f"{processes.PART_MARKER}=".encode()
    found = [entry.removeprefix(prefix) for entry in environment if entry.startswith(prefix)]
    return found[0].decode() if found else ""


def logs(layout: Layout, part: str, follow: bool) -> None:
    """Prints a part's log, and what is added to it until Ctrl-C when told to follow."""
    path = layout.log_of(part)
    if not path.exists():
        raise CommandFailed(f"{part} has not written a log yet ({path}).")
    for line in _follow(path):
        if line is not None:
            print(line, flush=True)
        elif follow:
            time.sleep(0.3)
        else:
            return
