"""Pong of the PyPI package rl-arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rl_arena
from gymnasium.spaces import Discrete
from rl_arena.envs.pong import PongEnvironment

from arena.environments.base import Environment, EnvironmentSpec
from arena.environments.catalogue import catalogue_config, quick_start, space

_ACTIONS = ("up", "stay", "down")


class _Actions(Discrete):
    def contains(self, x: Any) -> bool:
        return type(x) is int and 0 <= x < len(_ACTIONS)


class _Game(PongEnvironment):  # type: ignore[misc]
    """The library makes a space for every action that it checks, and asks numpy what an integer is:
    that takes a third of a step. What comes here has been checked already."""

    action_space = _Actions(len(_ACTIONS))


class Pong(Environment):
    """Both seats move in every step and see the same vector; seat 0 is the left paddle."""

    action_count = len(_ACTIONS)

    def __init__(self) -> None:
        self._game = _Game()
        self._observations: list[Any] = []
        self._over = False
        self.spec = _spec(self._game.config)

    def reset(self, seed: int, seats: int) -> None:
        self._observations, _ = self._game.reset(seed=seed)
        self._over = False

    def to_move(self) -> Sequence[int]:
        return (0, 1)

    def observation(self, seat: int) -> Any:
        return self._observations[seat]

    def illegal_reason(self, seat: int, action: int) -> str | None:
        return None

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        observations, rewards, terminated, truncated, _ = self._game.step([actions[0], actions[1]])
        self._observations = observations
        self._over = bool(terminated or truncated)
        return [float(reward) for reward in rewards]

    @property
    def over(self) -> bool:
        return self._over

    def frame_info(self) -> dict[str, Any]:
        game = self._game
        return {
            "scores": [int(game.score1), int(game.score2)],
            "ball_pos": [float(game.ball_pos[0]), float(game.ball_pos[1])],
            "paddle_positions": [float(game.paddle1_y), float(game.paddle2_y)],
        }

    def describe_action(self, action: int) -> str:
        return _ACTIONS[action]


def _spec(config: Mapping[str, Any]) -> EnvironmentSpec:
    return EnvironmentSpec(
        id="pong",
        name="Pong",
        description="Two paddles, one ball, first to 11 points.",
        version=f"rl-arena-{rl_arena.__version__}",
        min_players=2,
        max_players=2,
        max_steps=int(config["max_steps"]),
        source="rl-arena",
        config=catalogue_config(
            rules=(
                "Each step both paddles move by 0.05 up or down or stay, then the ball moves. A "
                "ball that passes a paddle scores a point for the other side. The first side with "
                f"{config['winning_score']} points wins; after {config['max_steps']} steps the "
                "points decide. Player 0 has the left paddle, player 1 the right one."
            ),
            action_space=space(
                "Discrete",
                [3],
                "0 to 2",
                "0 = up (y decreases), 1 = stay, 2 = down (y increases)",
            ),
            observation_space=space(
                "Box",
                [8],
                "0 to 1; velocities -1 to 1; scores 0 to 100",
                "float32: ball x, ball y, ball velocity x, ball velocity y, y of the left "
                "paddle, y of the right paddle, points of player 0, points of player 1; the "
                "same for both players",
            ),
            scoring="Sum of rewards: +1 for each point scored, -1 for each conceded.",
            configuration={
                key: config[key]
                for key in (
                    "winning_score",
                    "max_steps",
                    "paddle_height",
                    "paddle_speed",
                    "ball_speed",
                    "ball_radius",
                )
            },
            quick_start=quick_start("pong"),
            renderer="pong",
        ),
    )
