"""Plays one match of every shipped game and prints its canonical replays, one a line.

Started by test_determinism.py in processes of its own. The agents decide by a checksum of what they
observe: whatever differs in an observation would change the game.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from arena import environments
from arena.agents import Answer
from arena.match import Rules, play
from arena.replay import MatchInfo, Participant, canonical, replay_document


class Table:
    """Agents in this process; their time differs from run to run as it does in real matches."""

    def __init__(self, seats: int, actions: int) -> None:
        self._seats, self._actions = seats, actions

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Any]:
        return {seat: Answer(None, 0.1) for seat in range(self._seats)}

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Any]:
        return {
            seat: Answer(("int", self._choose(seen)), hash(str(seat)) % 1000 / 1e6)
            for seat, seen in observations.items()
        }

    def _choose(self, seen: Any) -> int:
        array = seen["observation"] if isinstance(seen, dict) else seen
        legal = (
            np.flatnonzero(seen["action_mask"])
            if isinstance(seen, dict)
            else np.arange(self._actions)
        )
        return int(legal[zlib.crc32(np.ascontiguousarray(array).tobytes()) % len(legal)])


def main() -> None:
    for spec in environments.specs():
        environment = environments.create(spec.id)
        seats = spec.max_players
        table = Table(seats, environment.action_count)
        result = play(environment, table, Rules(), seed=2**53 - 9, seats=seats)
        people = [Participant(f"agent-{seat}", f"name {seat}") for seat in range(seats)]
        info = MatchInfo("match", 2**53 - 9, people, 1700000000.0, 1700000001.0)
        print(canonical(replay_document(spec, info, result)).decode())


if __name__ == "__main__":
    main()
