"""Wins if it can, blocks if it must, else takes any free square."""

import random

LINES = [
    (0, 1, 2), (3, 4, 5), (6, 7, 8),
    (0, 3, 6), (1, 4, 7), (2, 5, 8),
    (0, 4, 8), (2, 4, 6),
]  # fmt: skip


class Agent:
    def act(self, observation):
        planes = observation["observation"].reshape(9, 2)
        mine, theirs = planes[:, 0], planes[:, 1]
        free = [square for square, ok in enumerate(observation["action_mask"]) if ok]
        for marks in (mine, theirs):
            for square in free:
                if self.completes(marks, square):
                    return square
        return random.choice(free)

    def completes(self, marks, square):
        return any(square in line and sum(marks[other] for other in line) == 2 for line in LINES)
