"""Win rates and what can be said of them."""

from __future__ import annotations

from typing import Any

import pytest

from arena.cli.series import Record, Series, wilson


@pytest.mark.parametrize(
    ("points", "count", "low", "high"),
    [
        # Published values of the score interval at 95 %.
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_the_score_interval(points: float, count: int, low: float, high: float):
    assert wilson(points, count) == pytest.approx((low, high), abs=5e-5)


def seat(rank: int, score: float = 0.0, verdict: str = "none") -> dict[str, Any]:
    return {
        "rank": rank,
        "score": score,
        "seconds": 0.5,
        "verdict": verdict,
        "message": f"about {verdict}",
    }


def result(*seats: dict[str, Any], no_contest: bool = False) -> dict[str, Any]:
    return {"seats": list(seats), "no_contest": no_contest, "steps": 7}


def test_results_count_for_the_agent_wherever_it_sat():
    series = Series([Record("a"), Record("b")])

    series.add(result(seat(1, 3.0), seat(2, -3.0)), [0, 1])
    series.add(result(seat(2, -1.0), seat(1, 1.0)), [1, 0])
    series.add(result(seat(1), seat(1)), [0, 1])

    first, second = series.records
    assert (first.wins, first.ties, first.losses, first.points) == (2, 1, 0, 2.5)
    assert (second.wins, second.ties, second.losses, second.points) == (0, 1, 2, 0.5)
    assert (first.score, second.score) == (4.0, -4.0)
    assert series.steps == 21


def test_a_tie_at_the_top_of_three_is_shared():
    series = Series([Record("a"), Record("b"), Record("c")])

    series.add(result(seat(1), seat(3), seat(1)), [0, 1, 2])

    assert [record.points for record in series.records] == [0.5, 0, 0.5]
    assert [record.losses for record in series.records] == [0, 1, 0]


def test_no_contest_counts_for_nobody_but_its_reasons_are_kept():
    series = Series([Record("a"), Record("b")])

    series.add(result(seat(1, verdict="crash"), seat(1, verdict="memory"), no_contest=True), [0, 1])

    assert series.no_contests == 1
    assert [record.contests for record in series.records] == [0, 0]
    assert series.records[1].verdicts == {"memory": 1}
    assert series.records[1].message == "about memory"
