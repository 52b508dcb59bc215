import random


class Agent:
    """Plays any legal move, but takes a piece when it can."""

    def act(self, observation):
        legal = [int(action) for action in observation["action_mask"].nonzero()[0]]
        # Planes 13 to 18 of the observation hold the opponent's pieces, row 8 first.
        theirs = observation["observation"][:, :, 13:19].any(axis=2)
        captures = [action for action in legal if theirs[target(action)]]
        return random.choice(captures or legal)


DIRECTIONS = {}  # plane of a move: columns to the right, rows ahead
plane = 0
for distance in range(1, 8):
    for right in (-1, 0, 1):
        for ahead in (-1, 0, 1):
            if right or ahead:
                DIRECTIONS[plane] = (right * distance, ahead * distance)
                plane += 1
for right in (-2, -1, 1, 2):
    for ahead in (-2, -1, 1, 2):
        if abs(right) != abs(ahead):
            DIRECTIONS[plane] = (right, ahead)
            plane += 1
for right in (-1, 0, 1):
    for _ in range(3):  # promotion to a knight, bishop or rook
        DIRECTIONS[plane] = (right, 1)
        plane += 1


def target(action):
    """Row and column of the square that the action moves to, in the observation."""
    column, rest = divmod(action, 8 * 73)
    row, plane = divmod(rest, 73)
    right, ahead = DIRECTIONS[plane]
    return 7 - (row + ahead), column + right
