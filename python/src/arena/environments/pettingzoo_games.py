"""Games of PettingZoo, turn-based (AEC) and simultaneous (parallel)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arena.environments.base import Environment, EnvironmentSpec

# Some games import pygame, which greets on stdout and wants a display that is never used here.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def make_aec(name: str, **settings: Any) -> Any:
    """A turn-based game of PettingZoo's registry, without the wrappers that police its callers:
    illegal actions never reach it, and two of the wrappers compute each observation again."""
    import pettingzoo

    return pettingzoo.make("aec", name, **settings).unwrapped


class AecGame(Environment):
    """A turn-based game: only the seat to move is asked.

    An observation is the library's: a dict of `observation` and `action_mask` (1 where an action is
    legal) in the classic family. make is called with the number of seats and returns a game whose
    agents all have the same discrete action space.
    """

    def __init__(self, spec: EnvironmentSpec, make: Callable[[int], Any]) -> None:
        self.spec = spec
        self._make = make
        self._steps = 0
        self._last_action: int | None = None
        self._seen: dict[int, Any] = {}
        self._sit_down(spec.min_players)

    def reset(self, seed: int, seats: int) -> None:
        if seats != len(self._seats):
            self._sit_down(seats)
        self.game.reset(seed=_library_seed(seed))
        self._steps, self._last_action = 0, None
        self._seen.clear()

    def to_move(self) -> Sequence[int]:
        return (self._seats.index(self.game.agent_selection),)

    def observation(self, seat: int) -> Any:
        # Computed once a step: it is asked for again to check the action and for the replay.
        if seat not in self._seen:
            self._seen[seat] = self.game.observe(self._seats[seat])
        return self._seen[seat]

    def illegal_reason(self, seat: int, action: int) -> str | None:
        seen = self.observation(seat)
        if not isinstance(seen, dict) or "action_mask" not in seen or seen["action_mask"][action]:
            return None
        return f"{self.describe_action(action)} is not allowed now"

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        (seat,) = self.to_move()
        self._last_action = actions[seat]
        self._steps += 1
        self._seen.clear()
        self.game.step(actions[seat])
        return [float(self.game.rewards[name]) for name in self._seats]

    @property
    def over(self) -> bool:
        game = self.game
        return (
            any(game.terminations.values())
            or any(game.truncations.values())
            or self._steps >= self.spec.max_steps
        )

    def frame_info(self) -> dict[str, Any]:
        return {"to_move": self._mover(), "last_action": self._last_action}

    def _mover(self) -> int | None:
        """The seat to move, None at the end."""
        return None if self.over else self.to_move()[0]

    def _sit_down(self, seats: int) -> None:
        self.game = self._make(seats)
        self._seats: list[str] = list(self.game.possible_agents)
        if len(self._seats) != seats:
            raise ValueError(f"{self.spec.id} has {len(self._seats)} seats, not {seats}")
        self.action_count = int(self.game.action_space(self._seats[0]).n)


class ParallelGame(Environment):
    """A simultaneous game: every seat is asked in every step.

    make is called with the number of seats and returns a game whose agents all have the same
    discrete action space; agents that leave early are not asked any more.
    """

    def __init__(self, spec: EnvironmentSpec, make: Callable[[int], Any]) -> None:
        self.spec = spec
        self._make = make
        self._steps = 0
        self._observations: dict[str, Any] = {}
        self._last_actions: list[int | None] = []
        self._sit_down(spec.min_players)

    def reset(self, seed: int, seats: int) -> None:
        if seats != len(self._seats):
            self._sit_down(seats)
        self._observations, _ = self.game.reset(seed=_library_seed(seed))
        self._observations = dict(self._observations)
        self._steps, self._last_actions = 0, [None] * seats

    def to_move(self) -> Sequence[int]:
        return [seat for seat, name in enumerate(self._seats) if name in self.game.agents]

    def observation(self, seat: int) -> Any:
        return self._observations[self._seats[seat]]

    def illegal_reason(self, seat: int, action: int) -> str | None:
        seen = self.observation(seat)
        if not isinstance(seen, dict) or "action_mask" not in seen or seen["action_mask"][action]:
            return None
        return f"{self.describe_action(action)} is not allowed now"

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        self._steps += 1
        self._last_actions = [actions.get(seat) for seat in range(len(self._seats))]
        named = {self._seats[seat]: action for seat, action in actions.items()}
        observations, rewards, _, _, _ = self.game.step(named)
        self._observations.update(observations)
        return [float(rewards.get(name, 0.0)) for name in self._seats]

    @property
    def over(self) -> bool:
        return not self.game.agents or self._steps >= self.spec.max_steps

    def frame_info(self) -> dict[str, Any]:
        return {"last_actions": list(self._last_actions)}

    def _sit_down(self, seats: int) -> None:
        self.game = self._make(seats)
        self._seats: list[str] = list(self.game.possible_agents)
        if len(self._seats) != seats:
            raise ValueError(f"{self.spec.id} has {len(self._seats)} seats, not {seats}")
        self.action_count = int(self.game.action_space(self._seats[0]).n)


def _library_seed(seed: int) -> int:
    # The libraries seed 32-bit generators; seeds here may have 53 bits.
    return seed % (1 << 32)
