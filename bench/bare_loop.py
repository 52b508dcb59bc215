"""Games without any isolation: what a match costs if nobody minds who is judged by whom.

Started by the executor's bench, once per core, as bare_loop.py ENVIRONMENT AGENT SECONDS RECORD
FIRST_SEED. Prints the matches played, the seconds they took, and those of CPU.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from arena import environments
from arena.agents import Answer, Reply
from arena.match import Rules, play
from arena.replay import MatchInfo, Participant, replay_document, replay_html, replay_json

SEATS = 2


class InProcess:
    """A table at which the agents sit in this very process."""

    def __init__(self, act: Callable[[Any], int]) -> None:
        self._act = act

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]:
        return {seat: Answer(None, 0.0) for seat in range(SEATS)}

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        return {seat: Answer(("int", self._act(o)), 0.0) for seat, o in observations.items()}


def main() -> None:
    name, agent, seconds, record, seed = sys.argv[1:]
    game = environments.create(name)
    act = _load(agent)
    gc.disable()  # as in the runner
    played, begun, spent = 0, time.monotonic(), time.process_time()
    while time.monotonic() - begun < float(seconds):
        if record == "record":
            _recorded(game, act, int(seed) + played)
        else:
            _plain(game, act, int(seed) + played)
        played += 1
    print(played, time.monotonic() - begun, time.process_time() - spent)


def _plain(game: environments.Environment, act: Callable[[Any], int], seed: int) -> None:
    game.reset(seed, SEATS)
    while not game.over:
        game.step({seat: act(game.observation(seat)) for seat in game.to_move()})


def _recorded(game: environments.Environment, act: Callable[[Any], int], seed: int) -> None:
    result = play(game, InProcess(act), Rules(), seed, SEATS)
    people = [Participant(f"agent-{seat}", f"agent {seat}") for seat in range(SEATS)]
    document = replay_document(game.spec, MatchInfo("bare", seed, people, 0.0, 0.0), result)
    names = [game.describe_action(action) for action in range(game.action_count)]
    for content in (replay_json(document), replay_html(game.spec, document, names)):
        Path("/dev/null").write_bytes(content)


def _load(path: str) -> Callable[[Any], int]:
    spec = importlib.util.spec_from_file_location("agent", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.act  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
