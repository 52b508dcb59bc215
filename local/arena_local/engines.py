"""A Docker engine with Compose: the one that answers here, or one of our own for a while."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import build, processes
from .layout import ROOT
from .processes import ProcessId

START_LIMIT = 60.0
#: Images and layers of an engine of our own; they stay, so that the next one builds little.
DATA = ROOT / ".arena" / "docker"


class NoEngine(Exception):
    """Containers cannot be run here; the message says why."""


class EngineFailed(Exception):
    """The engine refused something; the message is what it said."""


@dataclass(frozen=True)
class Engine:
    """environment: by which its clients find it. program: Compose, version 2."""

    environment: Mapping[str, str]
    program: tuple[str, ...]

    def docker(self, *arguments: str) -> str:
        """What a command of docker printed. EngineFailed unless it succeeded."""
        done = subprocess.run(
            ["docker", *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise EngineFailed(f"docker {' '.join(arguments)}\n{done.stderr.strip()}")
        return done.stdout

    def logs(self, container: str) -> str:
        """What a container has written to both of its streams."""
        done = subprocess.run(
            ["docker", "logs", container],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout

    def show(self, command: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        """Runs a command of ours or the engine's with its output on the screen."""
        environment = {**self.environment, **(more or {})}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, cwd=ROOT)
        if done.returncode != 0:
            raise EngineFailed(f"{' '.join(command[:4])} ... failed; what it said is above.")

    def has_image(self, name: str) -> bool:
        try:
            self.docker("image", "inspect", name)
        except EngineFailed:
            return False
        return True


@dataclass(frozen=True)
class Container:
    """A container of a project, as docker inspects it."""

    found: Mapping[str, Any]

    @property
    def service(self) -> str:
        return str(self.found["Config"]["Labels"]["com.docker.compose.service"])

    @property
    def id(self) -> str:
        return str(self.found["Id"])

    @property
    def restarts(self) -> int:
        return int(self.found["RestartCount"])

    @property
    def state(self) -> str:
        """healthy, starting, unhealthy; done or failed when it has ended."""
        state = self.found["State"]
        if state["Status"] == "exited":
            return "done" if state["ExitCode"] == 0 else "failed"
        return str(state.get("Health", {}).get("Status") or state["Status"])


@dataclass(frozen=True)
class Project:
    """The suite's compose file under a name of its own. settings: the variables that it reads."""

    engine: Engine
    name: str
    settings: Mapping[str, str]

    def compose(self, *arguments: str) -> None:
        command = [*self.engine.program, "--project-name", self.name]
        command += ["--file", str(ROOT / "docker-compose.yml"), *arguments]
        self.engine.show(command, self.settings)

    def containers(self) -> list[Container]:
        ids = self.engine.docker("ps", "--all", "--quiet", *self._mine()).split()
        found = json.loads(self.engine.docker("inspect", *ids)) if ids else []
        return [Container(one) for one in found]

    def container(self, service: str) -> Container:
        return next(one for one in self.containers() if one.service == service)

    def leftovers(self) -> list[str]:
        """Ids of containers, networks and volumes that the project has."""
        kinds = (("ps", "--all"), ("network", "ls"), ("volume", "ls"))
        return [
            found
            for kind in kinds
            for found in self.engine.docker(*kind, "--quiet", *self._mine()).split()
        ]

    def _mine(self) -> tuple[str, str]:
        return "--filter", f"label=com.docker.compose.project={self.name}"


def running() -> Engine:
    """The engine that answers. NoEngine if none does, or there is no Compose for it."""
    if not shutil.which("docker"):
        raise NoEngine("there is no docker here.")
    if not _answers(os.environ):
        raise NoEngine("no Docker engine answers (docker version).")
    return Engine(os.environ, _program(os.environ))


@contextmanager
def running_or_own() -> Iterator[Engine]:
    """The engine that answers; else, for root with dockerd, one of our own that ends afterwards."""
    try:
        engine = running()
    except NoEngine as reason:
        if os.geteuid() != 0 or not all(shutil.which(name) for name in ("docker", "dockerd")):
            raise NoEngine(f"{reason} To start one takes dockerd and root.") from None
    else:
        yield engine
        return
    # The paths of sockets are short; not the usual one, by which others would find it.
    folder = Path("/run") / f"arena-docker-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    environment = {**os.environ, "DOCKER_HOST": f"unix://{folder}/docker.sock"}
    process = _start(folder, environment)
    try:
        yield Engine(environment, _program(environment))
    finally:
        processes.end([ProcessId.of(process.pid)], grace=60)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    folder.mkdir(mode=0o700, exist_ok=True)
    DATA.mkdir(parents=True, exist_ok=True)
    log = DATA.with_name("docker.log")
    print(f"Starting a Docker engine of our own, with its data in {DATA} ...", flush=True)
    command = ["dockerd", "--host", environment["DOCKER_HOST"], "--data-root", str(DATA)]
    command += ["--exec-root", str(folder), "--pidfile", str(folder / "dockerd.pid")]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_LIMIT
    while not _answers(environment):
        if process.poll() is not None or time.monotonic() > deadline:
            processes.end([ProcessId.of(process.pid)], grace=10)
            process.wait()
            raise NoEngine(f"dockerd was started and does not answer: {log}")
        time.sleep(0.2)
    return process


def _answers(environment: Mapping[str, str]) -> bool:
    return _succeeds(["docker", "version"], environment)


def _program(environment: Mapping[str, str]) -> tuple[str, ...]:
    if _succeeds(["docker", "compose", "version"], environment):
        return ("docker", "compose")
    own = build.compose()
    if own is None:
        raise NoEngine("there is no Docker Compose 2, and no Go to build it with.")
    return (own,)


def _succeeds(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    done = subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True
    )
    return done.returncode == 0
