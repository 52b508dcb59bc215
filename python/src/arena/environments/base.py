"""What the runner needs of a game."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class EnvironmentSpec:
    """One entry of the catalogue.

    version changes whenever the same seed and actions could give another game. max_steps is the
    step after which a game is cut and decided by the rewards so far. config holds what people and
    clients read; arena.environments.catalogue_config() makes one.

    source names where the rules come from: rl-arena, pettingzoo-aec, pettingzoo-parallel, or
    anything else. move_seconds, bank_seconds and load_seconds make the rules of time stricter than
    those of the executor; None leaves them. records_observations: whether replays hold what the
    seats observed; games with large observations leave it out, since seed and actions give it back.
    """

    id: str
    name: str
    description: str
    version: str
    min_players: int
    max_players: int
    max_steps: int
    config: Mapping[str, Any] = field(default_factory=dict)
    source: str = "other"
    move_seconds: float | None = None
    bank_seconds: float | None = None
    load_seconds: float | None = None
    records_observations: bool = True

    @property
    def renderer(self) -> str:
        """How the replay page draws frame_info(): the name of one of its drawings."""
        return str(self.config.get("renderer", "generic"))


class Environment(ABC):
    """One game. Not thread-safe; reset() before anything else; one object serves many games.

    Seats are numbered from 0. Actions are integers from 0 to action_count - 1. The score of a seat
    is the sum of its rewards; ranks follow the scores.
    """

    spec: EnvironmentSpec
    action_count: int

    @abstractmethod
    def reset(self, seed: int, seats: int) -> None:
        """Starts a game. The same seed and the same actions give the same game."""

    @abstractmethod
    def to_move(self) -> Sequence[int]:
        """The seats asked for an action in this step: one in turn-based games, else all."""

    @abstractmethod
    def observation(self, seat: int) -> Any:
        """What the library documents that this seat observes: arrays, or a dict of arrays."""

    @abstractmethod
    def illegal_reason(self, seat: int, action: int) -> str | None:
        """Why an action inside the action space may not be played now; None when it may."""

    @abstractmethod
    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        """Plays the actions of the seats to move; returns the reward of every seat."""

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether the game has ended by its own rules, its own step limit included."""

    @abstractmethod
    def frame_info(self) -> dict[str, Any]:
        """The public state, as plain JSON values, for replays."""

    def describe_action(self, action: int) -> str:
        """What the action means, for messages and replays."""
        return str(action)

    def stand_in(self, seat: int) -> int | None:
        """The legal action played for a seat that has forfeited, so that the others can go on.

        Asked only while two or more seats are left. None ends the game: it makes no sense without
        that seat.
        """
        return None
