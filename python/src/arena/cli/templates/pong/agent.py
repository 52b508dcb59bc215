"""Plays from weights.npz, which train.py writes; before that it follows the ball."""

from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).with_name("weights.npz")
UP, STAY, DOWN = range(3)


class Agent:
    def __init__(self, player_id=0):
        self.player_id = player_id
        self.weights = np.load(WEIGHTS)["weights"] if WEIGHTS.exists() else FOLLOW

    def act(self, observation):
        return choose(self.weights, features(observation, self.player_id))


def features(observation, player_id):
    """What the policy sees, the same from both sides; mirrored top to bottom it changes its sign.

    Height of the ball, of the own and of the other paddle, the ball's way up or down, and how far
    up or down it goes until it is here.
    """
    x, y, vx, vy, left, right = observation[:6]
    if player_id == 1:
        x, vx, left, right = 1 - x, -vx, right, left
    arrival = -vy / vx * x if vx < 0 else 0.0
    return np.array([y - 0.5, left - 0.5, right - 0.5, 25 * vy, arrival])


def choose(weights, seen):
    """Moves where the weighted sum says, if it says so clearly."""
    wish = float(weights @ seen)
    return DOWN if wish > 1 else UP if wish < -1 else STAY


FOLLOW = np.array([20.0, -20.0, 0.0, 0.0, 0.0])
