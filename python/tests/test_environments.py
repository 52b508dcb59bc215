"""The games are the libraries'; what is checked is that they are passed on faithfully."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from arena import environments

IDS = [spec.id for spec in environments.specs()]


def play(environment_id: str, seed: int, choices: int) -> list[object]:
    """A whole game of random legal actions; everything that can be seen of it."""
    environment = environments.create(environment_id)
    environment.reset(seed, 2)
    chooser = random.Random(choices)
    seen: list[object] = [environment.frame_info()]
    while not environment.over:
        actions = {}
        for seat in environment.to_move():
            legal = [
                action
                for action in range(environment.action_count)
                if environment.illegal_reason(seat, action) is None
            ]
            actions[seat] = chooser.choice(legal)
        seen.append((dict(actions), list(environment.step(actions)), environment.frame_info()))
    return seen


@pytest.mark.parametrize("environment_id", IDS)
def test_the_same_seed_and_actions_give_the_same_game(environment_id):
    assert play(environment_id, 2**53 - 1, 3) == play(environment_id, 2**53 - 1, 3)


def test_another_seed_gives_another_game_of_pong():
    assert play("pong", 1, 3) != play("pong", 2, 3)


@pytest.mark.parametrize("environment_id", IDS)
def test_a_game_ends_within_its_step_limit_and_rewards_are_zero_sum(environment_id):
    spec = environments.create(environment_id).spec
    for number in range(5):
        game = play(environment_id, number + 1, number)[1:]
        assert 0 < len(game) <= spec.max_steps
        assert all(sum(rewards) == 0 for _, rewards, _ in game)


@pytest.mark.parametrize("spec", environments.specs(), ids=IDS)
def test_the_catalogue_is_json_and_describes_the_spaces(spec):
    config = json.loads(json.dumps(spec.config))

    assert spec.version
    assert config["rules"]
    for space in ("actionSpace", "observationSpace"):
        assert config[space].keys() == {"type", "shape", "range", "description"}
    assert config["actionSpace"]["shape"] == [environments.create(spec.id).action_count]


def test_pong_shows_both_seats_the_same_vector():
    pong = environments.create("pong")
    pong.reset(1, 2)

    first, second = pong.observation(0), pong.observation(1)

    assert first.shape == (8,)
    assert first.dtype == np.float32
    assert first.tolist() == second.tolist()
    assert pong.frame_info() == {
        "scores": [0, 0],
        "ball_pos": [0.5, 0.5],
        "paddle_positions": [0.5, 0.5],
    }


def test_a_board_is_seen_from_the_side_to_move():
    game = environments.create("tic-tac-toe")
    game.reset(1, 2)
    game.step({0: 4})

    seen = game.observation(1)

    assert seen["action_mask"].tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1]
    assert seen["observation"][1, 1].tolist() == [0, 1]
    assert game.illegal_reason(1, 4) == "square 4 is not free"
    assert game.frame_info() == {"board": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "last_action": 4}


def test_a_win_at_connect_four_is_worth_one_point():
    game = environments.create("connect-four")
    game.reset(1, 2)
    rewards = [0.0, 0.0]
    for seat, column in [(0, 3), (1, 0), (0, 3), (1, 0), (0, 3), (1, 0), (0, 3)]:
        assert game.to_move() == (seat,)
        rewards = list(game.step({seat: column}))

    assert game.over
    assert rewards == [1.0, -1.0]
