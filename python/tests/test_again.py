"""Playing a finished match again: every shipped game comes out the same, a forged one does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest

from arena import environments
from arena.again import NotComparable, differences, play_again
from arena.agents import Overdue, Reply
from arena.match import Rules, play
from arena.replay import MatchInfo, Participant, canonical, replay_document, replay_json
from arena.verdict import Failure, Verdict
from deterministic_match import Table


class Failing(Table):
    """Agents that fail in the steps given; the match is cut after cut_after steps."""

    def __init__(
        self, seats: int, actions: int, failures: Mapping[tuple[int, int], Reply], cut_after: int
    ) -> None:
        super().__init__(seats, actions)
        self._failures, self._cut_after, self._step = failures, cut_after, -1

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Any]:
        return self._with_failures(super().load(limit_seconds, deadline))

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Any]:
        if self._step >= self._cut_after:
            return {seat: Overdue(0.0, at_deadline=True) for seat in observations}
        return self._with_failures(super().ask(observations, limits, deadline))

    def _with_failures(self, replies: dict[int, Any]) -> dict[int, Any]:
        step, self._step = self._step, self._step + 1
        return {seat: self._failures.get((step, seat), reply) for seat, reply in replies.items()}


CRASH = Failure(Verdict.CRASH, "It crashed.", "secret")


def replay(
    environment_id: str,
    seats: int | None = None,
    failures: Mapping[tuple[int, int], Reply] | None = None,
    cut_after: int = 10_000,
    max_steps: int | None = 60,
) -> dict[str, Any]:
    environment = environments.create(environment_id)
    seats = seats or environment.spec.max_players
    table = Failing(seats, environment.action_count, failures or {}, cut_after)
    result = play(environment, table, Rules(max_steps=max_steps), seed=77, seats=seats)
    people = [Participant(f"agent-{seat}", f"name {seat}", "3") for seat in range(seats)]
    info = MatchInfo("match", 77, people, 1700000000.25, 1700000001.5)
    document: dict[str, Any] = json.loads(
        replay_json(replay_document(environment.spec, info, result))
    )
    return document


@pytest.mark.parametrize("environment_id", environments.ids())
def test_every_game_comes_out_the_same(environment_id: str):
    document = replay(environment_id)

    again = play_again(document)

    assert canonical(again) == canonical(document)
    assert differences(document) == []


@pytest.mark.parametrize(
    ("environment_id", "seats", "failures"),
    [
        ("pong", 2, {(5, 1): CRASH}),
        ("pong", 2, {(5, 0): CRASH, (5, 1): CRASH}),
        ("pong", 2, {(-1, 0): CRASH}),
        ("pong", 2, {(-1, 0): CRASH, (-1, 1): CRASH}),
        ("connect-four", 2, {(3, 1): CRASH}),
        ("texas-holdem", 4, {(2, seat): CRASH for seat in range(4)}),
        ("texas-holdem", 3, {(-1, 1): CRASH}),
    ],
)
def test_forfeits_come_out_the_same(environment_id: str, seats: int, failures: Any):
    document = replay(environment_id, seats, failures)

    assert any(agent["verdict"] != "none" for agent in document["metadata"]["agents"])
    assert differences(document) == []


def test_a_cut_match_comes_out_the_same():
    document = replay("chess", cut_after=9)

    assert document["metadata"]["total_steps"] == 9
    assert differences(document) == []


def forged(change: Any) -> list[str]:
    document = copy.deepcopy(replay("pong", max_steps=40))
    change(document)
    return differences(document)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["metadata"].update(seed=78), "frames[0]"),
        (lambda d: d["metadata"].update(winner="agent-0"), "metadata.winner is 'agent-0'"),
        (lambda d: d["metadata"]["agents"][0].update(score=9.0), "metadata.agents[0].score is 9.0"),
        (lambda d: d["metadata"]["agents"][0].update(verdict="crash"), "metadata.agents[0]"),
        (lambda d: d["frames"][3]["rewards"].update({"agent-0": 1.0}), "frames[3].rewards.agent-0"),
        (lambda d: d["frames"][3]["actions"].update({"agent-0": 7}), "frames has 40 entries"),
        (lambda d: d["frames"][3]["info"].update(ball_pos=[0, 0]), "frames[3].info.ball_pos[0]"),
        (lambda d: d["frames"][9].update(actions=[]), "frames has 40 entries, played again 9"),
        (lambda d: d["frames"].pop(), "metadata.total_steps is 40, played again 39"),
        (lambda d: d["frames"][3].update(extra=1), "frames[3].extra is only in the replay"),
    ],
)
def test_a_forged_replay_is_found_out(change: Any, told: str):
    found = forged(change)

    assert 0 < len(found) <= 5
    assert any(told in line for line in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["metadata"].update(environment="nope"), "nope is not installed here"),
        (lambda d: d["metadata"].update(environment_version="old"), "was played by old"),
        (lambda d: d.pop("metadata"), "no replay"),
        (lambda d: d.update(metadata=[]), "no replay"),
        (lambda d: d["metadata"].update(agents=None), "no replay"),
        (lambda d: d["metadata"].update(agents=d["metadata"]["agents"] * 2), "cannot be played"),
        (lambda d: d["metadata"].update(seed="x"), "cannot be played"),
        (lambda d: d.pop("frames"), "no replay"),
    ],
)
def test_what_is_no_replay_of_ours_cannot_be_compared(change: Any, told: str):
    with pytest.raises(NotComparable, match=told):
        forged(change)
