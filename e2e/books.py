"""What every service of a suite and the bus have to say at about the same time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

from arena_local.layout import SERVICES
from projections import PROJECTIONS, Rows
from suite import Suite
from topics import Event, Topics

# A build takes seconds; one that is not over after this long is not going to be.
STUCK_SECONDS = 90
# The relay sends within a fraction of a second while the broker is up.
UNSENT_SECONDS = 15
BUILDING = ("PENDING", "BUILDING", "VALIDATING", "SCANNING")


@dataclass(frozen=True)
class MatchRow:
    id: str
    state: str
    kind: str
    rated: bool
    outcome: str | None


@dataclass(frozen=True)
class SubmissionRow:
    """stuck: whether its state has not changed for longer than any build takes."""

    id: str
    state: str
    stuck: bool = False


@dataclass(frozen=True)
class SeatRow:
    """A participant as match-service stores it. rank and verdict: None before the end."""

    match_id: str
    seat: int
    agent_id: str
    rank: int | None
    verdict: str | None


@dataclass(frozen=True)
class ChangeRow:
    """What a match did to an agent, as the ledger tells it."""

    number: int
    match_id: str
    seat: int
    agent_id: str
    before: int
    after: int
    change: int
    settings: int


@dataclass(frozen=True)
class RatingRow:
    elo: int
    wins: int
    losses: int
    draws: int


@dataclass(frozen=True)
class EloSettings:
    """The constants a ledger entry was computed with."""

    start: int
    floor: int
    newcomer_k: int
    newcomer_games: int
    settling_k: int
    settling_games: int
    established_k: int

    def k(self, games: int) -> int:
        if games < self.newcomer_games:
            return self.newcomer_k
        return self.settling_k if games < self.settling_games else self.established_k


@dataclass(frozen=True)
class OutboxRow:
    """position: the order in which its service committed to send. late: unsent for too long."""

    service: str
    position: int
    id: str
    topic: str
    key: str
    type: str
    sent: bool
    late: bool = False


@dataclass(frozen=True)
class Comparison:
    """A projection and what it should be: rows by id, on both sides with the same columns."""

    name: str
    source: Rows
    copy: Rows


@dataclass(frozen=True)
class Books:
    submissions: dict[str, SubmissionRow] = field(default_factory=dict)
    matches: dict[str, MatchRow] = field(default_factory=dict)
    seats: list[SeatRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    ratings: dict[str, RatingRow] = field(default_factory=dict)
    settings: dict[int, EloSettings] = field(default_factory=dict)
    board: dict[str, RatingRow] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dead_letters: list[Event] = field(default_factory=list)
    verification: list[str] = field(default_factory=list)

    @property
    def requested(self) -> set[str]:
        return {e.data["matchId"] for e in self.events if e.topic == "match.requested"}

    @property
    def ledger(self) -> dict[str, int]:
        """The number of each match that is in the ledger."""
        return {change.match_id: change.number for change in self.changes}

    @property
    def summary(self) -> str:
        states = defaultdict(int)
        for row in self.matches.values():
            if row.kind == "ladder":
                states[row.state] += 1
        open_matches = states["pending"] + states["running"]
        return (
            f"requested {len(self.requested)} = finished {states['completed']}"
            f" + failed {states['failed']} + cancelled {states['cancelled']}"
            f" + open {open_matches}; ledger {len(self.ledger)};"
            f" events {len(self.events)}"
        )


def read(suite: Suite, topics: Topics) -> Books:
    """Reads everything. Topics last: what a database says was sent must be there by then."""
    submissions = {
        row[0]: SubmissionRow(*row)
        for row in suite.query(
            "submission-service",
            "select id::text, state, state = any (%s)"
            " and updated_at < now() - make_interval(secs => %s) from submission",
            (list(BUILDING), STUCK_SECONDS),
        )
    }
    matches = {
        row[0]: MatchRow(*row)
        for row in suite.query(
            "match-service", "select id::text, state, kind, rated, outcome from match"
        )
    }
    seats = [
        SeatRow(*row)
        for row in suite.query(
            "match-service",
            "select match_id::text, seat, agent_id::text, rank, verdict from match_participant",
        )
    ]
    changes = [
        ChangeRow(*row)
        for row in suite.query(
            "rating-service",
            "select number, match_id::text, seat, agent_id::text, rating_before, rating_after,"
            " change, settings_version from ledger_entry join ledger_change using (number)"
            " order by number, seat",
        )
    ]
    ratings = {
        row[0]: RatingRow(*row[1:])
        for row in suite.query(
            "rating-service", "select agent_id::text, elo, wins, losses, draws from rating"
        )
    }
    settings = {
        row[0]: EloSettings(*row[1:])
        for row in suite.query(
            "rating-service",
            "select version, start_rating, floor_rating, newcomer_k, newcomer_games, settling_k,"
            " settling_games, established_k from rating_settings",
        )
    }
    board = _board(suite)
    comparisons = [
        Comparison(
            p.name,
            suite.rows(p.source.service, p.source.query),
            suite.rows(p.copy.service, p.copy.query),
        )
        for p in PROJECTIONS
    ]
    forgotten = [row[0] for row in suite.query("matchmaking-service", _FORGOTTEN)]
    outbox = _outboxes(suite)
    verification = _verification(suite)
    events = topics.read()
    return Books(
        submissions,
        matches,
        seats,
        changes,
        ratings,
        settings,
        board,
        comparisons,
        forgotten,
        outbox,
        [event for event in events if not event.topic.endswith(".dlq")],
        [event for event in events if event.topic.endswith(".dlq")],
        verification,
    )


# An agent that could play waits in the queue or sits in an open match.
_FORGOTTEN = """
select v.agent_id::text from active_version v join roster_agent a on a.id = v.agent_id
where v.active and a.enabled and not a.deleted
  and not exists (select 1 from pairing_seat s where s.agent_id = v.agent_id and s.open)
  and not exists (select 1 from unplayable_submission u where u.submission_id = v.submission_id)
  and not exists (select 1 from queue_entry q where q.agent_id = v.agent_id)
"""


def _outboxes(suite: Suite) -> list[OutboxRow]:
    return [
        OutboxRow(service.name, *row)
        for service in SERVICES
        if service.database
        for row in suite.query(
            service.name,
            "select position, event_id::text, topic, event_key, event_type, sent_at is not null,"
            " sent_at is null and occurred_at < now() - make_interval(secs => %s)"
            " from outbox_event order by position",
            (UNSENT_SECONDS,),
        )
    ]


def _board(suite: Suite) -> dict[str, RatingRow]:
    """Everybody on the public leaderboard, page by page."""
    found: dict[str, RatingRow] = {}
    page = 1
    while True:
        answer = httpx.get(
            f"{suite.service_url('rating-service')}/api/v1/leaderboard",
            params={"limit": 100, "page": page},
            timeout=30,
        )
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        for row in body["leaderboard"]:
            record = RatingRow(row["elo"], row["wins"], row["losses"], row["draws"])
            found[row["id"]] = record
        if page * 100 >= body["total"]:
            return found
        page += 1


def _verification(suite: Suite) -> list[str]:
    """The differences that rating-service finds when it recomputes its ledger."""
    token = suite.service_token("rating-service", "ledger:read")
    answer = httpx.get(
        f"{suite.service_url('rating-service')}/internal/ledger/verification",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    answer.raise_for_status()
    return [str(difference) for difference in answer.json()["differences"]]
