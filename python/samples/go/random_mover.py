"""Plays any legal action."""

import numpy as np


class Agent:
    def act(self, observation):
        return int(np.random.choice(np.flatnonzero(observation["action_mask"])))
