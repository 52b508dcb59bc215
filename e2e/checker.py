"""Audits a suite: do the databases and the topics of all services tell the same story?

Every finding is a sentence about one thing. A suite that runs has work in flight, so what is
reported is what stays wrong over several looks, never what one look saw.

    ./arena audit [--state DIR] [--port-offset N] [--settle SECONDS]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from arena_local.layout import KAFKA_PORT, SERVICES, Layout
from suite import Suite

# A build takes seconds; one that is not over after this long is not going to be.
STUCK_SECONDS = 90
# The relay sends within a fraction of a second while the broker is up.
UNSENT_SECONDS = 15
TERMINAL = {
    "org.rlarena.match.finished.v1": "completed",
    "org.rlarena.match.failed.v1": "failed",
    "org.rlarena.match.cancelled.v1": "cancelled",
}


@dataclass(frozen=True)
class Event:
    """One record of a topic."""

    topic: str
    id: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class MatchRow:
    id: str
    state: str
    kind: str
    rated: bool
    outcome: str | None


@dataclass(frozen=True)
class Books:
    """What every service and the bus had to say at about the same time."""

    requested: set[str]
    matches: dict[str, MatchRow]
    ledger: dict[str, int]
    elo_at_rating: dict[str, int]
    elo_at_agents: dict[str, int]
    changes_at_match: set[str]
    stuck: list[str]
    unsent: list[str]
    outbox: dict[str, set[str]]
    events: list[Event]
    dead_letters: list[str]
    verification: list[str]

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


def read(suite: Suite) -> Books:
    """Reads everything. Topics last: what a database says was sent must be there by then."""
    with suite.database("match-service") as database:
        matches = {
            row[0]: MatchRow(*row)
            for row in database.execute(
                "select id::text, state, kind, rated, outcome from match"
            ).fetchall()
        }
        changes = _column(database, "select distinct match_id::text from rating_change")
    with suite.database("rating-service") as database:
        ledger = dict(
            database.execute("select match_id::text, number from ledger_entry").fetchall()
        )
        elo = dict(database.execute("select agent_id::text, elo from rating").fetchall())
    with suite.database("agent-service") as database:
        agents = dict(
            database.execute("select id::text, elo from agent where deleted_at is null").fetchall()
        )
    with suite.database("submission-service") as database:
        stuck = [
            f"submission {row[0]} has been {row[1].lower()} for more than {STUCK_SECONDS} s"
            for row in database.execute(
                "select id::text, state from submission"
                " where state in ('PENDING', 'BUILDING', 'VALIDATING', 'SCANNING')"
                " and updated_at < now() - make_interval(secs => %s)",
                (STUCK_SECONDS,),
            ).fetchall()
        ]
    unsent, outbox = _outboxes(suite)
    verification = _verification(suite)
    events = list(_events(suite, lambda topic: not topic.endswith(".dlq")))
    dead = [
        f"dead letter on {event.topic}: {event.type} {event.id}"
        for event in _events(suite, lambda topic: topic.endswith(".dlq"))
    ]
    requested = {event.data["matchId"] for event in events if event.topic == "match.requested"}
    return Books(
        requested,
        matches,
        ledger,
        elo,
        agents,
        changes,
        stuck,
        unsent,
        outbox,
        events,
        dead,
        verification,
    )


def _column(database: Any, query: str) -> set[str]:
    return {row[0] for row in database.execute(query).fetchall()}


def _outboxes(suite: Suite) -> tuple[list[str], dict[str, set[str]]]:
    """Rows that are long unsent, and the ids of the rows that are marked as sent, by topic."""
    unsent: list[str] = []
    sent: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        if not service.database:
            continue
        with suite.database(service) as database:
            for row in database.execute(
                "select event_id::text, event_type from outbox_event where sent_at is null"
                " and occurred_at < now() - make_interval(secs => %s)",
                (UNSENT_SECONDS,),
            ).fetchall():
                unsent.append(f"{service.name} has not sent {row[1]} {row[0]}")
            for row in database.execute(
                "select event_id::text, topic from outbox_event where sent_at is not null"
            ).fetchall():
                sent[row[1]].add(row[0])
    return unsent, sent


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


def _events(suite: Suite, wanted: Any) -> Iterator[Event]:
    """Every record that is on the topics now, from the beginning."""
    consumer = Consumer(
        {
            "bootstrap.servers": f"127.0.0.1:{suite.layout.port(KAFKA_PORT)}",
            "group.id": f"checker-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
        }
    )
    try:
        metadata = consumer.list_topics(timeout=30)
        partitions = [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic, description in metadata.topics.items()
            if not topic.startswith("__") and wanted(topic)
            for partition in description.partitions
        ]
        ends = {}
        for partition in partitions:
            low, high = consumer.get_watermark_offsets(partition, timeout=30)
            if high > low:
                ends[partition.topic, partition.partition] = high
        consumer.assign([p for p in partitions if (p.topic, p.partition) in ends])
        while ends:
            message = consumer.poll(10)
            if message is None:
                raise TimeoutError(f"no record for 10 s although there are some: {ends}")
            if message.error():
                raise RuntimeError(str(message.error()))
            key = (message.topic(), message.partition())
            if key in ends and message.offset() + 1 >= ends[key]:
                del ends[key]
            yield _event(message)
    finally:
        consumer.close()


def _event(message: Any) -> Event:
    headers = {name: (value or b"").decode() for name, value in message.headers() or []}
    try:
        data = json.loads(message.value() or b"{}")
    except ValueError:
        data = {}
    return Event(message.topic(), headers.get("ce_id", ""), headers.get("ce_type", ""), data)


def findings(books: Books) -> set[str]:
    """Everything that does not add up, a sentence each."""
    found = {*books.stuck, *books.unsent, *books.dead_letters, *books.verification}
    found |= set(_match_findings(books))
    found |= set(_ledger_findings(books))
    for topic, ids in books.outbox.items():
        on_topic = {event.id for event in books.events if event.topic == topic}
        found |= {f"event {lost} was sent but is not on {topic}" for lost in ids - on_topic}
    return found


def _match_findings(books: Books) -> Iterator[str]:
    ladder = {row.id for row in books.matches.values() if row.kind == "ladder"}
    yield from (
        f"match {lost} was requested but does not exist" for lost in books.requested - ladder
    )
    yield from (f"match {extra} was never requested" for extra in ladder - books.requested)
    ends = _distinct(e for e in books.events if e.topic == "match.finished")
    for row in books.matches.values():
        published = ends.get(row.id, {})
        over = row.state in TERMINAL.values()
        if over != bool(published):
            yield f"match {row.id} is {row.state} but its end was published {len(published)} times"
        if len(published) > 1:
            yield f"match {row.id} has {len(published)} different ends"
        for event in published.values():
            if TERMINAL.get(event.type) != row.state:
                yield f"match {row.id} is {row.state} but was published as {event.type}"


def _ledger_findings(books: Books) -> Iterator[str]:
    rated = {
        row.id
        for row in books.matches.values()
        if row.rated and row.state == "completed" and row.outcome != "no_contest"
    }
    yield from (
        f"match {lost} is finished but not in the ledger" for lost in rated - set(books.ledger)
    )
    yield from (f"match {extra} is in the ledger only" for extra in set(books.ledger) - rated)
    numbers = sorted(books.ledger.values())
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the ledger's numbers have gaps"
    changes = _distinct(e for e in books.events if e.topic == "rating.changed")
    for match_id, events in changes.items():
        if len(events) > 1:
            yield f"match {match_id} moved ratings {len(events)} times"
    yield from (
        f"match {lost} is in the ledger but no rating.changed tells of it"
        for lost in set(books.ledger) - set(changes)
    )
    yield from (
        f"match-service does not know the rating changes of match {lost}"
        for lost in set(books.ledger) - books.changes_at_match
    )
    for agent_id, elo in books.elo_at_rating.items():
        shown = books.elo_at_agents.get(agent_id, elo)
        if shown != elo:
            yield f"agent {agent_id} is rated {elo} but agent-service shows {shown}"


def _distinct(events: Iterable[Event]) -> dict[str, dict[str, Event]]:
    """By match: the events with different ids. The same id twice is a repeat, which is allowed."""
    by_match: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        by_match[event.data["matchId"]][event.id] = event
    return by_match


def settle(suite: Suite, seconds: float) -> tuple[set[str], Books]:
    """What stays wrong over that time; empty as soon as nothing seen wrong at first still is."""
    deadline = time.monotonic() + seconds
    books = read(suite)
    wrong = findings(books)
    while wrong and time.monotonic() < deadline:
        time.sleep(1)
        books = read(suite)
        wrong &= findings(books)
    return wrong, books


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
