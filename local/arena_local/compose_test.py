"""`./arena compose-test`: the suite in containers, from the images to matches, and through faults.

It runs under a name and on a loopback port of its own. At the end its containers, networks and
volumes are removed; the images stay.
"""

from __future__ import annotations

import signal
import socket
import time
import urllib.error
from collections.abc import Callable
from typing import Any, TypeVar

from . import demo, engines, images
from .api import Api, ApiError
from .demo import Played
from .engines import Container, Engine, EngineFailed, NoEngine, Project

PROJECT = "rl-arena-compose-test"
START_LIMIT = 600.0
CALL_LIMIT = 180.0
MATCH_LIMIT = 240.0
#: Killed in turn, while agents play.
VICTIMS = ("executor", "match-service", "postgresql", "kafka")
#: The only ones whose sandbox needs more than the engine's own profile allows.
SANDBOXED = {"executor", "build-service"}
UPSTREAM = {"postgresql", "kafka"}
LAYERS = ("user-namespace", "pid-namespace", "network-namespace", "read-only-root")

Value = TypeVar("Value")


class TestFailed(Exception):
    """What is not as it should be."""


def run() -> int:
    """Exit status 0 if all was well, or nothing can be run here; then one line says why."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with engines.running_or_own() as engine:
            return _run(engine)
    except NoEngine as reason:
        print(f"compose-test is skipped: {reason}")
        return 0


def _run(engine: Engine) -> int:
    stand_ins = not images.have_upstream(engine)
    if stand_ins and not images.can_make_bases():
        raise NoEngine("base images can neither be fetched nor made (debootstrap, as root).")
    port = _free_port()
    settings = images.settings(images.STAND_INS if stand_ins else {}) | {"ARENA_PORT": str(port)}
    project = Project(engine, PROJECT, settings)
    begun = time.monotonic()

    def step(title: str) -> None:
        print(f"\n=== [{time.monotonic() - begun:5.0f} s] {title}", flush=True)

    try:
        step(f"images, on {'stand-ins' if stand_ins else 'upstream images'}")
        images.build_all(project, stand_ins)
        # What a killed run may have left.
        _remove(project)
        step("up")
        _up(project)
        step("who may do what")
        _check_confinement(project)
        step("the administrator")
        _administrate(f"http://127.0.0.1:{port}", settings["FIRST_ADMIN_PASSWORD"])
        step("the demo")
        played = demo.play(f"http://127.0.0.1:{port}")
        if played.failures:
            raise TestFailed("\n".join(played.failures))
        for victim in VICTIMS:
            step(f"{victim} is killed")
            _kill(project, victim)
            _play_challenge(played)
        step("down and up")
        before = _story(played)
        project.compose("down")
        _up(project)
        _compare(before, _story(played))
        _play_challenge(played)
    except (TestFailed, EngineFailed, ApiError, urllib.error.URLError) as failure:
        _show_logs(project)
        print(f"\ncompose-test FAILED: {failure}")
        return 1
    finally:
        step("everything is removed but the images")
        _remove(project)
    print(f"compose-test passed after {(time.monotonic() - begun) / 60:.1f} min")
    return 0


def _up(project: Project) -> None:
    project.compose("up", "--detach", "--no-build", "--quiet-pull")
    _wait("all to be healthy", lambda: _all_well(project), START_LIMIT)


def _all_well(project: Project) -> bool:
    states = {one.service: one.state for one in project.containers()}
    if "failed" in states.values():
        raise TestFailed(f"a container has failed: {states}")
    return states.pop("topics", "") == "done" and set(states.values()) == {"healthy"}


def _remove(project: Project) -> None:
    project.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
    left = project.leftovers()
    if left:
        raise TestFailed(f"containers, networks or volumes are left: {', '.join(left)}")


# --- what the containers may do


def _check_confinement(project: Project) -> None:
    containers = project.containers()
    wrong = [f"{one.service}: {what}" for one in containers for what in _too_much(one)]
    if wrong:
        raise TestFailed("\n".join(wrong))
    log = project.engine.logs(project.container("executor").id)
    print(log, end="")
    missing = [layer for layer in LAYERS if layer not in log.partition("in force:")[2]]
    if missing:
        raise TestFailed(f"layers of the sandbox are not in force: {', '.join(missing)}")
    print(f"{len(containers)} containers, none with more than it needs")


def _too_much(one: Container) -> list[str]:
    host = one.found["HostConfig"]
    ports = [bound for bindings in (host["PortBindings"] or {}).values() for bound in bindings]
    found = {
        "is privileged": host["Privileged"] or host["CapAdd"],
        "listens beyond loopback": any(bound["HostIp"] != "127.0.0.1" for bound in ports),
        "has a port": ports and one.service != "gateway",
        "has another seccomp profile": one.service not in SANDBOXED
        and any(option.startswith("seccomp") for option in host["SecurityOpt"] or ()),
        "has no memory limit": not host["Memory"],
    }
    if one.service not in UPSTREAM:
        found |= {
            "can write to its root": not host["ReadonlyRootfs"],
            "keeps capabilities": host["CapDrop"] != ["ALL"],
            "runs as root": one.found["Config"]["User"] != "10001:10001",
        }
    return [what for what, is_so in found.items() if is_so]


def _administrate(url: str, password: str) -> None:
    """The account that the settings ask for is there, and may do what an administrator does."""
    login = {"email": "admin", "password": password}
    token = _eventually("a log-in", lambda: Api(url).post("/api/v1/auth/login", login))["token"]
    users = Api(url, token).get("/api/v1/admin/users")["users"]
    print(f"admin logged in and sees {len(users)} accounts")


# --- matches


def _play_challenge(played: Played) -> None:
    """A match of two agents of the demo, asked for through the gateway and played to its end."""
    mine, theirs = [entry for entry in played.entries if entry.environment == "connect-four"][:2]
    body = {"agent1Id": mine.agent_id, "agent2Id": theirs.agent_id}
    match = _eventually("a challenge", lambda: mine.api.post("/api/v1/matches", body))["match"]

    def ended() -> dict[str, Any] | None:
        now = _eventually("the match", lambda: mine.api.get(f"/api/v1/matches/{match['id']}"))
        return now["match"] if now["match"]["status"] not in ("pending", "running") else None

    end = _wait("the match to be played", ended, MATCH_LIMIT)
    if end["status"] != "completed":
        raise TestFailed(f"the match is {end['status']}, not completed")
    print(f"a match was played: {mine.name} - {theirs.name}, won by {end.get('winnerId')}")


def _story(played: Played) -> dict[str, Any]:
    """What must not be lost: games of the agents, results and a replay of the demo's matches."""
    api = played.entries[0].api
    games = {
        entry.name: _eventually(
            "an agent", lambda path=f"/api/v1/agents/{entry.agent_id}": api.get(path)
        )["agent"]["totalMatches"]
        for entry in played.entries
    }
    winners = {
        match["id"]: _eventually(
            "a match", lambda path=f"/api/v1/matches/{match['id']}": api.get(path)
        )["match"].get("winnerId")
        for match in played.matches
    }
    replay = f"/api/v1/matches/{played.matches[-1]['id']}/replay?format=html"
    return {
        "games": games,
        "winners": winners,
        "replay": _eventually("a replay", lambda: api.text(replay)),
        # Asked with the token of before: the key that signed it is still there.
        "mine": _eventually("own agents", lambda: api.get("/api/v1/agents/my"))["total"],
    }


def _compare(before: dict[str, Any], after: dict[str, Any]) -> None:
    lost = [name for name in ("winners", "replay", "mine") if before[name] != after[name]]
    lost += [name for name, games in before["games"].items() if after["games"][name] < games]
    if lost:
        raise TestFailed(f"lost by down and up: {', '.join(lost)}")
    print(f"{len(after['games'])} agents and {len(after['winners'])} matches are as they were")


# --- faults


def _kill(project: Project, service: str) -> None:
    """kill -9 of a container's first process; the engine is to start it again.

    From outside: `docker kill` counts as a wish that it stay down.
    """
    before = project.container(service)
    kill = f"kill -9 {before.found['State']['Pid']}"
    image = before.found["Config"]["Image"]
    outside = ("--pid=host", "--user=0", "--security-opt=apparmor=unconfined")
    project.engine.docker("run", "--rm", *outside, "--entrypoint=bash", image, "-c", kill)

    def is_back() -> bool:
        now = project.container(service)
        return now.restarts > before.restarts and now.state == "healthy"

    _wait(f"{service} to be healthy again", is_back, START_LIMIT)
    print(f"{service} was started again and is healthy")


def _show_logs(project: Project) -> None:
    for one in project.containers():
        if one.state not in ("healthy", "done"):
            print(f"\n--- {one.service} is {one.state}", flush=True)
            project.engine.show(["docker", "logs", "--tail", "40", one.id])


# --- waiting


def _wait(what: str, ask: Callable[[], Value], seconds: float) -> Value:
    """The first truthy answer; TestFailed after that time."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TestFailed(f"waited {seconds:.0f} s for {what}")
        time.sleep(1)
    return answer


def _eventually(what: str, call: Callable[[], Value]) -> Value:
    """The answer to a call, which may fail for a while after a part was killed."""
    last: list[Exception] = []

    def answer() -> list[Value]:
        try:
            return [call()]
        except ApiError as error:
            # 429: the next challenge is due in a minute at the latest.
            if error.status < 500 and error.status != 429:
                raise
            last[:] = [error]
        except OSError as error:
            last[:] = [error]
        return []

    try:
        return _wait(what, answer, CALL_LIMIT)[0]
    except TestFailed as failure:
        raise TestFailed(f"{failure}: {last}") from None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
