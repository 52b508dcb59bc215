"""Wins if it can, blocks if it must, else drops at random but rather near the middle."""

import random

ROWS, COLUMNS = 6, 7


class Agent:
    def act(self, observation):
        planes = observation["observation"]
        open_columns = [column for column, ok in enumerate(observation["action_mask"]) if ok]
        for side in (0, 1):  # first our own four in a row, then the opponent's
            for column in open_columns:
                if self.wins(planes, column, side):
                    return column
        return min(open_columns, key=lambda column: abs(column - 3) + random.random() * 3)

    def wins(self, planes, column, side):
        row = max(r for r in range(ROWS) if not planes[r, column].any())
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            length = 1
            for sign in (1, -1):
                r, c = row + sign * down, column + sign * right
                while 0 <= r < ROWS and 0 <= c < COLUMNS and planes[r, c, side]:
                    length += 1
                    r, c = r + sign * down, c + sign * right
            if length >= 4:
                return True
        return False
