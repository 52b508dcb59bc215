"""A match is a function of its seed and its agents' actions, whatever the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from arena import environments
from arena.replay import TIME_FIELDS

SCRIPT = Path(__file__).with_name("deterministic_match.py")
SOURCE = SCRIPT.parent.parent / "src"


def test_two_fresh_processes_write_the_same_canonical_replays_of_every_game():
    processes = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4242")
    ]

    first, second = (process.communicate(timeout=100)[0].splitlines() for process in processes)

    games = [json.loads(line)["metadata"]["environment"] for line in first]
    assert games == environments.ids()
    for game, one, other in zip(games, first, second, strict=True):
        assert one == other, game
        assert json.loads(one)["metadata"]["total_steps"] > 3
        assert not any(f'"{name}"' in one for name in TIME_FIELDS)
