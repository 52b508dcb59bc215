"""Settings, tokens, start and stop, and what is left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import threading
from dataclasses import asdict
from pathlib import Path

import grpc
import pytest

from arena import nursery, runner_process
from arena.agent_python import AgentPython, SandboxUnavailable
from arena.launch import Launcher
from arena_executor.config import ConfigError, Settings
from arena_executor.generated import executor_pb2 as pb
from arena_executor.selftest import LAYERS
from arena_executor.server import Server
from conftest import CRASHING, IDLE, SLEEPER, agent_python, eventually, refused, settings

TOKEN = "a-token-of-twenty-chars"


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"PORT": "x"}, "ARENA_EXECUTOR_PORT"),
        ({"PORT": "70000"}, "ARENA_EXECUTOR_PORT"),
        ({"SLOTS": "0"}, "ARENA_EXECUTOR_SLOTS"),
        ({"MOVE_SECONDS": "-1"}, "ARENA_EXECUTOR_MOVE_SECONDS"),
        ({"MOVE_SECONDS": "nan"}, "ARENA_EXECUTOR_MOVE_SECONDS"),
        ({"MEMORY_MIB": "1"}, "ARENA_EXECUTOR_MEMORY_MIB"),
        ({"HOST": "0.0.0.0"}, "no bearer token is set"),
        ({"HOST": "::"}, "no bearer token is set"),
        ({"HOST": "executor.local"}, "no bearer token is set"),
        ({"SANDBOX_REQUIRE": "seccomp-filter, firewall"}, "firewall"),
        ({"LAUNCHER": "docker"}, "bwrap or zygote"),
        ({"QUEUE": "-1"}, "ARENA_EXECUTOR_QUEUE"),
        ({"TOKEN": "short"}, "at least 16"),
        ({"TOKEN_FILE": "/no/such/file"}, "ARENA_EXECUTOR_TOKEN_FILE"),
    ],
)
def test_settings_that_cannot_be_used_are_named(variables, text):
    with pytest.raises(ConfigError, match=text):
        Settings.from_environment({f"ARENA_EXECUTOR_{k}": v for k, v in variables.items()})


def test_defaults_and_values():
    default = Settings.from_environment({})
    given = Settings.from_environment(
        {
            "ARENA_EXECUTOR_HOST": "0.0.0.0",
            "ARENA_EXECUTOR_TOKEN": TOKEN,
            "ARENA_EXECUTOR_MEMORY_MIB": "256",
            "ARENA_EXECUTOR_ALLOWED_HOSTS": "One, two:80",
            "ARENA_EXECUTOR_PIN": "false",
        }
    )

    assert (default.host, default.port, default.token) == ("127.0.0.1", 50051, None)
    assert default.limits.memory_bytes == 512 << 20
    assert default.limits.processes == 50
    assert default.rules.bank_seconds == 30
    assert given.limits.memory_bytes == 256 << 20
    assert given.allowed_hosts == {"one", "two:80"}
    assert not given.pin
    assert TOKEN not in repr(given)


def test_a_misspelt_setting_is_pointed_out(caplog):
    Settings.from_environment({"ARENA_EXECUTOR_PROT": "1"})

    assert "ARENA_EXECUTOR_PROT is not a setting" in caplog.text


def test_a_token_is_asked_of_every_call(tmp_path, start):
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN + "\n")
    executor = start(TOKEN_FILE=str(token_file))
    client = executor.client()
    check = client.stub.HealthCheck
    for metadata in ((), (("authorization", "Bearer wrong"),), (("authorization", TOKEN),)):
        with refused(grpc.StatusCode.UNAUTHENTICATED):
            check(pb.HealthCheckRequest(), metadata=metadata)
        with refused(grpc.StatusCode.UNAUTHENTICATED):
            client.stub.RunMatch(pb.MatchRequest(), metadata=metadata)
    good = (("authorization", f"Bearer {TOKEN}"),)
    assert check(pb.HealthCheckRequest(), metadata=good).healthy
    assert TOKEN not in executor.output()


def test_sigterm_lets_running_matches_end_and_cleans_up(tmp_path, start):
    executor = start(WORK_DIR=str(tmp_path / "work"))
    client = executor.client()
    agents = (client.agent(SLEEPER), client.agent(IDLE))
    calls = [client.stub.RunMatch.future(client.match(*agents, match_id=f"m{n}")) for n in range(3)]
    check = client.stub.HealthCheck
    eventually(lambda: check(pb.HealthCheckRequest()).active_matches == 2)
    eventually(lambda: check(pb.HealthCheckRequest()).queued_matches == 1)

    executor.process.terminate()

    # What plays ends by its rules; what waits, whichever of the three it is, is refused.
    ended = [call for call in calls if call.exception(timeout=60) is None]
    (refusal,) = [call.exception() for call in calls if call.exception() is not None]
    assert [c.result().agent_results[0].verdict for c in ended] == [pb.MOVE_TIMEOUT] * 2
    assert refusal.code() == grpc.StatusCode.UNAVAILABLE
    assert executor.process.wait(30) == 0
    assert not list((tmp_path / "work").glob("match-*"))
    with pytest.raises(grpc.RpcError):
        client.run(*agents)


def test_killed_it_leaves_no_process_and_a_restart_cleans_up(tmp_path, start):
    work = tmp_path / "work"
    executor = start(WORK_DIR=str(work))
    client = executor.client()
    # Kept in a name: a call that nobody refers to is cancelled.
    call = client.stub.RunMatch.future(client.match(client.agent(SLEEPER), client.agent(SLEEPER)))
    eventually(lambda: len(agents(executor.process.pid)) == 2)
    started = below(executor.process.pid)

    executor.process.send_signal(signal.SIGKILL)
    executor.process.wait()
    assert call.exception() is not None

    eventually(lambda: not any(alive(pid) for pid in started), seconds=20)
    again = start(WORK_DIR=str(work))
    again.client()
    assert not list(work.glob("match-*"))
    again.stop()
    assert cgroups_of(executor.process.pid) == []
    assert cgroups_of(again.process.pid) == []


def test_a_killed_runner_is_one_failed_match(executor):
    call = executor.stub.RunMatch.future(
        executor.match(executor.agent(SLEEPER), executor.agent(SLEEPER))
    )
    eventually(lambda: len(agents(os.getpid())) == 2)

    (runner,) = runners(os.getpid())
    os.kill(runner, signal.SIGKILL)

    response = call.result(timeout=30)
    assert response.status == pb.STATUS_ERROR
    assert {r.verdict for r in response.agent_results} == {pb.PLATFORM_FAULT}
    eventually(lambda: agents(os.getpid()) == [])
    assert executor.run(executor.agent(IDLE), executor.agent(IDLE)).status == pb.STATUS_SUCCESS


def test_a_runner_plays_on_until_an_agent_has_misbehaved(executor):
    crashing = executor.agent(CRASHING)
    end_waiting_runners(executor)
    played = []
    for opponent in (IDLE, IDLE, crashing, IDLE):
        second = opponent if opponent is crashing else executor.agent(opponent)
        assert executor.run(executor.agent(IDLE), second).status == pb.STATUS_SUCCESS
        played.append(runners(os.getpid()))

    first, second, after_crash, last = played
    assert len(first) == 1
    assert second == first
    assert after_crash == []
    assert len(last) == 1
    assert last != first


def test_a_runner_is_replaced_after_its_share_of_matches(executor, monkeypatch):
    end_waiting_runners(executor)
    monkeypatch.setattr(runner_process, "MATCHES", 2)
    left = []
    for _ in range(3):
        executor.run(executor.agent(IDLE), executor.agent(IDLE))
        left.append(len(runners(os.getpid())))

    assert left == [1, 0, 1]


def test_a_runner_that_died_waiting_costs_no_match(executor):
    end_waiting_runners(executor)
    executor.run(executor.agent(IDLE), executor.agent(IDLE))
    (waiting,) = runners(os.getpid())

    os.kill(waiting, signal.SIGKILL)

    assert executor.run(executor.agent(IDLE), executor.agent(IDLE)).status == pb.STATUS_SUCCESS


@pytest.mark.parametrize("victim", ["arena.nursery", "/arena/zygote.py"])
def test_a_killed_helper_is_started_again(executor, victim):
    assert executor.run(executor.agent(IDLE), executor.agent(IDLE)).status == pb.STATUS_SUCCESS
    helper = min(_pythons(os.getpid(), victim))

    os.kill(helper, signal.SIGKILL)

    eventually(lambda: not alive(helper))
    assert executor.run(executor.agent(IDLE), executor.agent(IDLE)).status == pb.STATUS_SUCCESS


def test_many_matches_leave_nothing_behind(executor):
    mover = "def act(o):\n    return list(o['action_mask']).index(1)\n"
    players = (executor.agent(mover), executor.agent(mover))
    crashing = (executor.agent(CRASHING), players[1])
    for pair in (crashing, players):
        executor.run(*pair, environment="tic-tac-toe", record_replay=True)
    before = at_rest(executor)

    for number in range(30):
        pair = crashing if number % 5 == 0 else players
        response = executor.run(*pair, environment="tic-tac-toe", record_replay=True)
        assert response.status == pb.STATUS_SUCCESS

    eventually(lambda: at_rest(executor) == before)


def test_helpers_outlive_the_thread_that_started_them_and_nothing_else(tmp_path):
    before = set(_pythons(os.getpid(), "arena.nursery"))
    launcher = Launcher(AgentPython.probe(agent_python()), tmp_path / "work")
    starting = threading.Thread(target=launcher.warm_up)

    starting.start()
    starting.join()

    started = set(_pythons(os.getpid(), "arena.nursery")) - before
    assert started
    assert all(alive(pid) for pid in started)
    launcher.close()
    eventually(lambda: not any(alive(pid) for pid in started))


@pytest.mark.parametrize("launcher", ["bwrap", "zygote"])
def test_the_launcher_is_what_the_settings_say(launcher, start):
    executor = start(LAUNCHER=launcher)
    client = executor.client()

    played = client.run(client.agent(IDLE), client.agent(IDLE))

    assert played.status == pb.STATUS_SUCCESS
    assert client.stub.HealthCheck(pb.HealthCheckRequest()).launcher == launcher
    assert f"started by the launcher {launcher}" in executor.output()


def test_a_zygote_that_cannot_be_had_stops_the_start_only_if_it_was_asked_for(monkeypatch):
    def refuse(*_: object) -> None:
        raise SandboxUnavailable("no zygote here")

    said = []
    monkeypatch.setattr(nursery, "Zygote", refuse)
    monkeypatch.setattr(nursery, "serve", lambda _, zygote, games: said.append(zygote))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("arena.kernel.adopt_orphans", lambda: None)
    for wanted, expected in (
        ("zygote", {"error": "no zygote here"}),
        (None, {"launcher": "bwrap", "reason": "no zygote here"}),
    ):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        python = asdict(AgentPython.probe(agent_python()))
        settings = io.StringIO(json.dumps({"python": python, "launcher": wanted}))
        monkeypatch.setattr("sys.stdin", settings)

        nursery.main(theirs.detach())

        assert json.loads(ours.recv(65536)) == expected
        ours.close()
    assert said == [None]


def test_without_bubblewrap_it_does_not_start_and_says_what_to_install(tmp_path, monkeypatch):
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setattr("arena.cage.shutil.which", lambda *_, **__: None)

    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        Server(Settings.from_environment({"ARENA_EXECUTOR_PORT": "0"}))


def test_a_sandbox_that_does_not_hold_stops_the_start(tmp_path, start):
    """A bubblewrap that only runs the command, as a careless replacement would."""
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit\n'
        'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
    )
    fake.chmod(0o755)
    # pytest's folders are closed to the agents' user, who would find the real one then
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)

    executor = start(path=str(fake.parent), LAUNCHER="bwrap")

    assert executor.process.wait(60) == 2
    assert "The executor cannot start" in executor.output()
    assert "ready" not in executor.output()


def test_a_required_layer_that_is_missing_stops_the_start_with_its_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr("arena.cgroups.CgroupTree.available", ())
    chosen = Settings.from_environment(
        settings(tmp_path, SANDBOX_REQUIRE="cgroup-memory,seccomp-filter")
    )

    with pytest.raises(SandboxUnavailable, match="cgroup-memory is off: run as root") as caught:
        Server(chosen)

    assert "seccomp-filter" not in str(caught.value)


def test_every_layer_is_reported_and_the_filter_is_in_force(executor):
    layers = executor.stub.HealthCheck(pb.HealthCheckRequest()).metadata

    assert set(layers) == {f"layer.{name}" for name in LAYERS}
    assert layers["layer.seccomp-filter"] == "on"
    assert layers["layer.no-new-namespaces"] == "on"


def test_an_unusable_python_for_agents_stops_the_start(tmp_path, start):
    executor = start(AGENT_PYTHON="/no/such/python")

    assert executor.process.wait(60) == 2
    assert "cannot be started" in executor.output()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its uid")
def test_an_installation_below_a_private_folder_is_made_visible(tmp_path):
    """As under /root: the unprivileged uid gets a view with just what it needs."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "secret").write_text("x")
    work = private / "work"
    launcher = Launcher(AgentPython.probe(agent_python()), work)

    seen = subprocess.run(
        [*launcher.prefix, "sh", "-c", f"id -u; ls {private}; touch {work}/x 2>&1"],
        capture_output=True,
        text=True,
    )

    assert seen.stdout.split()[:2] == ["64217", "work"], seen
    assert "secret" not in seen.stdout


def end_waiting_runners(executor) -> None:
    """Of matches before: none is kept that has seen an agent crash."""
    while runners(os.getpid()):
        executor.run(executor.agent(CRASHING), executor.agent(IDLE))


def at_rest(executor) -> dict[str, object]:
    """Processes, open files, mounts, control groups and files of an executor without matches."""
    helpers = below(os.getpid())
    return {
        "processes": len(helpers),
        "own files": len(os.listdir("/proc/self/fd")),
        "files": sorted(len(os.listdir(f"/proc/{pid}/fd")) for pid in helpers if alive(pid)),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "groups": len(list(Path("/sys/fs/cgroup").glob(f"*/arena-executor-{os.getpid()}-*/*/"))),
        "places": list(executor.server._work_dir.glob("match-*")),
    }


def below(ancestor: int) -> dict[int, str]:
    """The command lines of all living processes below one, by id."""
    parents, lines = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                lines[int(entry.name)] = (entry / "cmdline").read_text("utf-8", "replace")
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: lines[pid] for pid in found - {ancestor}}


def runners(ancestor: int) -> list[int]:
    """What the nursery has forked: it keeps its command line."""
    return _forks(ancestor, "arena.nursery")


def agents(ancestor: int) -> list[int]:
    """What keepers have forked, which are what the zygote has forked."""
    zygotes = _forks(ancestor, "/arena/zygote.py")
    return [pid for pid in zygotes if _parent(pid) in zygotes]


def _forks(ancestor: int, word: str) -> list[int]:
    lines = _pythons(ancestor, word)
    return [pid for pid in lines if _parent(pid) in lines]


def _pythons(ancestor: int, word: str) -> list[int]:
    # Not the programs before them on the same command line, which give them their uid.
    return [
        pid
        for pid, line in below(ancestor).items()
        if word in line and Path(line.split("\0")[0]).name.startswith("python")
    ]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def cgroups_of(pid: int) -> list[Path]:
    return list(Path("/sys/fs/cgroup").glob(f"**/arena-executor-{pid}-*"))
