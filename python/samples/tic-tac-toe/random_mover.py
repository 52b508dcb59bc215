"""Takes any free square."""

import random


class Agent:
    def act(self, observation):
        free = [square for square, ok in enumerate(observation["action_mask"]) if ok]
        return random.choice(free)
