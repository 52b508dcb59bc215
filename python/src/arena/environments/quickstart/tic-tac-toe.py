import random

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


class Agent:
    """Completes a line if it can, blocks one if it must, else plays at random."""

    def act(self, observation):
        own, other = (observation["observation"][:, :, plane].flatten() for plane in (0, 1))
        legal = [square for square in range(9) if observation["action_mask"][square]]
        for side in (own, other):
            for line in LINES:
                free = [square for square in line if square in legal]
                if len(free) == 1 and sum(side[square] for square in line) == 2:
                    return free[0]
        return random.choice(legal)
