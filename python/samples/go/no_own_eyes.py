"""Plays at random, but never into its own eyes; passes when nothing else is left."""

import numpy as np


class Agent:
    def act(self, observation):
        mask, planes = observation["action_mask"], observation["observation"]
        size = planes.shape[0]
        # The latest planes: the side that moved last, which is the opponent, then the own stones.
        padded = np.pad(planes[:, :, 1], 1, constant_values=True)
        eyes = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
        moves = np.flatnonzero(mask[:-1].astype(bool) & ~eyes.flatten())
        return int(np.random.choice(moves)) if len(moves) else size * size
