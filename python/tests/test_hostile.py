"""The hostile suite: every case against an agent that does nothing wrong, at every place.

Proof of containment is always the same: the offender gets the stated verdict, the other side wins
or at least has a clean one, the next match is played as if nothing had been, and nothing is left
behind: no process, no control group. The table of docs/security.md is what this run saw; with
ARENA_WRITE_DOCS=1 it is written, without it is compared.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import GOOD, PLACES
from hostile import CASES, CONTAINED, Case
from places import Outcome, Place, descendants

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- hostile suite: begin -->", "<!-- hostile suite: end -->"
#: Case name to the places where it went as stated.
seen: dict[str, set[str]] = {}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_harm_is_contained(arena: Place, request: pytest.FixtureRequest, case: Case):
    before = descendants()

    for _ in range(case.games):
        outcome = arena.play(case.source, GOOD["pong"], **case.rules)

        verdict, other = outcome.verdicts()
        assert verdict in case.verdicts, summary(outcome)
        assert other == "none", summary(outcome)
        assert len(outcome.seats[0]["stdout"]) <= 64 * 1024
        if verdict != "none":
            assert outcome.result["winner"] == 1
            assert [seat["rank"] for seat in outcome.seats] == [2, 1]
            assert outcome.seats[0]["message"]
        elif case.verdicts == ("none",):
            assert outcome.seats[0]["stdout"] == CONTAINED + "\n"
            assert outcome.result["steps"] == case.rules["max_steps"]
    eventually(lambda: nothing_is_left_since(before))
    assert arena.groups() == []
    seen.setdefault(case.name, set()).add(request.node.callspec.params["arena"])


def test_afterwards_a_match_is_played_as_ever(arena: Place):
    outcome = arena.play(GOOD["pong"], GOOD["pong"])

    assert outcome.verdicts() == ["none", "none"]
    assert outcome.result["steps"] > 20


def test_the_helpers_have_kept_nothing_open(arena: Place):
    arena.play(GOOD["pong"], GOOD["pong"], max_steps=1)
    before = open_files()

    for _ in range(3):
        arena.play(GOOD["pong"], GOOD["pong"], max_steps=1)

    eventually(lambda: open_files() == before)


def test_the_table_in_the_docs_is_what_this_run_saw():
    """Runs last in this file; needs all cases at all places, as root plays them."""
    if os.geteuid() != 0 or any(seen.get(case.name) != set(PLACES) for case in CASES):
        pytest.skip("not all cases were played at all places in this run")
    text = DOCUMENT.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    expected = f"{head}{BEGIN}\n{table()}{END}{tail}"

    if os.environ.get("ARENA_WRITE_DOCS"):
        DOCUMENT.write_text(expected, "utf-8")

    assert DOCUMENT.read_text("utf-8") == expected, "ARENA_WRITE_DOCS=1 ./arena test -m python"


def table() -> str:
    lines = [
        "| # | Kind | What the agent tries | Outcome | zygote | bwrap |",
        "|---|---|---|---|---|---|",
    ]
    for number, case in enumerate(CASES, 1):
        outcome = " or ".join(
            "nothing found, plays on" if verdict == "none" else f"`{verdict}`"
            for verdict in case.verdicts
        )
        if case.verdicts[0] != "none":
            outcome = "loses: " + outcome
        elif len(case.verdicts) > 1:
            outcome = "plays on at its own cost, or loses: `move_timeout`"
        places = [
            ", ".join(
                user
                for user in ("own-uid", "unprivileged")
                if f"{launcher} {user}" in seen[case.name]
            )
            for launcher in ("zygote", "bwrap")
        ]
        lines.append(
            f"| {number} | {case.group} | {case.tries} | {outcome} | {' | '.join(places)} |"
        )
    return "\n".join(lines) + "\n"


def nothing_is_left_since(before: set[tuple[int, str]]) -> bool:
    """But for a runner, which holds only trusted code and waits for the next match."""
    left = descendants() - before
    return len(left) <= 1 and all(is_runner(pid) for pid, _ in left)


def is_runner(pid: int) -> bool:
    try:
        return b"arena.nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def open_files() -> dict[tuple[int, str], int]:
    """How many descriptors every process below this one has open."""
    counts = {}
    for process in descendants():
        try:
            counts[process] = len(os.listdir(f"/proc/{process[0]}/fd"))
        except OSError:
            continue
    return counts


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.01)


def summary(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    return [
        (seat["verdict"], seat["message"], seat["stdout"][-300:], seat["stderr"][-300:])
        for seat in outcome.seats
    ]
