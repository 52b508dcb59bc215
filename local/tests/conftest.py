"""A suite of small fake parts, run by a real supervisor in a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arena_local import commands, records
from arena_local.layout import Layout

# argv: state folder, then a JSON object from part names to the code that the part runs.
RUNNER = """
import json, os, sys
from pathlib import Path
from arena_local import commands, processes
from arena_local.layout import Layout
from arena_local.parts import Part

state, codes = Path(sys.argv[1]), json.loads(sys.argv[2])
layout = Layout(state)

def part(name, code):
    marks = {processes.MARKER: str(state), processes.PART_MARKER: name}
    ready = state / f"{name}.ready"
    return Part(name, 1, [sys.executable, "-c", code, str(ready)],
                {**os.environ, **marks}, ready.exists, name == "infra")

commands.all_parts = lambda _: [part(*item) for item in codes.items()]
commands.busy_ports = lambda _: []
commands.supervise(layout)
"""

# Says that it is ready, then waits to be told to stop.
STEADY = """
import pathlib, signal, sys
pathlib.Path(sys.argv[1]).touch()
signal.sigwait({signal.SIGTERM, signal.SIGINT})
"""
# Leaves a process of its own session behind that outlives it.
WITH_GRANDCHILD = (
    """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
"""
    + STEADY
)


class FakeSuite:
    """Starts the supervisor and looks at what it does."""

    def __init__(self, state: Path) -> None:
        self.layout = Layout(state)
        self.layout.make_folders()
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self, **codes: str) -> None:
        local = Path(__file__).resolve().parents[1]
        environment = {**os.environ, "PYTHONPATH": str(local)}
        command = [sys.executable, "-c", RUNNER, str(self.layout.state), json.dumps(codes)]
        self.supervisor = subprocess.Popen(command, env=environment, start_new_session=True)
        self.wait_until(self._is_ready)

    def _is_ready(self) -> bool:
        # The record of a supervisor that was killed stays until the next one writes its own.
        record = self.record()
        return record.phase == "ready" and record.supervisor.pid == self.supervisor.pid

    def record(self) -> records.SuiteRecord:
        record = records.load(self.layout)
        assert record is not None
        return record

    def part(self, name: str) -> records.PartRecord:
        return next(part for part in self.record().parts if part.name == name)

    @staticmethod
    def wait_until(condition) -> None:
        deadline = time.monotonic() + 30
        last: BaseException | None = None
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except AssertionError as error:
                last = error
            time.sleep(0.02)
        raise AssertionError("the condition did not come true within 30 s") from last

    def end(self) -> None:
        commands.down(self.layout)
        if self.supervisor:
            self.supervisor.kill()
            self.supervisor.wait()


@pytest.fixture
def suite(tmp_path):
    made = FakeSuite(tmp_path / "state")
    yield made
    made.end()
