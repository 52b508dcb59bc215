"""Whole matches in pods, and agents that misbehave in theirs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest

from arena import handshake, seat
from arena_executor.generated import executor_pb2 as pb
from conftest import FOLLOWER, IDLE, Client, Store, eventually, refused, sha256
from fake_cluster import CONTAINED, Pod, raw_connection
from pod_suite import Suite, at_play, mocked, slow

# --- a match


def test_a_match_is_played_and_nothing_of_it_is_left(suite: Suite, store: Store):
    response = suite.play(
        record_replay=True,
        replay_upload_url=store.url("/pods/replay.json"),
        replay_html_upload_url=store.url("/pods/replay.html"),
        log_upload_url=store.url("/pods/logs.json"),
        seed=7,
    )

    assert response.status == pb.STATUS_SUCCESS, response.error_message
    assert response.winner_agent_id == "one"
    assert [result.verdict for result in response.agent_results] == [pb.NONE, pb.NONE]
    assert (response.attempt_id, response.seed) == ("attempt-1", 7)
    assert response.replay_sha256 == sha256(store.objects["/pods/replay.json"])
    assert store.objects["/pods/replay.html"].startswith(b"<!")
    eventually(lambda: not suite.cluster.names("agent-"))
    suite.await_warm()
    assert len(suite.cluster.names()) == 1


def test_it_is_the_same_match_as_in_sandboxes(suite: Suite, executor: Client):
    here = executor.run(executor.agent(FOLLOWER), executor.agent(IDLE), seed=11)
    there = suite.play(seed=11)

    assert there.total_steps == here.total_steps
    assert [r.score for r in there.agent_results] == [r.score for r in here.agent_results]


def test_pods_carry_match_and_attempt_and_go_with_their_runner(patient: Suite, place: Path):
    playing, _ = at_play(patient, place)

    pods = patient.cluster.pods(match=place.name)

    assert sorted(p["metadata"]["labels"]["app.kubernetes.io/name"] for p in pods) == [
        *("match-agent", "match-agent", "match-runner")
    ]
    assert {p["metadata"]["labels"]["rl-arena.org/attempt"] for p in pods} == {"attempt-1"}
    (runner,) = [p for p in pods if "ownerReferences" not in p["metadata"]]
    owners = [p["metadata"]["ownerReferences"] for p in pods if p is not runner]
    assert {owner["uid"] for (owner,) in owners} == {runner["metadata"]["uid"]}
    (place / "go").touch()
    assert playing.result(60).status == pb.STATUS_SUCCESS


def test_what_an_agent_prints_is_its_owners(suite: Suite):
    response = suite.play("print('loaded')\n" + IDLE, "import sys\nsys.stderr.write('x')\n" + IDLE)

    assert [r.log_tail for r in response.agent_results] == ["loaded\n", "x"]


def test_an_agent_is_validated_by_its_image(suite: Suite):
    good, bad = suite.agent(IDLE, "good"), suite.agent("def act(o):\n    return 99\n", "bad")

    def validate(agent: Any) -> Any:
        return suite.client.validate(agent_id=agent.agent_id, docker_image=agent.docker_image)

    assert validate(good).valid
    refusal = validate(bad)
    assert (refusal.valid, refusal.verdict) == (False, pb.ILLEGAL_ACTION)


def test_code_that_comes_whole_is_no_image(suite: Suite):
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "has no image"):
        suite.client.validate(code_zip=IDLE.encode())


def test_health_tells_that_pods_play(suite: Suite):
    health = suite.client.stub.HealthCheck(pb.HealthCheckRequest())

    assert (health.healthy, health.launcher) == (True, "pods")
    assert health.metadata["layer.network-policy"] == "on"


@pytest.mark.parametrize("image", ["", "latest", "registry.test/agents/one:v3", "sha256:abc"])
def test_an_agent_without_an_image_is_refused(suite: Suite, image: str):
    agent = pb.AgentData(agent_id="one", docker_image=image, code_url="/tmp/agent.py")
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "has no image"):
        suite.client.run(agent, suite.agent(IDLE, "two"))


@pytest.mark.parametrize("name", ["../other", "one@sha256:0", "One", "a/b", ""])
def test_an_agent_cannot_name_the_repository_of_another(suite: Suite, name: str):
    agent = pb.AgentData(agent_id=name, docker_image="sha256:" + "0" * 64)
    with refused(grpc.StatusCode.INVALID_ARGUMENT):
        suite.client.run(agent, suite.agent(IDLE, "two"))


def test_two_matches_at_once_have_pods_of_their_own(suite: Suite):
    first = suite.begin(match_id="first")
    second = suite.begin(match_id="second")

    assert {first.result(60).status, second.result(60).status} == {pb.STATUS_SUCCESS}


# --- agents that misbehave

ESCAPES = """
import ctypes, os, signal

def refused(action):
    try:
        action()
        return False
    except OSError:
        return True

def attach():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, 1, None, None):
        raise OSError(ctypes.get_errno(), "ptrace")

found = [name for name in ("environ", "mem", "maps", "auxv")
         if not refused(lambda: open(f"/proc/1/{name}", "rb").read(1))]
found += ["descriptors"] if not refused(lambda: os.listdir("/proc/1/fd")) else []
found += ["ptrace"] if not refused(attach) else []
found += [name for name in os.environ if name.startswith("ARENA")]
found += ["another's process"] if os.getppid() != 1 else []
print(found)
for number in range(1, signal.NSIG):
    os.kill(1, number)
"""
HOSTILE = {
    "os._exit(3)": ("crash", "import os\ndef act(o):\n    os._exit(3)\n"),
    "SIGKILL": ("crash", "import os\ndef act(o):\n    os.kill(os.getpid(), 9)\n"),
    "an exception": ("exception", "def act(o):\n    raise ValueError('no')\n"),
    "hangs": ("move_timeout", "import time\ndef act(o):\n    time.sleep(1000)\n"),
    "stops itself": ("move_timeout", "import os\ndef act(o):\n    os.kill(os.getpid(), 19)\n"),
    "floods frames": (
        "protocol",
        "import os\ndef act(o):\n    while True: os.write(FD, b'\\0\\0\\0\\1\\1' * 9999)\n",
    ),
    "a frame of 4 GiB": (
        "protocol",
        "import os, time\ndef act(o):\n    os.write(FD, b'\\xff' * 99)\n    time.sleep(1000)\n",
    ),
    "a frame above the limit": (
        "protocol",
        "import os, time\n"
        "def act(o):\n    os.write(FD, b'\\0\\1\\0\\1' + b'x' * 65537)\n    time.sleep(1000)\n",
    ),
    "a move without the nonce": (
        "protocol",
        "import os, struct, msgpack, time\n"
        "def act(o):\n    m = msgpack.packb(['move', 1, 'int', 0])\n"
        "    os.write(FD, struct.pack('>I', len(m)) + m)\n    time.sleep(1000)\n",
    ),
    "hangs up": (
        "protocol",
        "import os, time\ndef act(o):\n    os.close(FD)\n    time.sleep(1000)\n",
    ),
    "floods stdout": ("output_limit", "def act(o):\n    while True: print('x' * 9999)\n"),
    "leaves a child": (
        "crash",
        "import os, time\ndef act(o):\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\n    os._exit(3)\n",
    ),
    "loads for ever": ("init_timeout", "import time\ntime.sleep(1000)\n"),
    "cannot be loaded": ("load_error", "import nothing_of_that_name\n"),
}
# The descriptor of the moves: the only socket that is neither output nor errors.
FIND = (
    "import os as _os, stat as _stat\n"
    "def _socket(n):\n"
    "    try:\n        return _stat.S_ISSOCK(_os.fstat(n).st_mode)\n"
    "    except OSError:\n        return False\n"
    "FD = next(n for n in range(3, 256) if _socket(n))\n"
)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_agent_that_misbehaves_loses_alone(suite: Suite, name: str):
    verdict, source = HOSTILE[name]

    response = suite.play(FIND + source, IDLE)

    assert response.status == pb.STATUS_SUCCESS, response.error_message
    mine, theirs = response.agent_results
    assert pb.Verdict.Name(mine.verdict).lower() == verdict, mine.error_message
    assert theirs.verdict == pb.NONE
    assert response.winner_agent_id == "two"
    eventually(lambda: not suite.cluster.names("agent-"))


@pytest.mark.skipif(not CONTAINED, reason="only root can make what a container is")
def test_an_agent_neither_sees_nor_ends_the_first_process_of_its_pod(suite: Suite):
    response = suite.play(ESCAPES + FOLLOWER, IDLE)

    assert response.agent_results[0].log_tail == "[]\n"
    assert response.agent_results[0].verdict == pb.NONE
    assert response.winner_agent_id == "one"


@pytest.mark.skipif(not CONTAINED, reason="only root can make what a container is")
def test_an_agent_that_kills_all_it_can_is_the_only_one_that_is_gone(suite: Suite):
    response = suite.play("import os\ndef act(o):\n    os.kill(-1, 9)\n    return 1\n", FOLLOWER)

    assert response.status == pb.STATUS_SUCCESS, response.error_message
    assert response.winner_agent_id == "two"


# --- strangers


def test_strangers_get_nowhere_at_a_runner_or_an_agent(patient: Suite, place: Path):
    patient.await_warm()
    (runner,) = patient.cluster.names("runner-")
    playing = patient.begin(slow(place), IDLE)
    eventually((place / "asked").exists)

    # Both have let in whom they waited for: nobody listens any more.
    for name in (runner, *patient.cluster.names("agent-")):
        with pytest.raises(OSError, match="refused"), raw_connection(patient.kubelet.address(name)):
            pass

    (place / "go").touch()
    assert playing.result(60).status == pb.STATUS_SUCCESS


@mocked
def test_who_dials_a_seat_first_does_not_get_it(shaken: Suite):
    tried: list[str] = []

    def dial(pod: Pod, port: int) -> tuple[str, int]:
        address = shaken.kubelet.dial(pod, port)
        if port == seat.PORT:
            with pytest.raises(handshake.Refused):
                handshake.dial(address, b"k" * 32, seat.CONTROL, 10)
            with raw_connection(address) as connection, suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\n" + b"x" * 100)
                assert connection.recv(100) == b""
            tried.append(pod["metadata"]["name"])
        return address

    shaken.backend._pods._dial = dial

    assert shaken.play().status == pb.STATUS_SUCCESS
    assert len(tried) == 2


@mocked
def test_a_seat_whose_pod_is_anothers_is_no_seat(shaken: Suite):
    """As when an address was given to another agent's pod: it does not hold the key."""
    first: list[tuple[str, int]] = []

    def dial(pod: Pod, port: int) -> tuple[str, int]:
        address = shaken.kubelet.dial(pod, port)
        if port != seat.PORT:
            return address
        first.append(address)
        return first[0]

    shaken.backend._pods._dial = dial

    response = shaken.play()
    assert response.status == pb.STATUS_ERROR
    assert {result.verdict for result in response.agent_results} == {pb.PLATFORM_FAULT}
