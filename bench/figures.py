"""What the benches share: figures in one line."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def describe(name: str, values: Sequence[float], unit: str) -> str:
    """Count, median, 90th percentile and maximum."""
    ordered = sorted(values)
    p90 = ordered[min(len(ordered) - 1, round(0.9 * (len(ordered) - 1)))]
    return (
        f"{name}: n={len(ordered)} median={statistics.median(ordered):.2f} {unit}"
        f" p90={p90:.2f} {unit} max={ordered[-1]:.2f} {unit}"
    )
