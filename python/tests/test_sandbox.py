"""Agents that load, and what their authors are told; time, and limits of a whole sandbox.

What agents do that mean harm is in test_hostile.py.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena.agent_python import AgentPython
from conftest import GOOD
from hostile import ACT, in_act
from places import Outcome, OwnPlace, agent_python


def test_memory_that_rlimits_do_not_see_is_bounded_by_the_control_group(home_arena):
    if "memory" not in home_arena.cgroups.available:
        pytest.skip("no writable control group with the memory controller")
    source = in_act(
        """
import mmap
shared = mmap.mmap(-1, 900 << 20)
for at in range(0, 900 << 20, 4096): shared[at] = 1"""
    )

    outcome = home_arena.play(source, GOOD["pong"], move_limit_seconds=10.0)

    assert outcome.verdicts() == ["memory", "none"], summary(outcome)
    assert outcome.seats[0]["message"] == "It used more than 512 MiB of memory."


def test_both_failing_at_once_is_no_contest(arena):
    crash = in_act("os._exit(1)")

    outcome = arena.play(crash, crash)

    assert outcome.result["no_contest"]
    assert outcome.result["winner"] is None
    assert outcome.verdicts() == ["crash", "crash"]


def test_a_failing_agent_at_turn_in_a_board_game_loses(arena):
    outcome = arena.play(
        GOOD["tic-tac-toe"], "def act(o):\n    return 0\n", environment="tic-tac-toe"
    )

    assert outcome.verdicts() == ["none", "illegal_action"]
    assert outcome.result["winner"] == 0
    assert "square 0 is not free" in outcome.seats[1]["message"]


def test_packages_of_an_installation_below_tmp_are_found(monkeypatch):
    """Agents have a /tmp of their own, which must not cover it."""
    installed = AgentPython.probe(agent_python())
    with tempfile.TemporaryDirectory(prefix="arena-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        copies = [f"{folder}/{number}" for number, _ in enumerate(installed.site_packages)]
        for source, target in zip(installed.site_packages, copies, strict=True):
            shutil.copytree(source, target)
        python = replace(installed, site_packages=copies)
        monkeypatch.setattr(AgentPython, "probe", lambda *_: python)
        place = OwnPlace("zygote")
        try:
            outcome = place.play(
                *["import gymnasium\ndef act(o):\n    return 1\n"] * 2, max_steps=2
            )
        finally:
            place.close()

    assert outcome.verdicts() == ["none", "none"], outcome.seats


def test_sibling_modules_data_files_and_packages_are_found(home_arena):
    agent = {
        "agent.py": (
            "import json, os, rl_arena, gymnasium, numpy\n"
            "from helpers.choose import choose\n"
            "with open('weights.json') as file: WEIGHTS = json.load(file)\n"
            "with open(os.path.join(os.path.dirname(__file__), 'weights.json')) as f: f.read()\n"
            "class Agent(rl_arena.Agent):\n"
            "    def act(self, observation):\n"
            "        assert isinstance(observation, numpy.ndarray)\n"
            "        observation[0] = 7\n"
            "        return choose(WEIGHTS, self.player_id)\n"
        ),
        "helpers/__init__.py": "",
        "helpers/choose.py": "def choose(w, seat):\n    print(seat)\n    return w[seat]",
        "weights.json": "[1, 2]",
    }

    outcome = home_arena.play(agent, agent)

    assert outcome.verdicts() == ["none", "none"], outcome.seats
    assert outcome.seats[1]["stdout"].startswith("1\n1\n")


def test_no_two_agents_draw_the_same_random_numbers(home_arena):
    """Forks of one process would, if nobody seeded them anew."""
    source = (
        "import random, numpy, uuid\n"
        "print(random.random(), numpy.random.random(), random.getrandbits(64), uuid.uuid4())" + ACT
    )

    outcomes = [home_arena.play(source, source, max_steps=1) for _ in range(2)]

    drawn = [word for outcome in outcomes for seat in outcome.seats for word in printed(seat)]
    assert len(drawn) == len(set(drawn)) == 16


@pytest.mark.parametrize(("name", "place"), [("numpy", "/packages/0/numpy"), ("other", "numpy")])
def test_an_agent_may_bring_its_own_numpy(home_arena, name, place):
    """It cannot be imported over the one that is loaded, so such an agent starts cold."""
    packages = home_arena.folder / f"packages-{name}"
    packages.mkdir()
    packages.chmod(0o755)
    (packages / name).symlink_to("/opt/site-packages/0/numpy")
    source = "import numpy\nprint(numpy.__file__)" + ACT

    outcome = home_arena.play(source, source, packages=(str(packages),), max_steps=3)

    assert outcome.verdicts() == ["none", "none"], summary(outcome)
    for seat in outcome.seats:
        (file,) = printed(seat)
        assert file.endswith(f"{place}/__init__.py")
        assert file.startswith("/packages/") == (name == "numpy")


def test_shadowing_the_standard_library_only_hurts_the_author(home_arena):
    agent = {
        "agent.py": "import json\n" + ACT,
        "json.py": "raise RuntimeError('mine')",
        "msgpack.py": "raise RuntimeError('mine')",
        "numpy.py": "raise RuntimeError('mine')",
        "os.py": "raise RuntimeError('mine')",
        "sitecustomize.py": "raise RuntimeError('mine')",
        "evil.pth": "import os; os._exit(1)",
    }

    outcome = home_arena.play(agent, GOOD["pong"])

    assert outcome.verdicts() == ["none", "none"], outcome.seats


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ndef act(o)\n    return 1\n", "Syntax error in agent.py, line 2: expected ':'."),
        ("import torchvision\n", "Import error: there is no module named 'torchvision'."),
        ("from math import nothing\n", "Import error: cannot import name 'nothing'"),
        ("x = 1\n", "No agent was found"),
        ("class Agent:\n    pass\n", "none of the methods"),
        ("1 / 0\n", "ZeroDivisionError: division by zero (agent.py, line 1)"),
    ],
)
def test_load_errors_tell_what_to_mend(home_arena, source, message):
    outcome = home_arena.play(GOOD["pong"], source)

    assert outcome.verdicts() == ["none", "load_error"]
    assert message in outcome.seats[1]["message"]


def test_an_exception_is_told_with_its_place_and_traceback(home_arena):
    source = "def act(o):\n    return helper(o)\ndef helper(o):\n    raise ValueError('why')\n"

    outcome = home_arena.play(source, GOOD["pong"])

    assert outcome.seats[0]["message"] == "ValueError: why (agent.py, line 4)"
    assert 'File "agent.py", line 2, in act' in outcome.seats[0]["traceback"]
    assert "harness" not in outcome.seats[0]["traceback"]


def test_a_busy_machine_does_not_cost_a_move(home_arena):
    """Two agents that each compute for 0.3 s on one core, with 0.45 s allowed: each waits at least
    0.6 s by the clock on the wall. The first ends the match by itself in its third move."""
    busy = (
        "import time\nmoves = []\ndef act(o):\n    moves.append(1)\n    t = time.process_time()\n"
        "    while time.process_time() - t < 0.3: pass\n    return 1\n"
    )
    ending = busy.replace("    return 1", "    return 1 if len(moves) < 3 else None")

    outcome = home_arena.play(ending, busy, move_limit_seconds=0.45)

    assert outcome.verdicts() == ["invalid_output", "none"], summary(outcome)
    assert outcome.result["steps"] == 2
    assert all(seat["seconds"] >= 0.6 for seat in outcome.seats)


def printed(seat: dict[str, Any]) -> list[str]:
    return seat["stdout"].split()


def summary(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(seat["verdict"], seat["message"], seat["stderr"][-300:]) for seat in outcome.seats]
