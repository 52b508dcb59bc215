"""The checker finds what each guard of the suite is there to prevent.

A small set of books that agree is changed the way a missing guard would leave it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from books import (
    Books,
    ChangeRow,
    Comparison,
    EloSettings,
    MatchRow,
    OutboxRow,
    RatingRow,
    SeatRow,
    SubmissionRow,
)
from checker import INVARIANTS, findings
from topics import Event

FINISHED = "org.rlarena.match.finished.v1"
SETTINGS = EloSettings(1200, 100, 40, 10, 20, 30, 10)


def event(topic: str, id: str, type: str, match: str, offset: int, key: str = "") -> Event:
    return Event(topic, id, type, {"matchId": match}, key or match, offset)


def agreeing() -> Books:
    """Ada beats Bob, then they draw."""
    ratings = {"ada": RatingRow(1218, 1, 0, 1), "bob": RatingRow(1182, 0, 1, 1)}
    return Books(
        submissions={"s": SubmissionRow("s", "ACTIVE")},
        matches={
            "m1": MatchRow("m1", "completed", "ladder", True, "win"),
            "m2": MatchRow("m2", "completed", "ladder", True, "draw"),
            "m3": MatchRow("m3", "completed", "challenge", False, "win"),
        },
        seats=[
            SeatRow("m1", 0, "ada", 1, "none"),
            SeatRow("m1", 1, "bob", 2, "none"),
            SeatRow("m2", 0, "bob", 1, "none"),
            SeatRow("m2", 1, "ada", 1, "none"),
        ],
        changes=[
            ChangeRow(1, "m1", 0, "ada", 1200, 1220, 20, 1),
            ChangeRow(1, "m1", 1, "bob", 1200, 1180, -20, 1),
            ChangeRow(2, "m2", 0, "bob", 1180, 1182, 2, 1),
            ChangeRow(2, "m2", 1, "ada", 1220, 1218, -2, 1),
        ],
        ratings=ratings,
        settings={1: SETTINGS},
        board={**ratings, "new": RatingRow(1200, 0, 0, 0)},
        comparisons=[Comparison("agents of match-service", {"ada": ("Ada",)}, {"ada": ("Ada",)})],
        outbox=[
            OutboxRow("match-service", 1, "e1", "match.finished", "m1", FINISHED, True),
            OutboxRow("rating-service", 1, "r1", "rating.changed", "pong", "changed", True),
            OutboxRow("rating-service", 2, "r2", "rating.changed", "pong", "changed", True),
        ],
        events=[
            event("match.requested", "q1", "requested", "m1", 0),
            event("match.requested", "q2", "requested", "m2", 1),
            event("match.finished", "e1", FINISHED, "m1", 0),
            event("match.finished", "e2", FINISHED, "m2", 1),
            event("match.finished", "e3", FINISHED, "m3", 2),
            event("rating.changed", "r1", "changed", "m1", 0, "pong"),
            event("rating.changed", "r2", "changed", "m2", 1, "pong"),
        ],
    )


def test_books_that_agree_should_give_nothing_to_say():
    assert findings(agreeing(), quiet=True) == set()


def test_a_repeated_delivery_should_be_no_finding():
    books = agreeing()
    again = [replace(one, offset=one.offset + 10) for one in books.events]
    assert findings(replace(books, events=books.events + again), quiet=True) == set()


def marked_before_sent(books: Books) -> Books:
    """The relay marked the row, then died: nobody will send it."""
    return replace(books, events=[one for one in books.events if one.id != "e1"])


def sent_out_of_order(books: Books) -> Books:
    """Two relays at work: the later event of a key got there first."""
    swapped = {"r1": 1, "r2": 0}
    events = [replace(one, offset=swapped.get(one.id, one.offset)) for one in books.events]
    return replace(books, events=events)


def never_sent(books: Books) -> Books:
    left = OutboxRow("match-service", 2, "e9", "match.started", "m1", "started", False)
    return replace(books, outbox=[*books.outbox, left])


def inbox_off(books: Books) -> Books:
    """match.finished was delivered twice and rated twice."""
    again = [
        ChangeRow(3, "m1", 0, "ada", 1218, 1237, 19, 1),
        ChangeRow(3, "m1", 1, "bob", 1182, 1163, -19, 1),
    ]
    ratings = {"ada": RatingRow(1237, 2, 0, 1), "bob": RatingRow(1163, 0, 2, 1)}
    return replace(
        books,
        changes=books.changes + again,
        ratings=ratings,
        board=ratings,
        events=[*books.events, event("rating.changed", "r3", "changed", "m1", 2, "pong")],
    )


def lease_off(books: Books) -> Books:
    """Two workers played a match and both results were taken."""
    return replace(books, events=[*books.events, event("match.finished", "e9", FINISHED, "m1", 9)])


def lost_update(books: Books) -> Books:
    """Two matches of an agent were rated at the same time, each from the same state."""
    ratings = {**books.ratings, "ada": RatingRow(1220, 1, 0, 1)}
    return replace(books, ratings=ratings, board=ratings)


def wrong_order(books: Books) -> Books:
    """Rated the other way round; sums and records still fit."""
    changes = [
        ChangeRow(1, "m2", 0, "bob", 1200, 1200, 0, 1),
        ChangeRow(1, "m2", 1, "ada", 1200, 1200, 0, 1),
        ChangeRow(2, "m1", 0, "ada", 1200, 1218, 18, 1),
        ChangeRow(2, "m1", 1, "bob", 1200, 1182, -18, 1),
    ]
    return replace(books, changes=changes)


def uncounted_match(books: Books) -> Books:
    ratings = {**books.ratings, "ada": RatingRow(1218, 1, 0, 0)}
    return replace(books, ratings=ratings, board=ratings)


def stale_board(books: Books) -> Books:
    return replace(books, board={**books.board, "ada": RatingRow(1220, 1, 0, 0)})


def stale_projection(books: Books) -> Books:
    stale = Comparison("agents of match-service", {"ada": ("Ada",)}, {"ada": ("Eve",)})
    return replace(books, comparisons=[stale])


def missing_projection(books: Books) -> Books:
    stale = Comparison("agents of match-service", {"ada": ("Ada",)}, {})
    return replace(books, comparisons=[stale])


def forgotten_agent(books: Books) -> Books:
    return replace(books, forgotten=["ada"])


def lost_match(books: Books) -> Books:
    asked = event("match.requested", "q9", "requested", "m9", 9)
    return replace(books, events=[*books.events, asked])


def endless_match(books: Books) -> Books:
    row = replace(books.matches["m3"], state="running")
    events = [one for one in books.events if one.id != "e3"]
    return replace(books, matches={**books.matches, "m3": row}, events=events)


def endless_build(books: Books) -> Books:
    return replace(books, submissions={"s": SubmissionRow("s", "SCANNING")})


def given_up_record(books: Books) -> Books:
    letter = event("match.finished.rating-service.dlq", "e1", FINISHED, "m1", 0)
    return replace(books, dead_letters=[letter])


DOCTORED = [
    (marked_before_sent, "outbox"),
    (sent_out_of_order, "outbox"),
    (never_sent, "outbox"),
    (inbox_off, "ledger"),
    (inbox_off, "records"),
    (lease_off, "matches"),
    (lost_update, "ledger"),
    (lost_update, "ratings"),
    (wrong_order, "ratings"),
    (uncounted_match, "records"),
    (stale_board, "board"),
    (stale_projection, "projections"),
    (missing_projection, "projections"),
    (forgotten_agent, "projections"),
    (lost_match, "matches"),
    (endless_match, "matches"),
    (endless_build, "submissions"),
    (given_up_record, "letters"),
]


@pytest.mark.parametrize(("doctor", "invariant"), DOCTORED)
def test_should_find_what_a_missing_guard_leaves(doctor, invariant):
    found = {finding.invariant for finding in findings(doctor(agreeing()), quiet=True)}
    assert invariant in found


def test_every_invariant_should_have_a_way_to_fail():
    # Only the workload knows what was accepted and that its agents are sound.
    assert {invariant for _, invariant in DOCTORED} == INVARIANTS.keys() - {"blame"}
