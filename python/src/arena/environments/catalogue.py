"""The part of a catalogue entry that people read: rules, spaces, scoring, a first agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any


def space(type: str, shape: Sequence[int], range: str, description: str) -> dict[str, Any]:
    """An action or observation space: its Gymnasium type, shape, range of values and meaning."""
    return {"type": type, "shape": list(shape), "range": range, "description": description}


def catalogue_config(
    *,
    rules: str,
    action_space: Mapping[str, Any],
    observation_space: Mapping[str, Any],
    scoring: str,
    configuration: Mapping[str, Any],
    quick_start: str,
    renderer: str = "generic",
) -> dict[str, Any]:
    """EnvironmentSpec.config, by the names that clients of the catalogue read.

    quick_start is the source of a complete agent. renderer: pong, board, chess, go or cards, for a
    frame_info() of the shape that docs/environments.md gives; generic draws any.
    """
    return {
        "rules": rules,
        "actionSpace": dict(action_space),
        "observationSpace": dict(observation_space),
        "quickStartCode": quick_start,
        "scoringSystem": scoring,
        "configuration": dict(configuration),
        "renderer": renderer,
    }


def quick_start(environment_id: str) -> str:
    """The first agent of a game that is shipped here."""
    file = resources.files("arena.environments").joinpath("quickstart", f"{environment_id}.py")
    return file.read_text("utf-8")
