"""Elo once more, apart from rating-service, so that the checker does not believe what it checks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol


class Constants(Protocol):
    @property
    def floor(self) -> int: ...

    def k(self, games: int) -> int: ...


def rate(
    constants: Constants, before: Sequence[tuple[int, int]], ranks: Sequence[int]
) -> list[int]:
    """Ratings after a match. before: rating and rated matches of each seat; rank 1 is best."""
    return [_after(constants, before, ranks, seat) for seat in range(len(before))]


def _after(
    constants: Constants, before: Sequence[tuple[int, int]], ranks: Sequence[int], seat: int
) -> int:
    rating, games = before[seat]
    surprise = 0.0
    for other, (opponent, _) in enumerate(before):
        if other != seat:
            score = 0.5 if ranks[seat] == ranks[other] else float(ranks[seat] < ranks[other])
            surprise += score - 1 / (1 + 10 ** ((opponent - rating) / 400))
    share = constants.k(games) / (len(before) - 1)
    # Half away from zero; ratings are never negative.
    whole = Decimal(rating + share * surprise).quantize(Decimal(1), ROUND_HALF_UP)
    return max(constants.floor, int(whole))
