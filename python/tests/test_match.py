"""The rules, with agents that are lists of answers and a game that is a counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from arena.agents import Answer, Overdue, Reply
from arena.environments import Environment, EnvironmentSpec
from arena.match import Rules, parse_action, play
from arena.verdict import Failure, Verdict


class Counting(Environment):
    """Three steps; an action is the reward. Action 4 is never legal."""

    action_count = 5
    spec = EnvironmentSpec("counting", "Counting", "", "1", 2, 4, 3)

    def __init__(self, simultaneous: bool = True) -> None:
        self.simultaneous = simultaneous

    def reset(self, seed: int, seats: int) -> None:
        self.steps, self.seats = 0, seats

    def to_move(self) -> Sequence[int]:
        return range(self.seats) if self.simultaneous else (self.steps % self.seats,)

    def observation(self, seat: int) -> Any:
        return [self.steps, seat]

    def illegal_reason(self, seat: int, action: int) -> str | None:
        return "four is forbidden" if action == 4 else None

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        self.steps += 1
        return [float(actions.get(seat, 0)) for seat in range(self.seats)]

    @property
    def over(self) -> bool:
        return self.steps >= 3

    def frame_info(self) -> dict[str, Any]:
        return {"steps": self.steps}


class FakeTable:
    """Answers from a script per seat; the clock advances by what the answers take."""

    def __init__(self, *scripts: Sequence[Reply | int], load: dict[int, Reply] | None = None):
        self.scripts = [list(script) for script in scripts]
        self.loads = load or {}
        self.now = 0.0
        self.limits: list[dict[int, float]] = []
        self.asked: list[dict[int, Any]] = []

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]:
        return {s: self.loads.get(s, Answer(None, 0.1)) for s in range(len(self.scripts))}

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        self.limits.append(dict(limits))
        self.asked.append(dict(observations))
        replies: dict[int, Reply] = {}
        for seat in observations:
            reply = self.scripts[seat].pop(0)
            replies[seat] = Answer(("int", reply), 0.01) if isinstance(reply, int) else reply
            self.now += getattr(replies[seat], "seconds", 0.0)
        return replies

    def clock(self) -> float:
        return self.now


CRASH = Failure(Verdict.CRASH, "It crashed.")


def run(table: FakeTable, simultaneous: bool = True, game: Environment | None = None, **rules: Any):
    return play(
        game or Counting(simultaneous),
        table,
        Rules(**rules),
        seed=1,
        seats=len(table.scripts),
        clock=table.clock,
        wall_clock=lambda: 1000.0,
    )


def ranks(result) -> list[int]:
    return [seat.rank for seat in result.seats]


def verdicts(result) -> list[Verdict | None]:
    return [seat.failure.verdict if seat.failure else None for seat in result.seats]


def test_reward_sums_decide():
    result = run(FakeTable([1, 0, 2], [0, 1, 1]))

    assert [seat.score for seat in result.seats] == [3.0, 2.0]
    assert ranks(result) == [1, 2]
    assert result.winner == 0
    assert result.steps == 3
    assert not result.no_contest


def test_equal_sums_are_a_draw():
    result = run(FakeTable([1, 1, 0], [0, 1, 1]))

    assert ranks(result) == [1, 1]
    assert result.winner is None
    assert not result.no_contest


def test_turn_based_games_ask_only_the_seat_to_move():
    table = FakeTable([1, 1], [2])

    result = run(table, simultaneous=False)

    assert [sorted(asked) for asked in table.asked] == [[0], [1], [0]]
    assert [seat.score for seat in result.seats] == [2.0, 2.0]


def test_who_fails_loses_whatever_the_score():
    result = run(FakeTable([3, CRASH], [0, 0]))

    assert result.winner == 1
    assert ranks(result) == [2, 1]
    assert verdicts(result) == [Verdict.CRASH, None]
    assert result.seats[0].score == 3.0
    assert result.steps == 1


def test_both_failing_in_one_simultaneous_step_is_no_contest():
    result = run(FakeTable([1, CRASH], [0, CRASH]))

    assert result.no_contest
    assert result.winner is None
    assert ranks(result) == [1, 1]


def test_failing_alone_at_turn_is_never_no_contest():
    result = run(FakeTable([CRASH], []), simultaneous=False)

    assert not result.no_contest
    assert result.winner == 1


@pytest.mark.parametrize(
    ("loads", "winner", "no_contest"),
    [
        ({0: Failure(Verdict.LOAD_ERROR, "no")}, 1, False),
        ({1: Overdue(30.0, False)}, 0, False),
        ({0: Failure(Verdict.LOAD_ERROR, "no"), 1: Overdue(30.0, False)}, None, True),
    ],
)
def test_failing_to_load(loads, winner, no_contest):
    result = run(FakeTable([1], [1], load=loads))

    assert (result.winner, result.no_contest, result.steps) == (winner, no_contest, 0)
    assert result.seats[0].failure is None or 0 in loads


def test_slow_loading_is_an_init_timeout():
    result = run(FakeTable([1], [1], load={1: Overdue(30.0, False)}))

    assert verdicts(result) == [None, Verdict.INIT_TIMEOUT]


def test_among_three_the_failing_one_is_last_and_the_scores_rank_the_others():
    result = run(FakeTable([3, CRASH], [1, 0], [2, 0]))

    assert ranks(result) == [3, 2, 1]
    assert result.winner == 2


class Enduring(Counting):
    """Goes on without those who are out: zero stands in for them."""

    def stand_in(self, seat: int) -> int | None:
        return 0


def test_the_rest_play_on_when_a_game_can_go_on_without_a_seat():
    table = FakeTable([2, 1, 1], [CRASH], [1, 1, 0])

    result = run(table, game=Enduring())

    assert [sorted(asked) for asked in table.asked] == [[0, 1, 2], [0, 2], [0, 2]]
    assert result.frames[0].actions == {0: 2, 1: 0, 2: 1}
    assert [seat.score for seat in result.seats] == [4.0, 0.0, 2.0]
    assert ranks(result) == [1, 3, 2]
    assert result.seats[1].failed_at == 0
    assert result.steps == 3


def test_who_is_out_is_passed_over_at_its_turns():
    table = FakeTable([2], [CRASH], [1])

    result = run(table, game=Enduring(simultaneous=False))

    assert [sorted(asked) for asked in table.asked] == [[0], [1], [2]]
    assert result.steps == 3
    assert ranks(result) == [1, 3, 2]


def test_later_forfeits_rank_above_earlier_ones_and_the_last_seat_wins_at_once():
    table = FakeTable([CRASH], [3, 1], [0, CRASH])

    result = run(table, game=Enduring())

    assert ranks(result) == [3, 1, 2]
    assert result.winner == 1
    assert result.steps == 1
    assert not result.no_contest


def test_not_loading_ranks_below_every_later_forfeit():
    table = FakeTable([0], [CRASH], [0], load={2: CRASH})

    result = run(table, game=Enduring())

    assert [seat.failed_at for seat in result.seats] == [None, 0, -1]
    assert ranks(result) == [1, 2, 3]


def test_the_last_two_failing_together_share_the_first_rank():
    table = FakeTable([CRASH], [0, CRASH], [0, CRASH])

    result = run(table, game=Enduring())

    assert ranks(result) == [3, 1, 1]
    assert result.winner is None
    assert not result.no_contest


def test_all_failing_in_one_step_is_no_contest_with_more_than_two_as_well():
    result = run(FakeTable([CRASH], [CRASH], [CRASH]), game=Enduring())

    assert result.no_contest
    assert ranks(result) == [1, 1, 1]


def test_a_game_may_be_stricter_with_time_but_not_more_generous():
    game = Counting()
    game.spec = replace(game.spec, move_seconds=0.5, bank_seconds=100.0)
    table = FakeTable([0, 0, 0], [0, 0, 0])

    run(table, game=game, move_seconds=1, bank_seconds=2, move_limit_seconds=5)

    assert table.limits[0] == {0: 2.5, 1: 2.5}


def test_observations_are_left_out_where_the_game_says_so():
    game = Counting()
    game.spec = replace(game.spec, records_observations=False)

    result = run(FakeTable([0, 0, 0], [0, 0, 0]), game=game)

    assert result.initial_observations == []
    assert [frame.observations for frame in result.frames] == [[], [], []]


def test_a_slow_move_is_paid_from_the_bank_and_narrows_the_next_limit():
    slow = Answer(("int", 0), 3.0)
    table = FakeTable([slow, 0, 0], [0, 0, 0])

    run(table, move_seconds=1, bank_seconds=4, move_limit_seconds=5)

    assert [limits[0] for limits in table.limits] == [5.0, 3.0, 3.0]
    assert [limits[1] for limits in table.limits] == [5.0, 5.0, 5.0]


def test_one_endless_move_is_a_move_timeout():
    result = run(FakeTable([Overdue(5.0, False)], [0]), move_limit_seconds=5)

    assert verdicts(result) == [Verdict.MOVE_TIMEOUT, None]


def test_many_slow_moves_exhaust_the_bank():
    slow = Answer(("int", 0), 3.0)
    table = FakeTable([slow, Overdue(2.0, False)], [0, 0])

    result = run(table, move_seconds=1, bank_seconds=3, move_limit_seconds=5)

    assert verdicts(result) == [Verdict.BANK_EXHAUSTED, None]


def test_the_deadline_cuts_a_game_by_reward_sums_if_nobody_is_to_blame():
    result = run(FakeTable([2, Overdue(0.5, True)], [1, 0]), match_seconds=300)

    assert result.cut
    assert verdicts(result) == [None, None]
    assert result.winner == 0
    assert result.steps == 1


def test_the_deadline_blames_who_was_over_the_time_of_its_move():
    result = run(FakeTable([2, Overdue(1.5, True)], [1, 0]), move_seconds=1)

    assert verdicts(result) == [Verdict.MOVE_TIMEOUT, None]
    assert result.winner == 1


def test_the_deadline_blames_who_used_up_its_share_even_between_moves():
    stalling = Answer(("int", 2), 0.9)
    table = FakeTable([stalling] * 3, [0] * 3)

    result = run(table, match_seconds=1.5)

    assert verdicts(result) == [Verdict.MOVE_TIMEOUT, None]
    assert result.winner == 1
    assert result.cut


def test_short_moves_are_not_held_against_a_seat_at_the_deadline():
    waiting = Answer(("int", 1), 0.015)
    table = FakeTable([waiting] * 3, [0] * 3)

    result = run(table, match_seconds=0.02)

    assert result.cut
    assert verdicts(result) == [None, None]
    assert result.winner == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("int", 0), 0),
        (("int", 4), 4),
        (("int", 5), Verdict.ILLEGAL_ACTION),
        (("int", -1), Verdict.ILLEGAL_ACTION),
        (("int", 1 << 62), Verdict.ILLEGAL_ACTION),
        (("other", "float"), Verdict.INVALID_OUTPUT),
        (("other", 3), Verdict.INVALID_OUTPUT),
        (("int", 1.0), Verdict.INVALID_OUTPUT),
        (("int", True), Verdict.INVALID_OUTPUT),
        (("int", "1"), Verdict.INVALID_OUTPUT),
        (("int", [1]), Verdict.INVALID_OUTPUT),
        (("float", 1), Verdict.INVALID_OUTPUT),
        (None, Verdict.INVALID_OUTPUT),
    ],
)
def test_actions_are_parsed_strictly(value, expected):
    action = parse_action(Answer(value, 0.0), count=5)

    assert (action.verdict if isinstance(action, Failure) else action) == expected


def test_a_masked_action_is_illegal():
    result = run(FakeTable([4], [1]))

    assert verdicts(result) == [Verdict.ILLEGAL_ACTION, None]
    assert "four is forbidden" in result.seats[0].failure.message


def test_max_steps_cuts_early_without_blame():
    result = run(FakeTable([1, 1], [0, 0]), max_steps=2)

    assert result.steps == 2
    assert result.winner == 0
    assert verdicts(result) == [None, None]


def test_frames_hold_what_led_to_them():
    result = run(FakeTable([1, 2, 3], [3, 2, 1]))

    first = result.frames[0]
    assert result.initial_info == {"steps": 0}
    assert (first.number, first.actions, first.rewards) == (0, {0: 1, 1: 3}, [1.0, 3.0])
    assert first.observations == [[1, 0], [1, 1]]
    assert [frame.done for frame in result.frames] == [False, False, True]
    assert first.move_seconds == {0: 0.01, 1: 0.01}
