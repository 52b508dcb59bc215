"""Operating system processes: who they are, ending them, and finding what was left behind.

A process id alone is not an identity: the system gives it to others later. Every record therefore
carries the time at which the process started, and nothing is signalled whose time differs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Set in the environment of everything a suite starts; its value is the suite's state folder.
MARKER = "ARENA_SUITE"
# Likewise; its value is the name of the part that it belongs to.
PART_MARKER = "ARENA_SUITE_PART"


@dataclass(frozen=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        return start_of(self.pid) == self.started

    @staticmethod
    def of(pid: int) -> ProcessId:
        """Of a process that lives now; its `started` is empty if it does not."""
        return ProcessId(pid, start_of(pid) or "")


def start_of(pid: int) -> str | None:
    """When a process started, in the system's own units; None if it is gone or a zombie."""
    if sys.platform != "linux":
        done = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True
        )
        text = done.stdout.strip()
        return None if not text or text.startswith("Z") else text.split(maxsplit=1)[1]
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command's name is in brackets and may itself hold brackets and blanks.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def marked(suite: str, part: str | None = None) -> list[ProcessId]:
    """Every living process, other than this one, that a suite (or one part of it) started."""
    wanted = {f"{MARKER}={suite}".encode()}
    if part:
        wanted.add(f"{PART_MARKER}={part}".encode())
    found = []
    for entry in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        pid = int(entry.name)
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # gone meanwhile, or another user's
        if wanted.issubset(environment) and pid != os.getpid():
            process = ProcessId.of(pid)
            if process.started:
                found.append(process)
    return found


def signal_group(process: ProcessId, number: signal.Signals) -> None:
    """Signals a process and, where it leads one, its whole group. Gone processes are ignored."""
    if not process.is_alive():
        return
    try:
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def end(processes: Iterable[ProcessId], grace: float) -> None:
    """Asks processes (and their groups) to stop, and kills those that have not after `grace` s."""
    asked = [process for process in processes if process.is_alive()]
    for process in asked:
        signal_group(process, signal.SIGTERM)
    if not wait_gone(asked, grace):
        for process in asked:
            signal_group(process, signal.SIGKILL)
        wait_gone(asked, 5)


def wait_gone(processes: Iterable[ProcessId], seconds: float) -> bool:
    """Whether all of them ended within that time."""
    deadline = time.monotonic() + seconds
    left = list(processes)
    while True:
        left = [process for process in left if process.is_alive()]
        if not left or time.monotonic() >= deadline:
            return not left
        time.sleep(0.05)


def memory_of(pid: int) -> int:
    """Proportional set size of one process in bytes; 0 where the system does not tell."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
