"""Audits a suite: do the databases and the topics of all services tell the same story?

Every finding is a sentence about one thing. A suite that runs has work in flight, so what is
reported is what stays wrong over several looks, never what one look saw.

    ./arena audit [--state DIR] [--port-offset N] [--settle SECONDS]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import NamedTuple

from arena_local.layout import Layout
from books import STUCK_SECONDS, Books, Comparison, Event, RatingRow, SeatRow, read
from elo import rate
from suite import Suite
from topics import Topics

TERMINAL = {
    "org.rlarena.match.finished.v1": "completed",
    "org.rlarena.match.failed.v1": "failed",
    "org.rlarena.match.cancelled.v1": "cancelled",
}
FINAL_STATES = ("ACTIVE", "INACTIVE", "BUILD_FAILED")

# What holds whatever dies, by the short names under which findings are counted.
INVARIANTS = {
    "submissions": "every accepted submission ended in one final state",
    "matches": "every requested match and every accepted challenge ended once",
    "ledger": "each rated match is in the ledger once, and an agent's changes add up to its rating",
    "records": "wins, losses and draws equal the matches",
    "ratings": "each rating equals a recomputation from the matches in order",
    "board": "the leaderboard equals the ratings",
    "projections": "each projection equals its source, and nobody who may play is forgotten",
    "outbox": "each event of each outbox is on its topic, in the order of its key; none is unsent",
    "letters": "no reader gave a record up",
    "blame": "no author was charged for a fault of the platform",
}


class Finding(NamedTuple):
    """invariant: a key of INVARIANTS. sentence: what does not add up."""

    invariant: str
    sentence: str


def findings(books: Books, quiet: bool = False) -> set[Finding]:
    """Everything that does not add up. quiet: nothing new is asked for, so nothing may be open."""
    return {
        *_tag("submissions", _submission_findings(books, quiet)),
        *_tag("matches", _match_findings(books, quiet)),
        *_tag("ledger", _ledger_findings(books)),
        *_tag("records", _record_findings(books)),
        *_tag("ratings", _recomputation_findings(books)),
        *_tag("ratings", books.verification),
        *_tag("board", _board_findings(books)),
        *_tag("projections", _projection_findings(books)),
        *_tag("outbox", _outbox_findings(books, quiet)),
        *_tag(
            "letters", (f"dead letter on {e.topic}: {e.type} {e.id}" for e in books.dead_letters)
        ),
    }


def _tag(invariant: str, sentences: Iterable[str]) -> Iterator[Finding]:
    return (Finding(invariant, sentence) for sentence in sentences)


def _submission_findings(books: Books, quiet: bool) -> Iterator[str]:
    for row in books.submissions.values():
        if quiet and row.state not in FINAL_STATES:
            yield f"submission {row.id} is still {row.state.lower()}"
        elif row.stuck:
            state = row.state.lower()
            yield f"submission {row.id} has been {state} for more than {STUCK_SECONDS} s"


def _match_findings(books: Books, quiet: bool) -> Iterator[str]:
    ladder = {row.id for row in books.matches.values() if row.kind == "ladder"}
    requested = books.requested
    yield from (f"match {lost} was requested but does not exist" for lost in requested - ladder)
    yield from (f"match {extra} was never requested" for extra in ladder - requested)
    ends = _distinct(e for e in books.events if e.topic == "match.finished")
    for row in books.matches.values():
        published = ends.get(row.id, {})
        over = row.state in TERMINAL.values()
        if quiet and not over:
            yield f"match {row.id} is still {row.state}"
        if over != bool(published):
            yield f"match {row.id} is {row.state} but its end was published {len(published)} times"
        if len(published) > 1:
            yield f"match {row.id} has {len(published)} different ends"
        for event in published.values():
            if TERMINAL.get(event.type) != row.state:
                yield f"match {row.id} is {row.state} but was published as {event.type}"


def rated_matches(books: Books) -> set[str]:
    return {
        row.id
        for row in books.matches.values()
        if row.rated and row.state == "completed" and row.outcome != "no_contest"
    }


def _ledger_findings(books: Books) -> Iterator[str]:
    rated, ledger = rated_matches(books), books.ledger
    yield from (f"match {lost} is finished but not in the ledger" for lost in rated - set(ledger))
    yield from (f"match {extra} is in the ledger only" for extra in set(ledger) - rated)
    entries = {(change.number, change.match_id) for change in books.changes}
    if sorted(number for number, _ in entries) != list(range(1, len(entries) + 1)):
        yield "the ledger's numbers have gaps"
    if len({match_id for _, match_id in entries}) != len(entries):
        yield "a match is in the ledger more than once"
    told = _distinct(e for e in books.events if e.topic == "rating.changed")
    for match_id, events in told.items():
        if len(events) > 1:
            yield f"match {match_id} moved ratings {len(events)} times"
    yield from (
        f"match {lost} is in the ledger but no rating.changed tells of it"
        for lost in set(ledger) - set(told)
    )
    yield from _sum_findings(books)


def _sum_findings(books: Books) -> Iterator[str]:
    sums: dict[str, int] = {}
    for change in books.changes:
        start = books.settings[change.settings].start
        sums[change.agent_id] = sums.get(change.agent_id, start) + change.change
    for agent_id, total in sums.items():
        rating = books.ratings.get(agent_id)
        if rating is None or rating.elo != total:
            stored = "no rating" if rating is None else f"rated {rating.elo}"
            yield f"agent {agent_id} has {stored} but its changes add up to {total}"


def _record_findings(books: Books) -> Iterator[str]:
    """Wins, losses and draws by the matches of match-service, not by what the ledger made of it."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for seats in _rated_seats(books).values():
        ranks = [seat.rank or 0 for seat in seats]
        best = min(ranks)
        for seat in seats:
            shared = ranks.count(best) > 1
            column = 1 if seat.rank != best else 2 if shared else 0
            counted[seat.agent_id][column] += 1
    for agent_id in {*counted, *books.ratings}:
        rating = books.ratings.get(agent_id, RatingRow(0, 0, 0, 0))
        stored = [rating.wins, rating.losses, rating.draws]
        if stored != counted[agent_id]:
            yield f"agent {agent_id} has the record {stored} but its matches {counted[agent_id]}"


def _recomputation_findings(books: Books) -> Iterator[str]:
    """Elo once more from the ranks that match-service stored, in the ledger's order."""
    seats = _rated_seats(books)
    standings: dict[str, tuple[int, int]] = {}
    settings = {change.number: books.settings[change.settings] for change in books.changes}
    for match_id, number in sorted(books.ledger.items(), key=lambda entry: entry[1]):
        players = seats.get(match_id, [])
        constants = settings[number]
        before = [standings.get(seat.agent_id, (constants.start, 0)) for seat in players]
        ranks = [seat.rank or 0 for seat in players]
        for seat, (_, games), after in zip(
            players, before, rate(constants, before, ranks), strict=True
        ):
            standings[seat.agent_id] = (after, games + 1)
    for agent_id, (elo, _) in standings.items():
        stored = books.ratings.get(agent_id)
        if stored is None or stored.elo != elo:
            shown = "not rated" if stored is None else f"rated {stored.elo}"
            yield f"agent {agent_id} is {shown} but its matches in order give {elo}"


def _rated_seats(books: Books) -> dict[str, list[SeatRow]]:
    rated = rated_matches(books)
    found: dict[str, list[SeatRow]] = defaultdict(list)
    for seat in sorted(books.seats, key=lambda seat: seat.seat):
        if seat.match_id in rated:
            found[seat.match_id].append(seat)
    return found


def _board_findings(books: Books) -> Iterator[str]:
    start = {settings.start for settings in books.settings.values()}
    for agent_id, shown in books.board.items():
        stored = books.ratings.get(agent_id)
        unplayed = stored is None and (shown.wins, shown.losses, shown.draws) == (0, 0, 0)
        if shown != stored and not (unplayed and (not start or shown.elo in start)):
            yield f"agent {agent_id} is on the board with {shown} but rated {stored}"


def _projection_findings(books: Books) -> Iterator[str]:
    for comparison in books.comparisons:
        yield from _differences(comparison)
    yield from (f"agent {lost} may play but is not in the queue" for lost in books.forgotten)


def _differences(comparison: Comparison) -> Iterator[str]:
    for key in {*comparison.source, *comparison.copy}:
        source, copy = comparison.source.get(key), comparison.copy.get(key)
        if source != copy:
            yield f"{comparison.name}: {key} is {copy} but should be {source}"


def _outbox_findings(books: Books, quiet: bool) -> Iterator[str]:
    # At least once: an event's place is that of its first copy.
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for event in books.events:
        place, copy = (event.topic, event.id), (event.partition, event.offset)
        places[place] = min(copy, places.get(place, copy))
    lanes: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in sorted(books.outbox, key=lambda row: (row.service, row.position)):
        found = places.get((row.topic, row.id))
        if row.sent and found is None:
            yield f"event {row.id} was sent but is not on {row.topic}"
        if row.late or (quiet and not row.sent):
            yield f"{row.service} has not sent {row.type} {row.id}"
        if found is not None:
            lane = (row.service, row.topic, row.key)
            last = lanes.get(lane, found)
            if found[0] != last[0]:
                yield f"event {row.id} of {row.service} is not on the partition of its key"
            elif found < last:
                yield f"event {row.id} of {row.service} overtook an earlier one of its key"
            lanes[lane] = max(found, last)


def _distinct(events: Iterable[Event]) -> dict[str, dict[str, Event]]:
    """By match: the events with different ids. The same id twice is a repeat, which is allowed."""
    by_match: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        by_match[event.data["matchId"]][event.id] = event
    return by_match


def settle(suite: Suite, seconds: float) -> tuple[set[str], Books]:
    """What stays wrong over that time; empty as soon as nothing seen wrong at first still is."""
    deadline = time.monotonic() + seconds
    with closing(Topics(suite)) as topics:
        books = read(suite, topics)
        wrong = findings(books)
        while wrong and time.monotonic() < deadline:
            time.sleep(1)
            books = read(suite, topics)
            wrong &= findings(books)
    return {finding.sentence for finding in wrong}, books


def main() -> int:
    parser = argparse.ArgumentParser(description="Audits a running suite.")
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    parser.add_argument("--settle", type=float, default=60, help="seconds (default 60)")
    options = parser.parse_args()
    wrong, books = settle(Suite(Layout.of(options.state, options.port_offset)), options.settle)
    print(books.summary)
    for sentence in sorted(wrong):
        print(f"WRONG: {sentence}")
    print("the books agree" if not wrong else f"{len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
