"""Two-player board games of PettingZoo's classic family."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from arena.environments.base import Environment, EnvironmentSpec

# The library prints a greeting to stdout on import, and wants a display it never uses here.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


class BoardGame(Environment):
    """A turn-based PettingZoo game: only the seat to move is asked.

    Observations are the library's dict of `observation` (one plane per side, the observer's own
    first) and `action_mask` (1 where an action is legal).
    """

    def __init__(self, spec: EnvironmentSpec, make: Callable[[], Any], rows: int, columns: int):
        self.spec = spec
        self._game = make()
        self._rows, self._columns = rows, columns
        self._seats: list[str] = list(self._game.possible_agents)
        self.action_count = int(self._game.action_space(self._seats[0]).n)
        self._last_move: int | None = None

    def reset(self, seed: int, seats: int) -> None:
        # The library seeds a 32-bit generator; seeds here may have 53 bits.
        self._game.reset(seed=seed % (1 << 32))
        self._last_move = None

    def to_move(self) -> Sequence[int]:
        return (self._seats.index(self._game.agent_selection),)

    def observation(self, seat: int) -> Any:
        return self._game.observe(self._seats[seat])

    def illegal_reason(self, seat: int, action: int) -> str | None:
        if self.observation(seat)["action_mask"][action]:
            return None
        return f"{self.describe_action(action)} is not free"

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        (seat,) = self.to_move()
        self._last_move = actions[seat]
        self._game.step(actions[seat])
        return [float(self._game.rewards[name]) for name in self._seats]

    @property
    def over(self) -> bool:
        return any(self._game.terminations.values()) or any(self._game.truncations.values())

    def frame_info(self) -> dict[str, Any]:
        # Seen by the first seat: plane 0 is its own, plane 1 the other side's.
        planes = self._game.observe(self._seats[0])["observation"]
        board = [
            [1 if planes[r, c, 0] else 2 if planes[r, c, 1] else 0 for c in range(self._columns)]
            for r in range(self._rows)
        ]
        return {"board": board, "last_action": self._last_move}

    def describe_action(self, action: int) -> str:
        return f"column {action}" if self.action_count == self._columns else f"square {action}"


def tic_tac_toe() -> BoardGame:
    """Tic-tac-toe: nine squares, three in a row win."""
    from pettingzoo.classic import tictactoe_v3

    spec = EnvironmentSpec(
        id="tic-tac-toe",
        name="Tic-Tac-Toe",
        description="Three in a row on a board of three by three.",
        version=f"tictactoe_v3-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=9,
        config={
            "rules": (
                "The players take a free square in turn; player 0 begins. Three own marks in a "
                "row, column or diagonal win. A full board without one is a draw."
            ),
            **_spaces(actions=9, rows=3, columns=3, meaning="index of the square to take"),
            "configuration": {"rows": 3, "columns": 3, "winCondition": 3, "max_steps": 9},
        },
    )
    return BoardGame(spec, tictactoe_v3.env, rows=3, columns=3)


def connect_four() -> BoardGame:
    """Connect Four: seven columns, six rows, four in a row win."""
    from pettingzoo.classic import connect_four_v3

    spec = EnvironmentSpec(
        id="connect-four",
        name="Connect Four",
        description="Drop pieces into seven columns; four in a row win.",
        version=f"connect_four_v3-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=42,
        config={
            "rules": (
                "The players drop a piece into a column in turn; player 0 begins. Four own pieces "
                "in a row, column or diagonal win. A full board without them is a draw."
            ),
            **_spaces(actions=7, rows=6, columns=7, meaning="column to drop a piece into"),
            "configuration": {"rows": 6, "columns": 7, "winCondition": 4, "max_steps": 42},
        },
    )
    return BoardGame(spec, connect_four_v3.env, rows=6, columns=7)


def _spaces(actions: int, rows: int, columns: int, meaning: str) -> dict[str, Any]:
    return {
        "actionSpace": {
            "type": "Discrete",
            "shape": [actions],
            "range": f"0 to {actions - 1}",
            "description": f"{meaning}; only where the action mask is 1",
        },
        "observationSpace": {
            "type": "Dict",
            "shape": [rows, columns, 2],
            "range": "0 or 1",
            "description": (
                f"observation: int8 array of {rows} x {columns} x 2, own pieces in plane 0 and the "
                f"opponent's in plane 1; action_mask: int8 array of {actions}"
            ),
        },
        "scoringSystem": "+1 for a win, -1 for a loss, 0 for a draw.",
        "renderer": "board",
    }
