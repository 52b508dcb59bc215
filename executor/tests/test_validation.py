"""ValidateAgent, HealthCheck and ListEnvironments."""

from __future__ import annotations

import json

import grpc
import pytest

from arena_executor.generated import executor_pb2 as pb
from conftest import FOLLOWER, IDLE, SAMPLES, SLEEPER, refused, zipped


def test_a_good_agent_is_valid_and_its_output_is_shown(executor):
    agent = executor.agent("print('loading')\n" + FOLLOWER)

    response = executor.validate(code_url=agent.code_url)

    assert response.valid
    assert list(response.errors) == []
    assert response.verdict == pb.NONE
    assert response.log_tail == "loading\nloading\n"


@pytest.mark.parametrize(
    ("source", "verdict", "sentence"),
    [
        (
            "class Agent:\n    def act(self, o)\n        return 1\n",
            pb.LOAD_ERROR,
            "Syntax error in agent.py, line 2: expected ':'.",
        ),
        (
            "import torch\n",
            pb.LOAD_ERROR,
            "Import error: there is no module named 'torch'. Add it to requirements.txt or put it "
            "beside your agent.",
        ),
        (
            "x = 1\n",
            pb.LOAD_ERROR,
            "No agent was found: define a class Agent with a method act(observation), or a "
            "function create_agent().",
        ),
        (
            "def act(o):\n    return o.missing\n",
            pb.EXCEPTION,
            "The agent raised an exception in step 1, as player 0: AttributeError: "
            "'numpy.ndarray' object has no attribute 'missing' (agent.py, line 2).",
        ),
        (
            "def act(o):\n    return 5\n",
            pb.ILLEGAL_ACTION,
            "The agent's action in step 1, as player 0 was refused. It returned 5; allowed is "
            "0 to 2.",
        ),
        (
            "def act(o):\n    return [1]\n",
            pb.INVALID_OUTPUT,
            "The agent's action in step 1, as player 0 was refused. It returned a list; an "
            "integer from 0 to 2 is needed.",
        ),
        (
            SLEEPER,
            pb.MOVE_TIMEOUT,
            "The agent did not answer in time in step 1, as player 0. A move took more than 2 s.",
        ),
    ],
)
def test_a_bad_agent_is_told_what_to_mend(executor, source, verdict, sentence):
    response = executor.validate(code_url=executor.agent(source).code_url)

    assert not response.valid
    assert list(response.errors) == [sentence]
    assert response.verdict == verdict


def test_a_failure_in_one_seat_alone_is_found(executor):
    source = (
        "class Agent:\n    def __init__(self, player_id):\n        self.seat = player_id\n"
        "    def act(self, o):\n        return 1 if self.seat == 0 else 8\n"
    )

    response = executor.validate(code_url=executor.agent(source).code_url)

    assert not response.valid
    assert "as player 1" in response.errors[0]


def test_the_traceback_is_in_the_log(executor):
    source = "def act(o):\n    print('thinking')\n    raise RuntimeError('deep')\n"

    response = executor.validate(code_url=executor.agent(source).code_url)

    assert response.log_tail.startswith("thinking\nTraceback")
    assert "RuntimeError: deep" in response.log_tail


def test_code_in_the_message_works_as_zip_and_as_source(executor):
    assert executor.validate(code_zip=zipped({"main.py": IDLE})).valid
    assert executor.validate(code_zip=IDLE.encode()).valid


def test_a_bad_archive_in_the_message_is_the_authors_to_mend(executor):
    response = executor.validate(code_zip=zipped({"../agent.py": IDLE}))

    assert not response.valid
    assert response.verdict == pb.LOAD_ERROR
    assert "leaves its folder" in response.errors[0]


@pytest.mark.parametrize("environment", sorted(p.name for p in SAMPLES.iterdir() if p.is_dir()))
def test_the_broken_samples_are_invalid_and_the_others_valid(executor, environment):
    for path in sorted((SAMPLES / environment).glob("*.py")):
        response = executor.validate(code_zip=path.read_bytes(), environment=environment)
        assert response.valid == (path.stem != "broken"), (path, response)


def test_requests_without_code_or_environment_are_refused(executor):
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "code_url, code_zip or docker_image"):
        executor.validate()
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "no environment"):
        executor.validate(environment="nope", code_zip=b"x")
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "outside the folders"):
        executor.validate(code_url="/etc/passwd")


def test_health_tells_capacity_and_layers(executor):
    health = executor.stub.HealthCheck(pb.HealthCheckRequest())

    assert health.healthy
    assert health.capacity == 2
    assert health.version
    for layer in ("user-namespace", "pid-namespace", "network-namespace", "rlimits"):
        assert health.metadata[f"layer.{layer}"] == "on"
    assert all(v == "on" or v.startswith("off: ") for v in health.metadata.values())


def test_the_catalogue_is_complete(executor):
    environments = executor.stub.ListEnvironments(pb.ListEnvironmentsRequest()).environments

    assert [e.id for e in environments] == [
        *("pong", "tic-tac-toe", "connect-four", "chess", "go", "leduc-holdem", "texas-holdem")
    ]
    pong = environments[0]
    assert (pong.name, pong.min_players, pong.max_players, pong.max_steps) == ("Pong", 2, 2, 1000)
    assert pong.version == "rl-arena-0.1.2"
    config = json.loads(pong.config_json)
    assert config["configuration"]["winning_score"] == 11
    assert config["source"] == "rl-arena"
    assert config["timeBudgets"] == {
        "moveSeconds": 1.0,
        "moveLimitSeconds": 2.0,
        "bankSeconds": 30.0,
        "loadSeconds": 10.0,
        "matchSeconds": 300.0,
    }
