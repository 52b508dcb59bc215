"""Drops into any open column."""

import random


class Agent:
    def act(self, observation):
        open_columns = [column for column, ok in enumerate(observation["action_mask"]) if ok]
        return random.choice(open_columns)
