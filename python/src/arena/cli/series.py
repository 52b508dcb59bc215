"""What a series of matches says about its agents."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

#: Of the standard normal distribution: an interval that holds the true rate 19 times of 20.
_Z = 1.96


@dataclass
class Record:
    """One agent's results. points: 1 for a win, its share for a tie at the top."""

    name: str
    wins: int = 0
    ties: int = 0
    losses: int = 0
    points: float = 0.0
    score: float = 0.0
    seconds: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    #: What its author is told about its first failure.
    message: str = ""

    @property
    def contests(self) -> int:
        return self.wins + self.ties + self.losses

    def interval(self) -> tuple[float, float]:
        """Between which rates of winning it probably is."""
        return wilson(self.points, self.contests)


@dataclass
class Series:
    """Results by agent, in the order of the command line."""

    records: list[Record]
    played: int = 0
    no_contests: int = 0
    steps: int = 0

    def add(self, result: dict[str, Any], seats: list[int]) -> None:
        """Adds a runner's result; seats: which agent sat in each seat."""
        self.played += 1
        self.steps += result["steps"]
        self.no_contests += bool(result["no_contest"])
        best = [seat["rank"] for seat in result["seats"]].count(1)
        for agent, seat in zip(seats, result["seats"], strict=True):
            record = self.records[agent]
            record.score += seat["score"]
            record.seconds += seat["seconds"]
            if seat["verdict"] != "none":
                record.verdicts[seat["verdict"]] += 1
                record.message = record.message or seat["message"]
            if result["no_contest"]:
                continue
            if seat["rank"] > 1:
                record.losses += 1
            elif best == 1:
                record.wins += 1
                record.points += 1
            else:
                record.ties += 1
                record.points += 1 / best


def wilson(points: float, count: int) -> tuple[float, float]:
    """The 95 % score interval of a rate; unlike the textbook one sound for few matches and for
    rates of 0 and 1. Ties count as their share, which makes it a little too wide."""
    if count == 0:
        return 0.0, 1.0
    rate, spread = points / count, _Z * _Z / count
    centre = (rate + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
