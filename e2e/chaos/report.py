"""The table of faults and invariants, written by the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from chaos.faults import Fault
from chaos.plan import PAIR_NAME
from chaos.session import Result
from checker import INVARIANTS

BEGIN = "<!-- written by ./arena chaos --report: begin -->"
END = "<!-- written by ./arena chaos --report: end -->"


def write(
    path: Path,
    catalogue: dict[str, Fault],
    results: Sequence[Result],
    seed: int,
    minutes: float,
) -> None:
    """Replaces what is between the markers of the file; the rest of it is by hand."""
    text = path.read_text()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"arena: {path} lacks the lines between which the table goes")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    table = _table(catalogue, results, seed, minutes)
    path.write_text(f"{head}{BEGIN}\n\n{table}\n{END}{tail}")


def _table(
    catalogue: dict[str, Fault], results: Sequence[Result], seed: int, minutes: float
) -> str:
    by_row: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.counts:
            by_row[result.trial.row].append(result)
    ran = [result for found in by_row.values() for result in found]
    violated = sum(bool(result.violations) for result in ran)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}: {len(ran)} trials in {minutes:.0f} minutes,"
        f" {violated} with a violated invariant. A cell: trials after which the invariant was"
        " violated, of all trials.",
        "",
        f"| Fault | Put in | {' | '.join(INVARIANTS)} | Slowest healing |",
        f"| --- | --- |{' ---: |' * (len(INVARIANTS) + 1)}",
    ]
    for name in (*catalogue, PAIR_NAME):
        if by_row[name]:
            what = catalogue[name].what if name in catalogue else "drawn"
            lines.append(_row(name, what, by_row[name]))
    lines.append(_row("**all**", "", ran))
    absent = [fault for fault in catalogue.values() if not by_row[fault.name]]
    if absent:
        lines += ["", "Not run:", ""]
        lines += [f"- {fault.name} ({_why(fault, results)})" for fault in absent]
    return "\n".join([*lines, ""])


def _row(name: str, what: str, results: Sequence[Result]) -> str:
    cells = []
    for invariant in INVARIANTS:
        wrong = sum(any(f.invariant == invariant for f in r.violations) for r in results)
        cells.append(f"{wrong}/{len(results)}")
    slowest = max((result.healing for result in results), default=0.0)
    return f"| {name} | {what} | {' | '.join(cells)} | {slowest:.0f} s |"


def _why(fault: Fault, results: Sequence[Result]) -> str:
    for result in results:
        if result.skipped and fault.name in result.trial.faults:
            return result.skipped
    return "not drawn, or the time was over"
