"""The faults, by name: what is done, where, and how often it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from arena_local.layout import PART_NAMES, SERVICES
from chaos import bus, clock
from chaos.gates import NotInjected, Point, gate
from chaos.replicas import second, seconds
from chaos.stage import OWNERS, Stage

Injection = Callable[[Stage], None]


@dataclass(frozen=True)
class Fault:
    """inject: does it and undoes it; returns when what it stopped runs again.

    weight: share of the trials. pairs: may happen together with another such fault.
    """

    name: str
    what: str
    inject: Injection
    weight: int = 1
    pairs: bool = False


# --- processes that die or stop

# They seldom publish, or never: a relay of theirs would be waited for in vain.
QUIET = ("auth-service", "webhook-service")


def _kill_mid_match(part: str, stage: Stage) -> None:
    stage.await_match_running()
    stage.kill(part)


def _kill(part: str, stage: Stage) -> None:
    stage.linger(0, 1.5)
    stage.kill(part)


def _kill_two(stage: Stage) -> None:
    stage.linger(0, 1)
    stage.kill(*stage.chance.sample([name for name in PART_NAMES if name != "infra"], 2))


def _kill_mid_build(stage: Stage) -> None:
    query = "select 1 from build_attempt where state in ('BUILDING', 'VALIDATING') limit 1"
    stage.await_row("a build to run", "build-service", query)
    stage.kill("build-service")


def _restart(stage: Stage) -> None:
    stage.linger(0, 1)
    stage.restart(stage.chance.choice([name for name in PART_NAMES if name != "infra"]))


def _rolling_restart(stage: Stage) -> None:
    for service in SERVICES:
        stage.restart(service.name)
    stage.restart("executor")


def _freeze(part: str, least: float, most: float, stage: Stage) -> None:
    stage.await_match_running()
    with stage.frozen(part):
        stage.linger(least, most)


# --- the database


def _crash_database(stage: Stage) -> None:
    stage.linger(0, 1)
    stage.crash_database()


def _restart_database(stage: Stage) -> None:
    stage.linger(0, 1)
    stage.restart_database()


def _freeze_database(stage: Stage) -> None:
    with stage.frozen_database():
        stage.linger(2, 5)


def _cut_sessions(stage: Stage) -> None:
    for _ in range(3):
        stage.linger(0, 0.7)
        stage.cut_sessions()


# --- the network, the disk


def _toxic(place: str, kind: str, attributes: dict[str, int], stage: Stage) -> None:
    with stage.network.toxic(place, kind, **attributes):
        stage.linger(3, 6)


def _resets(place: str, stage: Stage) -> None:
    for _ in range(3):
        with stage.network.toxic(place, "reset_peer", timeout=0):
            stage.linger(0.2, 0.8)
        stage.linger(0.2, 0.8)


def _full_disk(stage: Stage) -> None:
    stage.await_match_running()
    with stage.disk.full():
        stage.linger(2, 5)


# --- two replicas


def _take_over(stage: Stage) -> None:
    """The second one takes the leases, the relay and the partitions; then it dies as well."""
    name = stage.chance.choice(OWNERS)
    with second(stage.suite, name):
        stage.kill(name)


def _two_of_all(stage: Stage) -> None:
    with seconds(stage.suite, OWNERS):
        stage.kill(*stage.chance.sample(OWNERS, len(OWNERS)))


# --- time


def _jump_clock(stage: Stage) -> None:
    """Of the only process that a service has meanwhile; those beside it have the true time."""
    if not clock.can_jump():
        raise NotInjected("there is no C compiler here to make a clock that jumps with")
    name = stage.chance.choice(OWNERS)
    jumping = clock.Clock(stage.suite.layout.run)
    with second(stage.suite, name, environment=jumping.environment), stage.down(name):
        for hours in (1, -1, 0):
            jumping.set_ahead(hours * 3600)
            stage.linger(3, 5)


# --- killed at one statement


def _kill_at(point: Point, stage: Stage) -> None:
    service = point.service
    restarts = stage.suite.part(service).restarts + 1
    with gate(stage.suite, point) as closed:
        closed.await_arrival()
        stage.suite.kill(service)
        closed.close_behind()
    stage.suite.await_up(service, restarts)


def _kill_relay(stage: Stage) -> None:
    """The broker has confirmed; the row is not marked and never will be by this process."""
    service = stage.chance.choice([name for name in OWNERS if name not in QUIET])
    _kill_at(Point(service, "outbox_event", "update", "new.sent_at is not null"), stage)


def _kill_reader(stage: Stage) -> None:
    """The effect is committed; the offset, committed once a second, is not."""
    service = stage.chance.choice(("rating-service", "matchmaking-service", "submission-service"))
    [(before,)] = stage.suite.query(service, "select count(*) from processed_event")
    query = f"select 1 from processed_event having count(*) > {before}"
    stage.await_row("an event to be handled", service, query)
    stage.kill(service)


# What the services let the database do, and half of it again.
TRANSACTION_LIMIT = 90


def _freeze_in_transaction(stage: Stage) -> None:
    """The statement is done and its commit does not come, nor does the process end."""
    point = stage.chance.choice(list(POINTS.values()))
    with gate(stage.suite, point) as closed:
        closed.await_arrival()
        with stage.frozen(point.service):
            closed.open_until_ended(TRANSACTION_LIMIT)


POINTS = {
    "match-service killed while it stores a result": Point(
        "match-service", "match", "update", "new.state = 'completed'"
    ),
    "match-service killed while it leases a match": Point(
        "match-service", "match", "update", "new.state = 'running' and old.state = 'pending'"
    ),
    "rating-service killed while it rates": Point("rating-service", "ledger_entry", "insert"),
    "matchmaking-service killed in a round": Point("matchmaking-service", "pairing", "insert"),
    "submission-service killed while it stores an upload": Point(
        "submission-service", "submission", "insert"
    ),
    "submission-service killed while it activates": Point(
        "submission-service", "submission", "update", "new.state = 'ACTIVE'"
    ),
    "build-service killed while it ends a build": Point(
        "build-service", "build_attempt", "update", "new.state = 'SUCCEEDED'"
    ),
}


def catalogue() -> dict[str, Fault]:
    """Every fault there is, by name, in the order of the table."""
    kills = [
        Fault(f"{service.name} killed", "kill -9 at any moment", partial(_kill, service.name), 3)
        for service in SERVICES
    ]
    faults = [
        *[replace_pairs(kill) for kill in kills],
        Fault(
            "executor killed in a match",
            "kill -9 while a match runs",
            partial(_kill_mid_match, "executor"),
            5,
            pairs=True,
        ),
        Fault(
            "match-service killed in a match",
            "kill -9 while a match runs",
            partial(_kill_mid_match, "match-service"),
            4,
        ),
        Fault("build-service killed in a build", "kill -9 while a build runs", _kill_mid_build, 4),
        Fault("two parts killed at once", "kill -9 of two, drawn", _kill_two, 4),
        *[
            Fault(
                name, f"kill -9 in the transaction on `{point.table}`", partial(_kill_at, point), 3
            )
            for name, point in POINTS.items()
        ],
        Fault(
            "relay killed between send and mark",
            "kill -9 when the broker has confirmed and the row is not marked; service drawn",
            _kill_relay,
            8,
        ),
        Fault(
            "reader killed between commit and offset",
            "kill -9 when the effect is committed and the offset is not; service drawn",
            _kill_reader,
            5,
        ),
        Fault("one part restarted", "SIGTERM, drawn", _restart, 5),
        Fault(
            "all parts restarted, one by one",
            "SIGTERM, each ready before the next",
            _rolling_restart,
            2,
        ),
        Fault(
            "executor frozen",
            "SIGSTOP for 3 to 6 s in a match",
            partial(_freeze, "executor", 3, 6),
            3,
        ),
        Fault(
            "match-service frozen past its leases",
            "SIGSTOP for 5 to 8 s in a match; leases last 4 s",
            partial(_freeze, "match-service", 5, 8),
            4,
        ),
        Fault(
            "build-service frozen past its leases",
            "SIGSTOP for 6 to 9 s; leases last 5 s",
            partial(_freeze, "build-service", 6, 9),
            2,
        ),
        Fault(
            "frozen in a transaction",
            "SIGSTOP between a statement and its commit, at one of the places above, until the"
            " database has ended the session (60 s)",
            _freeze_in_transaction,
            2,
        ),
        Fault(
            "broker and database killed",
            "kill -9 of the process that runs both; the server is ended by its successor",
            partial(_kill, "infra"),
            4,
        ),
        Fault(
            "broker frozen",
            "SIGSTOP for 3 to 8 s",
            partial(_freeze, "infra", 3, 8),
            5,
            pairs=True,
        ),
        Fault(
            "database crashed",
            "kill -9 of a server process: all sessions end, the log is replayed",
            _crash_database,
            7,
            pairs=True,
        ),
        Fault(
            "database stopped and started",
            "immediate mode: no goodbye, the log is replayed",
            _restart_database,
            5,
        ),
        Fault("database frozen", "SIGSTOP of all its processes for 2 to 5 s", _freeze_database, 5),
        Fault(
            "database sessions cut",
            "every session ended, three times",
            _cut_sessions,
            6,
            pairs=True,
        ),
        Fault(
            "records delivered again",
            "up to 40 records of each topic sent three times more, in their order",
            bus.repeat,
            6,
            pairs=True,
        ),
        Fault(
            "records delivered again, out of order",
            "up to 40 records of each topic sent once more, shuffled",
            bus.shuffle,
            6,
            pairs=True,
        ),
        Fault(
            "offsets set back to the beginning",
            "of every group of a service while it is down; service drawn",
            bus.rewind,
            6,
        ),
        *[
            Fault(f"{place} {what}", done, partial(_toxic, place, kind, attributes), weight)
            for place in ("broker", "database")
            for what, done, kind, attributes, weight in (
                (
                    "slow",
                    "toxiproxy: each answer 400 ms late, give or take 200, for 3 to 6 s",
                    "latency",
                    {"latency": 400, "jitter": 200},
                    4,
                ),
                (
                    "silent",
                    "toxiproxy: connections stay open, nothing comes through, for 3 to 6 s",
                    "timeout",
                    {"timeout": 0},
                    3,
                ),
            )
        ],
        *[
            Fault(
                f"connections to the {place} reset",
                "toxiproxy: every connection reset, three times",
                partial(_resets, place),
                5,
            )
            for place in ("broker", "database")
        ],
        Fault(
            "object store full",
            "not a byte free for 2 to 5 s in a match",
            _full_disk,
            5,
        ),
        Fault(
            "a clock jumps",
            "of a service, drawn: an hour ahead, an hour behind, right again, each for 3 to 5 s",
            _jump_clock,
            6,
        ),
        Fault(
            "a second replica takes over",
            "of a service, drawn: joins, the first is killed, comes back, the second is killed",
            _take_over,
            6,
        ),
        Fault(
            "two replicas of every service",
            "all first ones killed at once while second ones run",
            _two_of_all,
            2,
        ),
    ]
    return {fault.name: fault for fault in faults}


def replace_pairs(fault: Fault) -> Fault:
    return Fault(fault.name, fault.what, fault.inject, fault.weight, pairs=True)
