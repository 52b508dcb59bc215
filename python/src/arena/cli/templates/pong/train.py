"""Trains a policy for Pong in about a minute, with Gymnasium and numpy alone.

The cross-entropy method: draw weights around a mean, let each play, move the mean to the best of
them. It starts from a policy that never moves.

    python train.py [--seconds 60] [--generations N]
"""

import argparse
import time

import gymnasium
import numpy as np
import rl_arena
from agent import WEIGHTS, choose, features

ACTIONS, FEATURES = 3, 5
POPULATION, ELITE, GAMES = 24, 5, 2
STEPS = 400  # of a game in training; a whole one has up to 1000


class PongAgainstRandom(gymnasium.Env):
    """One seat of Pong as a Gymnasium environment; the other moves at random.

    The reward is 1 for hitting the ball and -1 for missing it: what the other side misses is luck.
    The points are in the info.
    """

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (FEATURES,))
    action_space = gymnasium.spaces.Discrete(ACTIONS)

    def __init__(self, seat):
        self.seat = seat
        self.game = rl_arena.make("pong")

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        observations, _ = self.game.reset(seed=seed)
        # Drawn at once: one number at a time costs more than a step of the game.
        self.moves = iter(self.np_random.integers(ACTIONS, size=1024).tolist())
        self.velocity = observations[0][2]
        return features(observations[self.seat], self.seat), {"points": 0}

    def step(self, action):
        actions = [next(self.moves)] * 2
        actions[self.seat] = action
        observations, points, terminated, truncated, _ = self.game.step(actions)
        before, self.velocity = self.velocity, observations[0][2]
        towards = before < 0 if self.seat == 0 else before > 0
        points = points[self.seat]
        hit = towards and before * self.velocity < 0 and points == 0
        seen = features(observations[self.seat], self.seat)
        return seen, float(hit) + min(points, 0), terminated, truncated, {"points": points}


def play(env, weights, seed, steps=1000):
    """The sum of rewards and that of points of one game."""
    seen, _ = env.reset(seed=seed)
    total, points, over = 0.0, 0.0, False
    while not over and steps:
        seen, reward, terminated, truncated, info = env.step(choose(weights, seen))
        total += reward
        points += info["points"]
        steps -= 1
        over = terminated or truncated
    return total, points


def train(seconds, generations, seed=0):
    """The mean weights of the last generation, when either limit is reached."""
    random = np.random.default_rng(seed)
    seats = [PongAgainstRandom(0), PongAgainstRandom(1)]
    mean, spread = np.zeros(FEATURES), np.full(FEATURES, 10.0)
    end, generation = time.monotonic() + seconds, 0
    while time.monotonic() < end and generation != generations:
        generation += 1
        drawn = mean + spread * random.standard_normal((POPULATION, FEATURES))
        # All of a generation play the same games.
        seeds = [int(number) for number in random.integers(1, 2**31, size=GAMES)]
        scores = [
            sum(play(seats[game % 2], weights, seeds[game], STEPS)[0] for game in range(GAMES))
            for weights in drawn
        ]
        best = drawn[np.argsort(scores)[-ELITE:]]
        # Some noise stays, or the search would stop at the first good weights.
        mean, spread = best.mean(axis=0), best.std(axis=0) + 0.3
        print(f"generation {generation}: mean {np.mean(scores):+.1f}, best {max(scores):+.1f}")
    return mean


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--generations", type=int)
    options = parser.parse_args()
    weights = train(options.seconds, options.generations)
    np.savez(WEIGHTS, weights=weights)
    seats = [PongAgainstRandom(0), PongAgainstRandom(1)]
    points = [play(seats[game % 2], weights, 10_000 + game)[1] for game in range(40)]
    won = sum(score > 0 for score in points)
    print(f"Won {won} of {len(points)} games against random moves, {np.mean(points):+.1f} points.")


if __name__ == "__main__":
    main()
