"""The games that can be played, found by id."""

from __future__ import annotations

from arena.environments.base import Environment, EnvironmentSpec
from arena.environments.catalogue import catalogue_config, space
from arena.environments.registry import create, ids, specs

__all__ = [
    "Environment",
    "EnvironmentSpec",
    "catalogue_config",
    "create",
    "ids",
    "space",
    "specs",
]
