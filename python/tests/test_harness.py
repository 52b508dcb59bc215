"""What counts as an agent, and what authors are told."""

from __future__ import annotations

import types

import numpy as np
import pytest

from arena import harness

CLASS = """
class {name}:
    def __init__(self{parameter}):
        self.seat = {seat}
    def {method}(self, observation):
        return self.seat
"""


def load(source: str) -> types.ModuleType:
    module = types.ModuleType("agent")
    exec(compile(source, "agent.py", "exec"), module.__dict__)
    return module


def agent_class(name="Agent", parameter=", player_id=0", seat="player_id", method="act") -> str:
    return CLASS.format(name=name, parameter=parameter, seat=seat, method=method)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (agent_class(), 1),
        (agent_class(method="get_action"), 1),
        (agent_class(method="predict"), 1),
        (agent_class(parameter="", seat="7"), 7),
        (agent_class(parameter=", player_id", seat="player_id"), 1),
        (agent_class(parameter=", seat", seat="seat"), 1),
        (agent_class(parameter=", *, player_id", seat="player_id"), 1),
        (agent_class(parameter=", **options", seat="options['player_id']"), 1),
        (agent_class(name="PongAgent", parameter="", seat="5"), 5),
        (agent_class(name="Bot", parameter="", seat="6"), 6),
        (agent_class() + "def create_agent(player_id):\n    return Agent(player_id + 10)", 11),
        (agent_class() + "def create_agent():\n    return Agent(20)", 20),
        (agent_class("My", "", "3") + "create_agent = My", 3),
        ("def get_action(observation):\n    return 8", 8),
        ("def act(observation):\n    return 9", 9),
        ("def predict(observation):\n    return 4", 4),
        ("act = lambda observation: 2", 2),
        # A helper with a fitting method beside the function that is meant.
        (agent_class("Model", "", "1", "predict") + "def get_action(o):\n    return 3", 3),
        # The abstract base is imported as Agent; the subclass is the agent.
        (
            "from rl_arena import Agent\nclass Mine(Agent):\n    def act(self, o):\n"
            "        return 10 + self.player_id",
            11,
        ),
        (
            "class BaseAgent:\n    def act(self, o):\n        return 0\n"
            "class BestAgent(BaseAgent):\n    def act(self, o):\n        return 6",
            6,
        ),
        # More than one method: act comes first.
        (
            "class Agent:\n    def predict(self, o):\n        return 1\n"
            "    def act(self, o):\n        return 2",
            2,
        ),
    ],
)
def test_every_documented_shape_is_found(source, expected):
    act = harness.bind(load(source), player_id=1)

    assert act(None) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1", "No agent was found"),
        ("class Agent:\n    pass", "Agent has none of the methods"),
        ("class Agent:\n    def __init__(self, a, b):\n        pass", "needs arguments"),
        (agent_class("OneAgent") + agent_class("TwoAgent"), "OneAgent, TwoAgent"),
    ],
)
def test_what_is_no_agent_is_explained(source, message):
    with pytest.raises(harness.LoadError, match=message):
        harness.bind(load(source), player_id=0)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["agent.py", "main.py", "x.py"], "agent.py"),
        (["main.py", "x.py"], "main.py"),
        (["my bot.py", "data.txt"], "my bot.py"),
    ],
)
def test_entry_file(tmp_path, files, expected):
    for name in files:
        (tmp_path / name).touch()

    assert harness.find_entry(str(tmp_path)) == str(tmp_path / expected)


@pytest.mark.parametrize("files", [[], ["readme.txt"], ["a.py", "b.py"]])
def test_without_a_clear_entry_file_there_is_an_explanation(tmp_path, files):
    for name in files:
        (tmp_path / name).touch()

    with pytest.raises(harness.LoadError, match=r"agent\.py"):
        harness.find_entry(str(tmp_path))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, ("int", 2)),
        (True, ("int", 1)),
        (np.int64(2), ("int", 2)),
        (np.uint8(2), ("int", 2)),
        (np.bool_(True), ("int", 1)),
        (np.array(2), ("int", 2)),
        (10**40, ("int", 1 << 62)),
        (-(10**40), ("int", 1 << 62)),
        (1.0, ("other", "float")),
        (np.float32(1), ("other", "float32")),
        (None, ("other", "NoneType")),
        ("1", ("other", "str")),
        ([1], ("other", "list")),
        (np.array([1]), ("other", "array of shape (1,) and type int64")),
        (np.array(1.0), ("other", "array of shape () and type float64")),
        (float("nan"), ("other", "float")),
    ],
)
def test_returned_values(value, expected):
    assert harness.describe_action(value) == expected


class Nasty(Exception):
    def __str__(self) -> str:
        raise SystemExit


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ValueError("bad"), "exception", "ValueError: bad"),
        (SystemExit(3), "exception", "SystemExit: 3"),
        (MemoryError(), "memory", "MemoryError"),
        (BlockingIOError(11, "no"), "process_limit", "BlockingIOError"),
        (RuntimeError("can't start new thread"), "process_limit", "can't start"),
        (OSError(28, "No space left"), "disk_limit", "No space left"),
        (OSError(27, "File too large"), "disk_limit", "File too large"),
        (ModuleNotFoundError("x", name="torch"), "exception", "no module named 'torch'"),
        (SyntaxError("bad", ("/agent/sub/a.py", 3, 1, "")), "exception", "sub/a.py, line 3: bad"),
        (harness.LoadError("Say this."), "load", "Say this."),
        (Nasty(), "exception", "Nasty was raised"),
        (ValueError("\ud800"), "exception", "ValueError: ?"),
    ],
)
def test_failures_are_described(error, kind, text):
    described = harness.describe_failure(error, "/agent")

    assert described[0] == kind
    assert text in described[1]
