"""Which faults, in which order: a function of the seed alone.

The moments inside a trial are drawn from the trial's own seed; what else happens at that moment is
the machine's. So a plan can be had again, and a trial of it alone; a race cannot.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from chaos.faults import Fault

PAIR_NAME = "two of the above at once"


@dataclass(frozen=True)
class Trial:
    """number: from 1. faults: one, or two that happen together. seed: of its moments."""

    number: int
    faults: tuple[str, ...]
    seed: int

    @property
    def row(self) -> str:
        """The row of the table that it counts for."""
        return self.faults[0] if len(self.faults) == 1 else PAIR_NAME


def draw(faults: Sequence[Fault], trials: int, seed: int) -> list[Trial]:
    """Every fault by its weight, spread evenly and shuffled; one trial in ten is a pair."""
    chance = random.Random(seed)
    pairable = [fault.name for fault in faults if fault.pairs]
    names = [fault.name for fault in faults for _ in range(fault.weight)]
    plan: list[Trial] = []
    round_: list[str] = []
    while len(plan) < trials:
        if len(pairable) > 1 and len(plan) % 10 == 9:
            chosen = tuple(chance.sample(pairable, 2))
        else:
            if not round_:
                round_ = _one_round(faults, names, trials, chance)
            chosen = (round_.pop(),)
        plan.append(Trial(len(plan) + 1, chosen, chance.getrandbits(32)))
    return plan


def _one_round(
    faults: Sequence[Fault], weighted: list[str], trials: int, chance: random.Random
) -> list[str]:
    """All by weight where there is room for that; with few trials each fault once."""
    names = list(weighted) if trials >= len(weighted) else [fault.name for fault in faults]
    chance.shuffle(names)
    return names
