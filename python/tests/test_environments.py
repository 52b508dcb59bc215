"""The games are the libraries'; what is checked is that they are passed on faithfully."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path

import numpy as np
import pytest

from arena import environments

SAMPLES = Path(__file__).parent.parent / "samples"
SPECS = environments.specs()
IDS = [spec.id for spec in SPECS]


def play(environment_id: str, seed: int, choices: int, seats: int = 2) -> list[object]:
    """A whole game of random legal actions; everything that can be seen of it."""
    environment = environments.create(environment_id)
    environment.reset(seed, seats)
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


@pytest.mark.parametrize("environment_id", ["pong", "leduc-holdem", "texas-holdem"])
def test_another_seed_gives_another_game_of_chance(environment_id):
    assert play(environment_id, 1, 3) != play(environment_id, 2, 3)


@pytest.mark.parametrize("environment_id", IDS)
def test_a_game_ends_within_its_step_limit_and_rewards_are_zero_sum(environment_id):
    spec = environments.create(environment_id).spec
    for number in range(2):
        for seats in range(spec.min_players, spec.max_players + 1):
            game = play(environment_id, number + 1, number, seats)[1:]
            assert 0 < len(game) <= spec.max_steps
            assert all(sum(rewards) == 0 for _, rewards, _ in game)


@pytest.mark.parametrize("environment_id", IDS)
def test_frames_are_json_and_say_who_is_next(environment_id):
    for frame in play(environment_id, 5, 5)[1:]:
        info = frame[2]
        assert json.loads(json.dumps(info)) == info
    assert environment_id == "pong" or info["to_move"] is None


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_the_catalogue_is_json_and_describes_the_spaces(spec):
    config = json.loads(json.dumps(spec.config))

    assert spec.version
    assert spec.source in ("rl-arena", "pettingzoo-aec")
    assert spec.renderer in ("pong", "board", "chess", "go", "cards")
    for text in ("rules", "scoringSystem", "quickStartCode"):
        assert config[text]
    for space in ("actionSpace", "observationSpace"):
        assert config[space].keys() == {"type", "shape", "range", "description"}
    assert config["actionSpace"]["shape"] == [environments.create(spec.id).action_count]
    assert config["configuration"]["max_steps"] == spec.max_steps


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_observations_are_those_of_the_described_space(spec):
    game = environments.create(spec.id)
    game.reset(3, 2)
    seat = game.to_move()[0]

    seen = game.observation(seat)

    array = seen["observation"] if isinstance(seen, dict) else seen
    assert list(array.shape) == spec.config["observationSpace"]["shape"]
    if isinstance(seen, dict):
        mask = seen["action_mask"]
        assert mask.shape == (game.action_count,)
        legal = [a for a in range(game.action_count) if game.illegal_reason(seat, a) is None]
        assert mask.nonzero()[0].tolist() == legal


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_the_quick_start_plays_whole_games_legally(spec):
    for seed in (1, 2):
        module: dict[str, object] = {"__name__": "agent"}
        exec(compile(spec.config["quickStartCode"], "agent.py", "exec"), module)
        game = environments.create(spec.id)
        game.reset(seed, 2)
        try:
            agents = [module["Agent"](player_id=seat) for seat in range(2)]
        except TypeError:
            agents = [module["Agent"]() for _ in range(2)]
        while not game.over:
            actions = {
                seat: int(agents[seat].act(game.observation(seat))) for seat in game.to_move()
            }
            for seat, action in actions.items():
                assert game.illegal_reason(seat, action) is None
            game.step(actions)


def test_creating_games_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for environment_id in IDS:
            environments.create(environment_id).reset(1, 2)


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
    assert game.frame_info() == {
        "board": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "last_action": 4,
        "to_move": 1,
    }


def test_a_win_at_connect_four_is_worth_one_point():
    game = environments.create("connect-four")
    game.reset(1, 2)
    rewards = [0.0, 0.0]
    for seat, column in [(0, 3), (1, 0), (0, 3), (1, 0), (0, 3), (1, 0), (0, 3)]:
        assert game.to_move() == (seat,)
        rewards = list(game.step({seat: column}))

    assert game.over
    assert rewards == [1.0, -1.0]


def test_chess_is_played_from_both_sides_and_shown_as_a_position():
    game = environments.create("chess")
    game.reset(1, 2)
    board_library = pytest.importorskip("pettingzoo.classic.chess.chess_utils")

    for seat, move in enumerate(["e2e4", "d7d5", "e4d5"]):
        assert game.to_move() == (seat % 2,)
        mover = move if seat % 2 == 0 else f"{move[0]}{9 - int(move[1])}{move[2]}{9 - int(move[3])}"
        game.step({seat % 2: board_library.moves_to_actions[mover]})

    info = game.frame_info()
    assert info["fen"].startswith("rnbqkbnr/ppp1pppp/8/3P4/8/8/PPPP1PPP/RNBQKBNR b KQkq - 0 2")
    assert info["last_move"] == "e4d5"
    assert game.describe_action(4 * 584 + 73 + 71) == "e2, plane 71 (bishop)"


def test_the_chess_quick_start_takes_what_it_can():
    module: dict[str, object] = {"__name__": "agent"}
    exec(environments.create("chess").spec.config["quickStartCode"], module)
    utils = pytest.importorskip("pettingzoo.classic.chess.chess_utils")
    for position, captures in [
        ("k7/8/8/3p4/4P3/8/8/7K w - - 0 1", {"e4d5"}),
        ("k7/8/8/3p4/4P3/8/8/7K b - - 0 1", {"d5e4"}),
        ("2r5/1P6/5k2/8/8/2n5/8/1R5K w - - 0 1", {"b7c8", "b7c8n", "b7c8b", "b7c8r"}),
    ]:
        game = environments.create("chess")
        game.reset(1, 2)
        board = game.game.board
        board.set_fen(position)
        seat = 0 if board.turn else 1
        game.game.agent_selection = game.game.possible_agents[seat]
        game.game.board_history = np.dstack(
            [utils.get_observation(board, 0)[:, :, 7:], np.zeros((8, 8, 91), dtype=bool)]
        )

        chosen = utils.action_to_move(board, module["Agent"]().act(game.observation(seat)), seat)

        assert chosen.uci().removesuffix("q") in captures


def test_two_passes_end_go_and_komi_gives_it_to_white():
    game = environments.create("go")
    game.reset(1, 2)
    game.step({0: 40})
    assert game.frame_info()["board"][4][4] == 1
    assert game.describe_action(40) == "E5"
    assert game.describe_action(81) == "pass"
    game.step({1: 0})
    game.step({0: 81})
    assert not game.over

    rewards = game.step({1: 81})

    assert game.over
    assert list(rewards) == [-1.0, 1.0]
    assert game.frame_info()["score"] == -7.5


def test_every_deal_of_poker_is_played_from_every_place():
    game = environments.create("texas-holdem")
    game.reset(9, 3)
    deals: list[list[list[str]]] = []
    while not game.over:
        info = game.frame_info()
        if info["hand_number"] > len(deals):
            deals.append(info["hands"])
        (seat,) = game.to_move()
        game.step({seat: game.stand_in(seat)})

    assert len(deals) == 24
    first, second, third = deals[:3]
    # Seat s sits one place further on in each hand of a deal.
    assert second == [first[1], first[2], first[0]]
    assert third == [first[2], first[0], first[1]]
    assert deals[3] not in (first, second, third)


def test_a_hand_of_leduc_is_seen_from_the_own_side_and_paid_in_big_blinds():
    game = environments.create("leduc-holdem")
    game.reset(4, 2)
    (seat,) = game.to_move()
    hands = game.frame_info()["hands"]

    seen = game.observation(seat)["observation"]
    other = game.observation(1 - seat)["observation"]
    rewards = game.step({seat: 2})

    assert "JQK"[list(seen[:3]).index(1)] == hands[seat][0][0]
    assert "JQK"[list(other[:3]).index(1)] == hands[1 - seat][0][0]
    assert rewards[seat] == -0.5
    info = game.frame_info()
    assert info["won"] == list(rewards)
    assert info["folded"][seat]
    assert info["hand_number"] == 1


def test_an_illegal_bet_is_named_with_what_is_allowed():
    game = environments.create("leduc-holdem")
    game.reset(4, 2)

    reason = game.illegal_reason(game.to_move()[0], 3)

    assert reason == "check is not allowed now, but call, raise, fold"


def test_more_seats_than_a_game_has_are_refused():
    with pytest.raises(ValueError, match="2 seats, not 3"):
        environments.create("tic-tac-toe").reset(1, 3)


@pytest.mark.parametrize(
    ("environment_id", "better", "worse"),
    [
        ("leduc-holdem", "tight", "random_mover"),
        ("texas-holdem", "calling_station", "random_mover"),
    ],
)
def test_the_better_sample_wins_most_matches(environment_id, better, worse):
    wins = 0
    for seed in range(10):
        scores = sampled(environment_id, (better, worse), seed)
        wins += scores[0] > scores[1]

    assert wins >= 9


@pytest.mark.parametrize("name", ["random_mover", "greedy"])
def test_the_samples_of_chess_move_legally(name):
    sampled("chess", (name, "random_mover"), 5)


@pytest.mark.parametrize("name", ["random_mover", "no_own_eyes"])
def test_the_samples_of_go_move_legally(name):
    sampled("go", (name, "no_own_eyes"), 5)


def sampled(environment_id: str, names: tuple[str, ...], seed: int) -> list[float]:
    """The scores of a whole game between samples, which move legally."""
    np.random.seed(seed)
    random.seed(seed)
    game = environments.create(environment_id)
    game.reset(seed + 1, len(names))
    agents = []
    for name in names:
        module: dict[str, object] = {"__name__": name}
        exec((SAMPLES / environment_id / f"{name}.py").read_text(), module)
        agents.append(module["Agent"]())
    scores = [0.0] * len(names)
    while not game.over:
        (seat,) = game.to_move()
        action = int(agents[seat].act(game.observation(seat)))
        assert game.illegal_reason(seat, action) is None
        scores = [a + b for a, b in zip(scores, game.step({seat: action}), strict=True)]
    return scores
