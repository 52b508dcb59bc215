"""Services start without broker, database and neighbours, and recover when those come."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from arena_local import parts, processes
from arena_local.layout import SERVICES, Layout, Service
from arena_local.parts import Part
from arena_local.processes import ProcessId
from suite import Suite, sample, state_folder, wait_for
from user import User

PORT_OFFSET = 2000


@contextmanager
def cleared(state: Path) -> Iterator[Layout]:
    """The layout of a suite there, of which nothing runs afterwards."""
    layout = Layout(state, PORT_OFFSET)
    layout.make_folders()
    yield layout
    processes.end(processes.marked(str(layout.state)), grace=20)


@pytest.fixture
def layout(empty_state: Path) -> Iterator[Layout]:
    with cleared(empty_state) as layout:
        yield layout


@pytest.fixture(scope="module")
def shared_state() -> Iterator[Path]:
    """Making the files of a database and a broker takes longer than to start a service."""
    with state_folder() as folder:
        yield folder


@pytest.fixture
def shared_layout(shared_state: Path) -> Iterator[Layout]:
    """Each service has a database of its own there, and finds it empty."""
    with cleared(shared_state) as layout:
        yield layout


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


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_should_start_alone_and_need_only_broker_and_database(
    shared_layout: Layout, service: Service
):
    # Given
    layout = shared_layout
    by_name = {part.name: part for part in parts.all_parts(layout)}
    port = by_name[service.name].port

    # When the service starts and nothing else does
    started = start(layout, by_name[service.name])

    # Then it is alive, and one with a database says that it is not ready
    wait_for(f"{service.name} to be alive", lambda: health(port, "live") == 200)
    if service.database:
        assert health(port, "ready") == 503

    # and when broker and database come it is ready, all of its neighbours still missing
    start(layout, by_name["infra"])
    wait_for(f"{service.name} to be ready", lambda: health(port, "ready") == 200, 120)
    assert started.is_alive()


def test_should_play_when_the_neighbours_come_after_the_services(layout: Layout):
    # Given every service, but no broker, no database and no executor
    by_name = {part.name: part for part in parts.all_parts(layout)}
    services = [by_name[service.name] for service in SERVICES]
    started = [start(layout, part) for part in services]
    for part in services:
        wait_for(f"{part.name} to be alive", lambda port=part.port: health(port, "live") == 200)

    # When the missing parts come, the executor last
    start(layout, by_name["infra"])
    for part in services:
        wait_for(
            f"{part.name} to be ready", lambda port=part.port: health(port, "ready") == 200, 120
        )
    start(layout, by_name["executor"])

    # Then agents are built and play, and no service had to be started again
    suite = Suite(layout)
    environment = "tic-tac-toe"
    wait_for("the executor's games in the catalogue", lambda: environment in games(suite), 60)
    agents = []
    for name in ("first", "second"):
        user = User.register(suite, name)
        agent, version = user.enter(environment, sample(environment, "random_mover"))
        assert user.await_built(version)["status"] == "active"
        agents.append((user, agent))
    for user, agent in agents:
        user.await_games(agent, 1)
    assert all(process.is_alive() for process in started)


def games(suite: Suite) -> set[str]:
    answer = httpx.get(f"{suite.url}/api/v1/environments", timeout=30)
    assert answer.status_code == 200, answer.text
    return {row["id"] for row in answer.json()["environments"]}
