"""The games that can be played, found by id."""

from __future__ import annotations

from collections.abc import Callable

from arena.environments.base import Environment, EnvironmentSpec
from arena.environments.board_games import connect_four, tic_tac_toe
from arena.environments.pong import Pong

__all__ = ["Environment", "EnvironmentSpec", "create", "specs"]

_FACTORIES: dict[str, Callable[[], Environment]] = {
    "pong": Pong,
    "tic-tac-toe": tic_tac_toe,
    "connect-four": connect_four,
}


def create(environment_id: str) -> Environment:
    """A new environment; KeyError for an unknown id."""
    return _FACTORIES[environment_id]()


def specs() -> list[EnvironmentSpec]:
    """The catalogue, in the order of registration."""
    return [factory().spec for factory in _FACTORIES.values()]
