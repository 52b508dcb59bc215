"""Services start without broker, database and neighbours, and recover when those come."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arena_local import parts, processes
from arena_local.layout import SERVICES, Layout
from arena_local.parts import Part
from arena_local.processes import ProcessId
from suite import wait_for

PORT_OFFSET = 2000


@pytest.fixture
def layout(empty_state: Path) -> Iterator[Layout]:
    layout = Layout(empty_state, PORT_OFFSET)
    layout.make_folders()
    yield layout
    processes.end(processes.marked(str(layout.state)), grace=20)


def start(layout: Layout, part: Part) -> ProcessId:
    with layout.log_of(part.name).open("ab") as out:
        process = subprocess.Popen(
            part.command,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return ProcessId.of(process.pid)


def health(port: int, kind: str) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/q/health/{kind}", timeout=5).status_code
    except httpx.HTTPError:
        return 0


def test_should_start_with_everything_missing_and_recover(layout: Layout):
    # Given
    by_name = {part.name: part for part in parts.all_parts(layout)}
    services = [by_name[service.name] for service in SERVICES]
    with_database = [by_name[service.name] for service in SERVICES if service.database]

    # When every service starts while broker, database and executor are absent
    started = [start(layout, part) for part in services]

    # Then each is alive, and those with a database say that they are not ready
    for part in services:
        wait_for(f"{part.name} to be alive", lambda port=part.port: health(port, "live") == 200)
    for part in with_database:
        assert health(part.port, "ready") == 503, part.name

    # and when the missing parts come, each becomes ready without a restart
    start(layout, by_name["infra"])
    start(layout, by_name["executor"])
    for part in services:
        wait_for(
            f"{part.name} to be ready", lambda port=part.port: health(port, "ready") == 200, 120
        )
    assert all(process.is_alive() for process in started)
