"""Whole matches in pods: the executor's gRPC, an API server, the pods' commands as processes.

A plugin of pytest, for its fixtures.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from arena_executor.config import Settings
from arena_executor.generated import executor_pb2 as pb
from arena_executor.pods.backend import PodBackend
from arena_executor.server import Server
from conftest import FOLLOWER, IDLE, Client, Store, agent_python, eventually, sha256
from fake_cluster import KUBECONFIG, Kubelet, Pod, TestCluster

RUNNER_IMAGE = "registry.test/executor@sha256:" + "1" * 64
TERMINATED = {"phase": "Failed", "reason": "Evicted"}

mocked = pytest.mark.skipif(bool(KUBECONFIG), reason="a real API server cannot be told to fail")


class Suite:
    """An executor that plays in pods of a test's cluster, and a client of it."""

    def __init__(self, store: Store, **variables: str) -> None:
        self.cluster = TestCluster()
        self.codes: dict[str, Path] = {}
        self.kubelet = Kubelet(self.cluster, self.codes, agent_python())
        self.folder = open_folder()
        self.executors: list[Server] = []
        self._allowed = store.host
        self._pool = ThreadPoolExecutor(4)
        self.backend, self.client = self.executor(**variables)

    def executor(self, **variables: str) -> tuple[PodBackend, Client]:
        settings = Settings.from_environment(
            {
                "HOSTNAME": "executor-0",
                **{
                    f"ARENA_EXECUTOR_{name}": value
                    for name, value in {
                        "BACKEND": "kubernetes",
                        "KUBERNETES_REGISTRY": "registry.test/agents",
                        "KUBERNETES_RUNNER_IMAGE": RUNNER_IMAGE,
                        "KUBERNETES_START_SECONDS": "60",
                        "KUBERNETES_SWEEP_SECONDS": "0.2",
                        "PORT": "0",
                        "SLOTS": "2",
                        "DRAIN_SECONDS": "1",
                        "ALLOWED_HOSTS": self._allowed,
                        "MOVE_SECONDS": "60",
                        "MOVE_LIMIT_SECONDS": "60",
                        "LOAD_SECONDS": "10",
                        **variables,
                    }.items()
                },
            }
        )
        assert settings.pods is not None
        backend = PodBackend(self.cluster.client, settings.pods, self.kubelet.dial)
        server = Server(settings, backend)
        self.executors.append(server)
        return backend, Client(f"127.0.0.1:{server.port}", self.folder, server)

    def agent(self, source: str, name: str) -> Any:
        """An agent with an image; no such image is ever made, its folder is run."""
        digest = "sha256:" + sha256(f"{name}{source}".encode())
        self.codes[digest] = self.folder / digest
        if not self.codes[digest].exists():
            self.codes[digest].mkdir()
            (self.codes[digest] / "agent.py").write_text(source)
        return pb.AgentData(agent_id=name, docker_image=digest, version="3")

    def play(self, one: str = FOLLOWER, two: str = IDLE, **fields: Any) -> Any:
        fields = {"match_id": "match-1", "attempt_id": "attempt-1", **fields}
        return self.client.run(self.agent(one, "one"), self.agent(two, "two"), **fields)

    def begin(self, *sources: str, **fields: Any) -> Future[Any]:
        return self._pool.submit(self.play, *sources, **fields)

    def await_pods(self, kind: str, count: int = 1) -> list[str]:
        """Names of running pods, once there are so many."""

        def running() -> list[str]:
            pods = [p for p in self.cluster.pods() if p["metadata"]["name"].startswith(kind)]
            return [p["metadata"]["name"] for p in pods if p["status"]["phase"] == "Running"]

        eventually(lambda: len(running()) >= count)
        return sorted(running())

    def await_warm(self, count: int = 1) -> None:
        eventually(lambda: self.backend._runners.waiting == count)

    def await_well(self) -> None:
        """Until nothing is there but a runner that waits, and the watch runs."""
        self.await_warm()
        eventually(lambda: len(self.cluster.names()) == 1)
        if self.cluster.api is not None:
            eventually(lambda: self.cluster.api.watching == 1)

    def mend(self) -> None:
        """Takes back what a test has done to the cluster."""
        self.kubelet.before = lambda pod: None
        self.backend._pods._dial = self.kubelet.dial
        if self.cluster.api is not None:
            self.cluster.api.mend()
        self.await_well()

    def close(self) -> None:
        for executor in self.executors:
            executor.stop()
        self._pool.shutdown()
        self.kubelet.close()
        self.cluster.close()
        shutil.rmtree(self.folder)


def open_folder() -> Path:
    """A folder that agents reach, whoever they run as; pytest's own are private."""
    # Its name is also that of a match: a label ends with a letter.
    folder = Path(tempfile.mkdtemp(prefix="arena-test-", suffix="-folder"))
    folder.chmod(0o777)
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that agents reach."""
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start_suite(store: Store) -> Iterator[Callable[..., Suite]]:
    suites: list[Suite] = []

    def start(**variables: str) -> Suite:
        suites.append(Suite(store, **variables))
        return suites[-1]

    yield start
    for suite in suites:
        suite.close()


@pytest.fixture(scope="module")
def suite(store: Store) -> Iterator[Suite]:
    """One for many tests, in which agents have little time."""
    suite = Suite(store, MOVE_SECONDS="1", MOVE_LIMIT_SECONDS="2")
    yield suite
    suite.close()


@pytest.fixture(scope="module")
def patient(store: Store) -> Iterator[Suite]:
    """One for many tests, in which agents have all the time that a cluster may need."""
    suite = Suite(store)
    yield suite
    suite.close()


@pytest.fixture
def shaken(patient: Suite) -> Iterator[Suite]:
    """The patient one, well before and after a test that does harm to its cluster or its ways."""
    patient.await_well()
    yield patient
    patient.mend()


#: It plays until somebody touches a file.
def slow(folder: Path) -> str:
    return (
        "import os, time\n"
        "def act(observation):\n"
        f"    open({str(folder / 'asked')!r}, 'w').close()\n"
        f"    while not os.path.exists({str(folder / 'go')!r}):\n"
        "        time.sleep(0.01)\n"
        "    return 1\n"
    )


def at_play(suite: Suite, folder: Path) -> tuple[Future[Any], str]:
    """A match under way, and the name of the first seat's pod."""
    playing = suite.begin(slow(folder), IDLE, match_id=folder.name)
    eventually((folder / "asked").exists)
    (pod,) = suite.cluster.pods(seat="0", match=folder.name)
    return playing, pod["metadata"]["name"]


def is_agent(pod: Pod) -> bool:
    return pod["metadata"]["name"].startswith("agent-")
