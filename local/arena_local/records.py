"""What a running suite writes down about itself, for `down`, `status` and a second `up`."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .layout import Layout
from .processes import ProcessId


@dataclass(frozen=True)
class PartRecord:
    """One part of the suite. ready_after: seconds from its start, None while it is not ready."""

    name: str
    port: int
    pid: int
    started: str
    ready_after: float | None
    restarts: int

    @property
    def process(self) -> ProcessId:
        return ProcessId(self.pid, self.started)


@dataclass(frozen=True)
class SuiteRecord:
    """The whole suite. phase: starting, ready or stopping."""

    supervisor: ProcessId
    phase: str
    port_offset: int
    parts: list[PartRecord]

    def supervisor_runs(self) -> bool:
        return self.supervisor.is_alive()


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def save(layout: Layout, record: SuiteRecord) -> None:
    write_atomically(layout.run / "suite.json", json.dumps(asdict(record), indent=1))


def load(layout: Layout) -> SuiteRecord | None:
    """The last record written, whether or not that suite still runs."""
    try:
        data = json.loads((layout.run / "suite.json").read_text())
    except FileNotFoundError:
        return None
    return SuiteRecord(
        ProcessId(**data["supervisor"]),
        data["phase"],
        data["port_offset"],
        [PartRecord(**part) for part in data["parts"]],
    )


def lock(layout: Layout) -> IO[str] | None:
    """The right to supervise this state folder, until the file is closed; None if taken.

    The system lets go of it when the holder dies, however it dies.
    """
    file = (layout.run / "supervisor.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
