"""Fills projections of a service anew, from the topics they are made of.

    ./arena rebuild                          which there are, and whether they can be rebuilt
    ./arena rebuild SERVICE PROJECTION ...   rebuilds those, all in one stop of the service

For rows that somebody damaged, or a reader filled wrongly until it was mended. The service is
stopped, its readers' positions go back to the beginning, the rows and the readers' memory of the
events go in one transaction, and the service is started again: it then reads everything that the
topics keep. Until it has, it answers from what is there. Cut off anywhere, the command may be run
again: until the rows are gone the readers recognise every event, and nothing changes.

Only readers that do nothing but fill their projection are read again. A topic that forgets makes
no whole projection: the command says so and changes nothing, the others that were named neither.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from arena_local import records
from arena_local.layout import KAFKA_PORT, POSTGRES_PORT, Layout
from arena_local.parts import DATABASE_USER
from arena_local.secret_files import secret

KAFKA_SECONDS = 15.0
# A reader that was killed is a member of its group for so long.
LEAVE_SECONDS = 60.0
READ_SECONDS = 600.0


class RebuildProblem(Exception):
    """Ends the command with exit status 1; the message says what to do."""


@dataclass(frozen=True)
class Projection:
    """What can be filled anew.

    reader: its name in the inbox. empty: statements that take it back to before the first event.
    why_not: why it is never rebuilt from events alone, if so.
    """

    service: str
    name: str
    topic: str
    reader: str
    group: str
    empty: tuple[str, ...]
    why_not: str = ""


def _rows(service: str, name: str, topic: str, reader: str, table: str, group: str = ""):
    return Projection(service, name, topic, reader, group or service, (f"delete from {table}",))


PROJECTIONS = (
    Projection(
        "agent-service",
        "ratings",
        "rating.changed",
        "ratings",
        "agent-service",
        (
            "update agent set elo = 1200, wins = 0, losses = 0, draws = 0, rating_sequence = 0"
            " where deleted_at is null",
        ),
    ),
    Projection(
        "agent-service",
        "versions",
        "submission.activated",
        "activations",
        "agent-service",
        (
            "update agent set active_submission_id = null, activation_sequence = 0"
            " where deleted_at is null",
        ),
    ),
    Projection(
        "rating-service",
        "agents",
        "agent.changed",
        "agents",
        "rating-service",
        ("delete from known_agent", "update board_entry set listed = false where listed"),
    ),
    _rows("rating-service", "users", "user.changed", "users", "known_user", "rating-service.users"),
    Projection(
        "rating-service",
        "versions",
        "submission.activated",
        "submissions",
        "rating-service",
        (
            "delete from active_submission",
            "update board_entry set playing = false, submission_id = null where playing",
        ),
    ),
    _rows("matchmaking-service", "ratings", "rating.changed", "ratings", "agent_rating"),
    _rows(
        "matchmaking-service", "environments", "environment.changed", "environments", "environment"
    ),
    _rows(
        "match-service",
        "environments",
        "environment.changed",
        "environments",
        "environment_entry",
        "match-service.environment-changed",
    ),
    _rows(
        "match-service",
        "versions",
        "submission.activated",
        "versions",
        "active_version",
        "match-service.submission-activated",
    ),
    _rows(
        "match-service",
        "ratings",
        "rating.changed",
        "ratings",
        "rating_change",
        "match-service.rating-changed",
    ),
    _rows(
        "build-service",
        "playing",
        "submission.activated",
        "playing",
        "playing_build",
        "build-service.submission-activated",
    ),
    _rows("webhook-service", "agents", "agent.changed", "agents", "known_agent"),
    Projection(
        "matchmaking-service", "pairings", "match.finished", "matches", "matchmaking-service", ()
    ),
    Projection(
        "submission-service",
        "builds",
        "submission.built",
        "submission-built",
        "submission-service",
        (),
    ),
    Projection(
        "matchmaking-service",
        "agents",
        "agent.changed",
        "agents",
        "matchmaking-service",
        (),
        "its reader also decides who is in the queue",
    ),
    Projection(
        "match-service",
        "agents",
        "agent.changed",
        "agents",
        "match-service.agent-changed",
        (),
        "its reader also cancels matches",
    ),
    Projection(
        "submission-service",
        "agents",
        "agent.changed",
        "agents",
        "submission-service",
        (),
        "its reader also erases sources",
    ),
)


class Bus:
    """The positions of readers, and what topics keep."""

    def __init__(self, bootstrap: str) -> None:
        self._settings = {"bootstrap.servers": bootstrap}
        self._admin = AdminClient(self._settings)

    def forgets(self, topic: str) -> str:
        """Why the topic does not have everything any more; empty when it has."""
        resource = ConfigResource(ResourceType.TOPIC, topic)
        (answer,) = self._admin.describe_configs([resource]).values()
        settings = {name: entry.value for name, entry in answer.result(KAFKA_SECONDS).items()}
        if "compact" in settings["cleanup.policy"]:
            return ""
        kept, size = int(settings["retention.ms"]), int(settings["retention.bytes"])
        if kept >= 0:
            return f"{topic} keeps {kept / 86_400_000:g} days: what is older would be missing."
        if size >= 0:
            return f"{topic} keeps {size} bytes a partition: what is older would be missing."
        if any(low > 0 for low, _ in self.ends(topic).values()):
            return f"{topic} has lost its oldest records: they would be missing."
        return ""

    def ends(self, topic: str) -> dict[int, tuple[int, int]]:
        """By partition the first offset, and the one behind the last."""
        consumer = Consumer({**self._settings, "group.id": "rebuild"})
        try:
            metadata = consumer.list_topics(topic, timeout=KAFKA_SECONDS).topics[topic]
            return {
                number: consumer.get_watermark_offsets(
                    TopicPartition(topic, number), timeout=KAFKA_SECONDS
                )
                for number in metadata.partitions
            }
        finally:
            consumer.close()

    def members(self, group: str) -> int:
        (answer,) = self._admin.describe_consumer_groups([group]).values()
        return len(answer.result(KAFKA_SECONDS).members)

    def set_back(self, group: str, topic: str) -> None:
        places = [TopicPartition(topic, n, low) for n, (low, _) in self.ends(topic).items()]
        request = [ConsumerGroupTopicPartitions(group, places)]
        (answer,) = self._admin.alter_consumer_group_offsets(request).values()
        for place in answer.result(KAFKA_SECONDS).topic_partitions:
            if place.error:
                raise KafkaException(place.error)

    def position(self, group: str, topic: str) -> dict[int, int]:
        places = [TopicPartition(topic, number) for number in self.ends(topic)]
        request = [ConsumerGroupTopicPartitions(group, places)]
        (answer,) = self._admin.list_consumer_group_offsets(request).values()
        found = answer.result(KAFKA_SECONDS).topic_partitions
        return {place.partition: place.offset for place in found}


class LocalSuite:
    """Stops and starts a service of a suite that ./arena up runs."""

    def __init__(self, layout: Layout) -> None:
        record = records.load(layout)
        if record is None or not record.supervisor_runs():
            raise RebuildProblem("the suite does not run: ./arena up")
        self.layout = Layout(layout.state, record.port_offset)

    def database(self, service: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.layout.port(POSTGRES_PORT),
            user=DATABASE_USER,
            password=secret(self.layout, "postgres-password"),
            dbname=service.replace("-", "_"),
        )

    @contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """Inside the block the service does not run; afterwards it is started again."""
        held = self.layout.held(service)
        held.parent.mkdir(exist_ok=True)
        held.touch()
        try:
            if self._pid(service):
                os.kill(self._pid(service), signal.SIGTERM)
            _wait(f"{service} to stop", LEAVE_SECONDS, lambda: not self._pid(service))
            yield
        finally:
            held.unlink(missing_ok=True)

    def _pid(self, service: str) -> int:
        record = records.load(self.layout)
        return next(p.pid for p in record.parts if p.name == service) if record else 0


def chosen(bus: Bus, service: str, names: list[str]) -> list[Projection]:
    """Those of the service with these names, every one of which can be rebuilt."""
    of_service = {found.name: found for found in PROJECTIONS if found.service == service}
    if not names:
        raise RebuildProblem("name the projections to rebuild; `./arena rebuild` lists them.")
    unknown = [name for name in names if name not in of_service]
    if unknown:
        raise RebuildProblem(
            f"{service} {unknown[0]}: there is no such projection; `./arena rebuild` lists them."
        )
    wanted = [of_service[name] for name in dict.fromkeys(names)]
    for projection in wanted:
        reason = projection.why_not or bus.forgets(projection.topic)
        if reason:
            raise RebuildProblem(f"{projection.name} of {service} cannot be rebuilt: {reason}")
    return wanted


def rebuild(suite: LocalSuite, bus: Bus, service: str, wanted: list[Projection]) -> None:
    """Fills them anew."""
    with suite.stopped(service):
        for group in {projection.group for projection in wanted}:
            _wait(
                f"group {group} to be empty: stop other replicas",
                LEAVE_SECONDS,
                lambda group=group: bus.members(group) == 0,
            )
        # The positions first: with them alone the inbox still knows every event.
        for projection in wanted:
            bus.set_back(projection.group, projection.topic)
        with suite.database(service) as session:
            for projection in wanted:
                for statement in projection.empty:
                    session.execute(statement)
                session.execute(
                    "delete from processed_event where reader = %s", (projection.reader,)
                )
    for projection in wanted:
        _await_read(bus, projection)


def _await_read(bus: Bus, projection: Projection) -> None:
    ends = bus.ends(projection.topic)

    def is_read() -> bool:
        # without a record to read no position is stored
        position = bus.position(projection.group, projection.topic)
        return all(low == high or position[n] >= high for n, (low, high) in ends.items())

    _wait(f"{projection.service} to read {projection.topic}", READ_SECONDS, is_read)


def events_of(suite: LocalSuite, projection: Projection) -> int:
    """How many events its reader has handled."""
    with suite.database(projection.service) as session:
        query = "select count(*) from processed_event where reader = %s"
        row = session.execute(query, (projection.reader,)).fetchone()
    return int(str(row[0])) if row else 0


def _wait(what: str, seconds: float, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise RebuildProblem(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


def _list(bus: Bus) -> None:
    for projection in PROJECTIONS:
        reason = projection.why_not or bus.forgets(projection.topic)
        verdict = f"no: {reason}" if reason else f"from {projection.topic}"
        print(f"{projection.service:<20} {projection.name:<13} {verdict}")


def main() -> int:
    options = _parser().parse_args()
    try:
        suite = LocalSuite(Layout.of(options.state, options.port_offset))
        bus = Bus(f"127.0.0.1:{suite.layout.port(KAFKA_PORT)}")
        if options.service is None:
            _list(bus)
            return 0
        wanted = chosen(bus, options.service, options.projections)
        rebuild(suite, bus, options.service, wanted)
        for projection in wanted:
            events = events_of(suite, projection)
            print(f"{projection.name} of {options.service}: rebuilt from {events} events")
    except (RebuildProblem, KafkaException, psycopg.Error) as problem:
        print(f"arena: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./arena rebuild",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", nargs="?", metavar="SERVICE")
    parser.add_argument("projections", nargs="*", metavar="PROJECTION")
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
