"""Rock, paper, scissors of PettingZoo as a game of RL-Arena: both seats move in every step."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from arena.environments import EnvironmentSpec, catalogue_config, space
from arena.environments.pettingzoo_games import ParallelGame

ROUNDS = 15
SIGNS = ("rock", "paper", "scissors")

QUICK_START = '''\
import random


class Agent:
    """Beats what the opponent played last."""

    def act(self, observation):
        if observation == 3:  # nothing has been played yet
            return random.randrange(3)
        return (observation + 1) % 3  # 0 rock, 1 paper, 2 scissors
'''


class RockPaperScissors(ParallelGame):
    def frame_info(self) -> dict[str, Any]:
        played = [None if a is None else SIGNS[a] for a in super().frame_info()["last_actions"]]
        return {"round": self._steps, "played": played}

    def describe_action(self, action: int) -> str:
        return SIGNS[action]


def rock_paper_scissors() -> RockPaperScissors:
    """What the entry point names; called without arguments."""
    import pettingzoo

    spec = EnvironmentSpec(
        id="rock-paper-scissors",
        name="Rock, Paper, Scissors",
        description=f"{ROUNDS} rounds against the same opponent.",
        # Changes whenever the same seed and actions could give another game.
        version=f"rps_v2-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=ROUNDS,
        source="pettingzoo-parallel",
        move_seconds=0.5,
        config=catalogue_config(
            rules="Rock beats scissors, scissors beat paper, paper beats rock.",
            action_space=space("Discrete", [3], "0 to 2", "0 rock, 1 paper, 2 scissors"),
            observation_space=space(
                "Discrete", [4], "0 to 3", "what the opponent played last; 3 before the first round"
            ),
            scoring="+1 for each round won, -1 for each lost.",
            configuration={"max_steps": ROUNDS},
            quick_start=QUICK_START,
        ),
    )

    def make(seats: int) -> Any:
        return pettingzoo.make("parallel", "classic/rps-v2", num_actions=3, max_cycles=ROUNDS)

    return RockPaperScissors(spec, make)
