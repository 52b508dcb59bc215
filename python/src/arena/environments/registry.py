"""Finds games by id: those shipped here, and those of installed packages.

A package adds games by entry points of the group `arena.environments`. The name of an entry point
is the id of the game, its value a class or function that takes no arguments and returns an
Environment.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from arena.environments.base import Environment, EnvironmentSpec

GROUP = "arena.environments"

# Not entry points: the executor also runs from a source tree that nobody has installed. As text,
# because a runner plays one game and the libraries of the others take a second to import.
_SHIPPED = {
    "pong": "arena.environments.pong:Pong",
    "tic-tac-toe": "arena.environments.boards:tic_tac_toe",
    "connect-four": "arena.environments.boards:connect_four",
    "chess": "arena.environments.boards:chess",
    "go": "arena.environments.boards:go",
    "leduc-holdem": "arena.environments.poker:leduc_holdem",
    "texas-holdem": "arena.environments.poker:texas_holdem",
}

_log = logging.getLogger(__name__)


def create(environment_id: str) -> Environment:
    """A new environment; KeyError for an unknown id."""
    if environment_id in _SHIPPED:
        module, _, name = _SHIPPED[environment_id].partition(":")
        factory: Callable[[], Environment] = getattr(importlib.import_module(module), name)
        return factory()
    return _create_installed(_installed()[environment_id])


def specs() -> list[EnvironmentSpec]:
    """The catalogue: the shipped games in a fixed order, then the installed ones by id.

    An installed game that cannot be created is left out with a warning: one broken package must
    not keep an executor from playing everything else.
    """
    found = [create(environment_id).spec for environment_id in _SHIPPED]
    for environment_id, entry in sorted(_installed().items()):
        try:
            found.append(_create_installed(entry).spec)
        except Exception as error:
            _log.warning("environment %s is left out: %s", environment_id, error)
    return found


def ids() -> list[str]:
    """What create() knows, without importing any game."""
    return [*_SHIPPED, *sorted(_installed())]


def _create_installed(entry: EntryPoint) -> Environment:
    environment = entry.load()()
    if not isinstance(environment, Environment):
        raise TypeError(f"{entry.value} returns {type(environment).__name__}, no Environment")
    if environment.spec.id != entry.name:
        raise ValueError(f"its entry point is called {entry.name}, its id is {environment.spec.id}")
    return environment


@cache
def _installed() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name in _SHIPPED or entry.name in found:
            _log.warning("environment %s of %s: the id is taken", entry.name, entry.value)
        else:
            found[entry.name] = entry
    return found
