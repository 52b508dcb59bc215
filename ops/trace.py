"""The way of one submission through a running suite, with times: from its upload to its ratings.

    ./arena trace SUBMISSION [--matches 3] [--state DIR] [--port-offset N]

Told from the services' own tables. Steps of a build and the entry into the queue are known as long
as the events about them are kept in the outbox (an hour); everything else stays. Seconds count from
the upload; the trace id is that of its request, which the services' logs and events carry too.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from arena_local.layout import Layout
from suite import Suite

Row = tuple[Any, ...]


class NoSuchSubmission(Exception):
    """Ends the command with exit status 1."""


@dataclass(frozen=True, order=True)
class Moment:
    """What happened when, and who tells it."""

    at: datetime
    service: str
    what: str


@dataclass(frozen=True)
class Way:
    """heading: what the submission is. trace: id of its request's trace; empty if none is known."""

    heading: str
    trace: str
    moments: list[Moment]

    def lines(self) -> Iterator[str]:
        yield self.heading
        yield f"trace {self.trace or 'unknown'}"
        begun = self.moments[0].at
        for moment in self.moments:
            time = f"{moment.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
            since = (moment.at - begun).total_seconds()
            yield f"  {time}Z {since:>10.3f} s  {moment.service:<20} {moment.what}"


def way(suite: Suite, submission: str, matches: int) -> Way:
    """Everything that is known about the submission and its first matches, in order of time."""
    query = (
        "select s.agent_id, a.name, s.environment_id, s.version, s.state, s.created_at,"
        " s.activated_at from submission s join agent a on a.id = s.agent_id where s.id = %s"
    )
    found = suite.query("submission-service", query, (submission,))
    if not found:
        raise NoSuchSubmission(f"submission-service knows no submission {submission}.")
    [(agent, name, environment, version, state, created, activated)] = found
    moments = [Moment(created, "submission-service", "uploaded")]
    if activated:
        moments.append(Moment(activated, "submission-service", "activated"))
    trace = ""
    for moment, parent in _build(suite, submission):
        moments.append(moment)
        trace = trace or (parent or "")[3:35]
    moments += _queue(suite, submission)
    for match in _paired(suite, submission, agent, matches):
        moments += match
    title = f"agent {name or 'deleted'} ({agent}) of {environment}, version {version}"
    heading = f"submission {submission}: {title}, {state.lower()}"
    return Way(heading, trace, sorted(moments))


def _build(suite: Suite, submission: str) -> Iterator[tuple[Moment, str | None]]:
    service = "build-service"
    query = (
        "select attempt, state, failure_message, created_at, finished_at, traceparent"
        " from build_attempt where submission_id = %s order by attempt"
    )
    for attempt, state, failure, created, finished, parent in suite.query(
        service, query, (submission,)
    ):
        yield Moment(created, service, f"build asked for, attempt {attempt}"), parent
        if finished:
            why = f": {failure}" if failure else ""
            yield Moment(finished, service, f"build {state.lower()}{why}"), parent
    query = (
        "select occurred_at, payload::json ->> 'step', traceparent from outbox_event"
        " where subject = %s and topic = 'build.progress' order by position"
    )
    for at, step, parent in suite.query(service, query, (submission,)):
        yield Moment(at, service, str(step)), parent


def _queue(suite: Suite, submission: str) -> Iterator[Moment]:
    """When matchmaking-service took the activations in, by their event ids."""
    query = (
        "select event_id::text from outbox_event where topic = 'submission.activated'"
        " and payload::json ->> 'submissionId' = %s"
    )
    events = [row[0] for row in suite.query("submission-service", query, (submission,))]
    query = (
        "select processed_at from processed_event"
        " where reader = 'submissions' and event_id = any(%s)"
    )
    for (at,) in suite.query("matchmaking-service", query, (events,)):
        yield Moment(at, "matchmaking-service", "queued")


def _paired(suite: Suite, submission: str, agent: Any, limit: int) -> Iterator[list[Moment]]:
    query = (
        "select p.match_id, p.requested_at, p.reason, o.agent_id from pairing_seat s"
        " join pairing p on p.match_id = s.match_id"
        " join pairing_seat o on o.match_id = s.match_id and o.agent_id <> s.agent_id"
        " where s.submission_id = %s order by p.requested_at limit %s"
    )
    for match, at, reason, other in suite.query("matchmaking-service", query, (submission, limit)):
        paired = f"match {match}: paired with agent {other}, {reason.lower()}"
        yield [
            Moment(at, "matchmaking-service", paired),
            *_played(suite, match, agent),
            *_rated(suite, match, agent),
        ]


def _played(suite: Suite, match: Any, agent: Any) -> Iterator[Moment]:
    service = "match-service"
    query = (
        "select place, started_at, ended_at, ending, message from match_attempt"
        " where match_id = %s order by started_at"
    )
    for place, started, ended, ending, message in suite.query(service, query, (match,)):
        yield Moment(started, service, f"match {match}: started on {place}")
        if ended and ending != "played":
            why = f": {message}" if message else ""
            yield Moment(ended, service, f"match {match}: attempt {ending}{why}")
    query = (
        "select m.completed_at, m.state, m.outcome, p.rank, p.verdict, m.failure_message"
        " from match m join match_participant p on p.match_id = m.id"
        " where m.id = %s and p.agent_id = %s and m.completed_at is not null"
    )
    for at, state, outcome, rank, verdict, failure in suite.query(service, query, (match, agent)):
        if state == "completed":
            told = f"finished, {outcome}, rank {rank}, verdict {verdict}"
        else:
            told = f"{state}: {failure}"
        yield Moment(at, service, f"match {match}: {told}")


def _rated(suite: Suite, match: Any, agent: Any) -> Iterator[Moment]:
    query = (
        "select e.rated_at, e.number, c.rating_before, c.rating_after from ledger_entry e"
        " join ledger_change c on c.number = e.number where e.match_id = %s and c.agent_id = %s"
    )
    for at, number, before, after in suite.query("rating-service", query, (match, agent)):
        told = f"rated {before} -> {after}, ledger {number}"
        yield Moment(at, "rating-service", f"match {match}: {told}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./arena trace")
    parser.add_argument("submission", type=uuid.UUID)
    parser.add_argument("--matches", type=int, default=3, help="of its first ones (default 3)")
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    options = parser.parse_args()
    suite = Suite(Layout.of(options.state, options.port_offset))
    try:
        for line in way(suite, str(options.submission), options.matches).lines():
            print(line)
    except NoSuchSubmission as problem:
        print(f"arena: {problem}", file=sys.stderr)
        return 1
    except (psycopg.OperationalError, OSError) as problem:
        print(f"arena: the suite's database does not answer: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
