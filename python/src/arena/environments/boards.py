"""Board games of PettingZoo's classic family, for two."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from arena.environments.base import EnvironmentSpec
from arena.environments.catalogue import catalogue_config, quick_start, space
from arena.environments.pettingzoo_games import AecGame, make_aec

_WIN_OR_LOSS = "+1 for a win, -1 for a loss, 0 for a draw."
_GO_SIZE = 9
# What a pawn that arrives may become besides a queen, in the order of the library's planes.
_UNDERPROMOTIONS = ("knight", "bishop", "rook")


class PlacingGame(AecGame):
    """Pieces are put on a grid and stay: tic-tac-toe and Connect Four."""

    action_word: str

    def __init__(self, spec: EnvironmentSpec, name: str, action_word: str) -> None:
        self.action_word = action_word
        super().__init__(spec, lambda _: make_aec(name))

    def illegal_reason(self, seat: int, action: int) -> str | None:
        reason = super().illegal_reason(seat, action)
        return reason and f"{self.describe_action(action)} is not free"

    def frame_info(self) -> dict[str, Any]:
        # Seen by the first seat: plane 0 is its own, plane 1 the other side's.
        planes = self.observation(0)["observation"]
        board = planes[:, :, 0] + 2 * planes[:, :, 1]
        return {**super().frame_info(), "board": board.tolist()}

    def describe_action(self, action: int) -> str:
        return f"{self.action_word} {action}"


class Chess(AecGame):
    """Chess by python-chess, with the actions and observations of AlphaZero."""

    def frame_info(self) -> dict[str, Any]:
        board = self.game.board
        move = board.peek().uci() if board.move_stack else None
        return {
            **super().frame_info(),
            "fen": board.fen(),
            "last_move": move,
            "check": board.is_check(),
        }

    def describe_action(self, action: int) -> str:
        """The square it starts from, as its player sees it: row 1 is the player's own."""
        column, rest = divmod(action, 8 * 73)
        row, plane = divmod(rest, 73)
        text = f"{'abcdefgh'[column]}{row + 1}, plane {plane}"
        if plane >= 64:
            text += f" ({_UNDERPROMOTIONS[(plane - 64) % 3]})"
        return text


class Go(AecGame):
    """Go on a small board."""

    def frame_info(self) -> dict[str, Any]:
        position = self.game._go
        # The library: 1 black, -1 white. Here: 1 the first seat, 2 the second.
        board = position.board % 3
        return {
            **super().frame_info(),
            "board": board.tolist(),
            "captures": [int(count) for count in position.caps],
            "score": float(position.score()),
        }

    def describe_action(self, action: int) -> str:
        row, column = divmod(action, _GO_SIZE)
        return "pass" if row == _GO_SIZE else f"{'ABCDEFGHJ'[column]}{_GO_SIZE - row}"


def tic_tac_toe() -> PlacingGame:
    """Tic-tac-toe: nine squares, three in a row win."""
    spec = EnvironmentSpec(
        id="tic-tac-toe",
        name="Tic-Tac-Toe",
        description="Three in a row on a board of three by three.",
        version=f"tictactoe_v3-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=9,
        source="pettingzoo-aec",
        config=catalogue_config(
            rules=(
                "The players take a free square in turn; player 0 begins. Three own marks in a "
                "row, column or diagonal win. A full board without one is a draw."
            ),
            action_space=_actions(9, "row * 3 + column of the square to take"),
            observation_space=_grid(3, 3, 9),
            scoring=_WIN_OR_LOSS,
            configuration={"rows": 3, "columns": 3, "winCondition": 3, "max_steps": 9},
            quick_start=quick_start("tic-tac-toe"),
            renderer="board",
        ),
    )
    return PlacingGame(spec, "classic/tictactoe-v3", "square")


def connect_four() -> PlacingGame:
    """Connect Four: seven columns, six rows, four in a row win."""
    spec = EnvironmentSpec(
        id="connect-four",
        name="Connect Four",
        description="Drop pieces into seven columns; four in a row win.",
        version=f"connect_four_v3-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=42,
        source="pettingzoo-aec",
        config=catalogue_config(
            rules=(
                "The players drop a piece into a column in turn; player 0 begins. Four own pieces "
                "in a row, column or diagonal win. A full board without them is a draw."
            ),
            action_space=_actions(7, "column to drop a piece into"),
            observation_space=_grid(6, 7, 7),
            scoring=_WIN_OR_LOSS,
            configuration={"rows": 6, "columns": 7, "winCondition": 4, "max_steps": 42},
            quick_start=quick_start("connect-four"),
            renderer="board",
        ),
    )
    return PlacingGame(spec, "classic/connect_four-v3", "column")


def chess() -> Chess:
    """Chess; claimable draws are claimed, and 400 half-moves end the game in a draw."""
    max_steps = 400
    spec = EnvironmentSpec(
        id="chess",
        name="Chess",
        description="Chess with the actions and observations of AlphaZero.",
        version=f"chess_v6-pettingzoo-{version('pettingzoo')}-chess-{version('chess')}",
        min_players=2,
        max_players=2,
        max_steps=max_steps,
        source="pettingzoo-aec",
        records_observations=False,
        config=catalogue_config(
            rules=(
                "The rules of chess; player 0 has the white pieces. A draw that could be claimed "
                "(threefold repetition, fifty moves) ends the game, as do stalemate and too little "
                f"material. After {max_steps} half-moves the game is a draw."
            ),
            action_space=_actions(
                4672,
                "column * 584 + row * 73 + plane of the square to move from, as the player sees "
                "the board; planes 0 to 55 are queen moves, 56 to 63 knight moves, 64 to 72 "
                "promotions to a knight, bishop or rook",
            ),
            observation_space=space(
                "Dict",
                [8, 8, 111],
                "0 or 1",
                "observation: bool array of 8 x 8 x 111 (castling rights, colour, move clock, then "
                "eight boards of 13 planes, the latest first), seen from the player's side; "
                "action_mask: int8 array of 4672",
            ),
            scoring=_WIN_OR_LOSS,
            configuration={"rows": 8, "columns": 8, "max_steps": max_steps},
            quick_start=quick_start("chess"),
            renderer="chess",
        ),
    )
    return Chess(spec, lambda _: make_aec("classic/chess-v6"))


def go() -> Go:
    """Go on 9 x 9 with area scoring; 250 moves end the game in a draw."""
    komi, max_steps = 7.5, 250
    spec = EnvironmentSpec(
        id="go",
        name="Go 9x9",
        description="Go on a board of nine by nine.",
        version=f"go_v5-pettingzoo-{version('pettingzoo')}",
        min_players=2,
        max_players=2,
        max_steps=max_steps,
        source="pettingzoo-aec",
        records_observations=False,
        config=catalogue_config(
            rules=(
                "The players put a stone on a free point in turn, or pass; player 0 has black and "
                "begins. Stones without liberties are taken. Suicide and retaking a ko at once are "
                "not allowed. Two passes in a row end the game: stones and surrounded points "
                f"count, and white gets {komi} more. After {max_steps} moves without that the game "
                "is a draw."
            ),
            action_space=_actions(
                _GO_SIZE**2 + 1,
                f"row * {_GO_SIZE} + column of the point, from the upper left; {_GO_SIZE**2} is a "
                "pass",
            ),
            observation_space=space(
                "Dict",
                [_GO_SIZE, _GO_SIZE, 17],
                "0 or 1",
                f"observation: bool array of {_GO_SIZE} x {_GO_SIZE} x 17: for each of the last "
                "eight positions a plane of the stones of who moved to it and a plane of the other "
                "side's, then a plane of ones for white and zeros for black; action_mask: int8 "
                f"array of {_GO_SIZE**2 + 1}",
            ),
            scoring=_WIN_OR_LOSS,
            configuration={
                "rows": _GO_SIZE,
                "columns": _GO_SIZE,
                "komi": komi,
                "max_steps": max_steps,
            },
            quick_start=quick_start("go"),
            renderer="go",
        ),
    )
    return Go(spec, lambda _: make_aec("classic/go-v5", board_size=_GO_SIZE, komi=komi))


def _actions(count: int, meaning: str) -> dict[str, Any]:
    text = f"{meaning}; only where the action mask is 1"
    return space("Discrete", [count], f"0 to {count - 1}", text)


def _grid(rows: int, columns: int, actions: int) -> dict[str, Any]:
    return space(
        "Dict",
        [rows, columns, 2],
        "0 or 1",
        f"observation: int8 array of {rows} x {columns} x 2, own pieces in plane 0 and the "
        f"opponent's in plane 1; action_mask: int8 array of {actions}",
    )
