"""Takes the most valuable piece it can, else moves at random."""

import random

VALUES = (1, 3, 3, 5, 9, 0)  # pawn, knight, bishop, rook, queen, king


class Agent:
    def act(self, observation):
        seen = observation["observation"]
        worth = sum(VALUES[piece] * seen[:, :, 13 + piece].astype(int) for piece in range(6))
        legal = [int(action) for action in observation["action_mask"].nonzero()[0]]
        best = max(worth[target(action)] for action in legal)
        return random.choice([action for action in legal if worth[target(action)] == best])


def steps():
    """Columns to the right and rows ahead, of each of the 73 planes of moves."""
    around = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
    leaps = [(x, y) for x in (-2, -1, 1, 2) for y in (-2, -1, 1, 2) if abs(x) != abs(y)]
    queens = [(x * distance, y * distance) for distance in range(1, 8) for x, y in around]
    return queens + leaps + [(x, 1) for x in (-1, 0, 1) for _ in range(3)]


STEPS = steps()


def target(action):
    """Row and column of the square that the action moves to, in the observation."""
    column, rest = divmod(action, 8 * 73)
    row, plane = divmod(rest, 73)
    right, ahead = STEPS[plane]
    return 7 - (row + ahead), column + right
