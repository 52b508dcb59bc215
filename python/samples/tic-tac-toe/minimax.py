"""Looks at every possible game, so it never loses; among equal moves it takes one at random.

It prefers moves after which more of the opponent's answers would be mistakes.
"""

import random
from functools import cache

LINES = [
    (0, 1, 2), (3, 4, 5), (6, 7, 8),
    (0, 3, 6), (1, 4, 7), (2, 5, 8),
    (0, 4, 8), (2, 4, 6),
]  # fmt: skip


class Agent:
    def act(self, observation):
        planes = observation["observation"].reshape(9, 2)
        board = tuple(1 if own else -1 if other else 0 for own, other in planes)
        moves = [square for square in range(9) if board[square] == 0]
        best = max(self.rate(board, square) for square in moves)
        return random.choice([square for square in moves if self.rate(board, square) == best])

    def rate(self, board, square):
        """Certain result first, then the share of answers that would lose."""
        after = place(board, square)
        answers = [square for square in range(9) if after[square] == 0]
        blunders = sum(value(place(after, answer)) > 0 for answer in answers)
        return -value(after), blunders / max(1, len(answers))


def place(board, square):
    """The board after a move, seen by the other side: 1 is always the side to move."""
    return tuple(-1 if i == square else -mark for i, mark in enumerate(board))


@cache
def value(board):
    """1 if the side to move wins with best play, -1 if it loses, 0 for a draw."""
    if any(all(board[i] == -1 for i in line) for line in LINES):
        return -1
    moves = [square for square in range(9) if board[square] == 0]
    if not moves:
        return 0
    return max(-value(place(board, square)) for square in moves)
