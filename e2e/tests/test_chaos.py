"""The plan of a chaos run and the table that it writes; `./arena test -m chaos` puts faults in."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from arena_local import build
from arena_local.checks import CHAOS_FAULTS
from chaos import bus, report
from chaos.clock import Clock, can_jump
from chaos.faults import catalogue
from chaos.mutants import MUTANTS, Mutant, compiled
from chaos.plan import PAIR_NAME, Trial, draw
from chaos.session import Result
from checker import Finding
from topics import Event


def test_the_same_seed_should_give_the_same_plan():
    faults = list(catalogue().values())
    assert draw(faults, 60, 7) == draw(faults, 60, 7)
    assert draw(faults, 60, 7) != draw(faults, 60, 8)


def test_a_long_plan_should_have_every_fault_and_pairs():
    faults = list(catalogue().values())
    plan = draw(faults, 250, 7)
    assert {trial.row for trial in plan} == {*catalogue(), PAIR_NAME}
    assert [trial.number for trial in plan] == list(range(1, 251))
    pairable = {fault.name for fault in faults if fault.pairs}
    assert all(set(trial.faults) <= pairable for trial in plan if len(trial.faults) == 2)


def test_a_short_plan_should_have_each_of_its_faults_once():
    faults = [catalogue()[name] for name in CHAOS_FAULTS]
    plan = draw(faults, len(faults), 1)
    assert sorted(trial.row for trial in plan) == sorted(CHAOS_FAULTS)


class TestUnread:
    """A reader is through when it has handled everything, wherever its committed position is."""

    def unread(self, positions: dict[str, int], noted: list[str]) -> set[tuple[str, str]]:
        places = {group: {("user.changed", 0): offset} for group, offset in positions.items()}
        events = [Event("user.changed", id, "", {}, offset=n) for n, id in enumerate("abc")]
        return bus.unread(
            places,
            {("user.changed", 0): 3},
            events,
            lambda service, ids: sum(noted.count(id) for id in ids),
        )

    def test_should_be_through_at_the_end(self):
        assert self.unread({"rating-service": 3}, []) == set()

    def test_should_be_through_when_it_knows_what_lies_behind_its_position(self):
        assert self.unread({"rating-service": 1}, ["b", "c"]) == set()

    def test_should_not_be_through_with_a_record_that_it_does_not_know(self):
        assert self.unread({"rating-service": 1}, ["b"]) == {("rating-service", "user.changed")}

    def test_should_not_be_through_when_another_reader_of_the_service_alone_knows(self):
        positions = {"rating-service.access": 3, "rating-service.users": 2}
        behind = {("rating-service.users", "user.changed")}
        assert self.unread(positions, ["c"]) == behind
        assert self.unread(positions, ["c", "c"]) == set()


def test_the_report_should_replace_what_the_last_run_wrote(tmp_path):
    # Given
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    wrong = frozenset({Finding("outbox", "an event is lost"), Finding("outbox", "another")})
    results = [
        Result(Trial(1, ("database crashed",), 1), healing=3.2),
        Result(Trial(2, ("database crashed",), 2), wrong, 180.0),
        Result(Trial(3, ("object store full",), 3), skipped="not root"),
    ]
    # When
    report.write(page, catalogue(), results, 7, 2.0)
    # Then
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "seed 7: 2 trials in 2 minutes, 1 with a violated invariant" in text
    [row] = [line for line in text.splitlines() if line.startswith("| database crashed |")]
    assert row.count("0/2") == 9
    assert row.count("1/2") == 1
    assert row.endswith("| 180 s |")
    assert "- object store full (not root)" in text
    assert "- broker frozen (not drawn, or the time was over)" in text


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_should_still_be_where_its_mutant_takes_it_out(mutant: Mutant):
    """That the audit notices takes minutes: `./arena chaos --mutants`."""
    build.build_java()
    # Given: the sources as they are; When: changed and compiled against what was built
    made = compiled(mutant)
    # Then
    names = {Path(change.source).stem for change in mutant.changes}
    assert names <= {Path(name).stem for name in made}


@pytest.mark.skipif(not can_jump(), reason="there is no C compiler here")
@pytest.mark.parametrize("ahead", [0, 3600, -3600])
def test_a_program_should_see_how_far_its_clock_has_jumped(tmp_path, ahead):
    clock = Clock(tmp_path)
    clock.set_ahead(ahead)
    environment = {**os.environ, **clock.environment}
    shown = subprocess.check_output(["date", "+%s"], env=environment, text=True)
    assert int(shown) == pytest.approx(time.time() + ahead, abs=60)


def test_a_page_without_a_place_for_the_table_should_be_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing here\n")
    with pytest.raises(SystemExit, match="lacks the lines"):
        report.write(page, catalogue(), [], 7, 2.0)
    assert page.read_text() == "nothing here\n"
