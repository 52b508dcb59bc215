"""Stops a service at one statement of its own, so that it can be killed exactly there.

A trigger on the table asks for a lock that the caller holds. Nothing in the service knows of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from suite import Suite, wait_for

_LOCK = 0x63686173
_PASSING = """
create or replace function chaos_gate() returns trigger language plpgsql as
$$ begin perform pg_advisory_xact_lock({lock}); return new; end $$
"""
_WAITING = """
select pid from pg_locks where locktype = 'advisory' and not granted and objid = %s
  and database = (select oid from pg_database where datname = current_database())
"""


class NotInjected(Exception):
    """The moment for the fault did not come: the trial counts for nothing."""


@dataclass(frozen=True)
class Point:
    """A statement of a service. condition: of the row, as SQL over NEW; empty for every row."""

    service: str
    table: str
    operation: str
    condition: str = ""


class Gate:
    def __init__(self, session: psycopg.Connection[tuple[object, ...]], point: Point) -> None:
        self._session = session
        self._point = point

    def await_arrival(self, seconds: float = 30) -> None:
        """Until the service waits at the gate."""
        deadline = time.monotonic() + seconds
        while not self._waiting():
            if time.monotonic() > deadline:
                raise NotInjected(f"nothing came to {self._point.table} of {self._point.service}")
            time.sleep(0.02)

    def close_behind(self) -> None:
        """Ends the sessions at the gate: their process is dead, and what it began must not commit.

        A server finishes the statement of a client that vanished while it waited for a lock.
        """
        waiting = self._waiting()
        for pid in waiting:
            self._session.execute("select pg_terminate_backend(%s)", (pid,))

        def are_gone() -> bool:
            return not set(waiting) & set(self._waiting())

        wait_for("the sessions at the gate to end", are_gone, 20)

    def open_until_ended(self, seconds: float) -> None:
        """Lets the sessions at the gate pass, and returns when the server has ended them."""
        passing = self._waiting()
        self._session.execute("select pg_advisory_unlock(%s)", (_LOCK,))
        query = "select pid from pg_stat_activity where pid = any(%s)"

        def are_ended() -> bool:
            return not self._session.execute(query, (passing,)).fetchall()

        wait_for("the sessions that passed the gate to be ended", are_ended, seconds)

    def _waiting(self) -> list[int]:
        return [int(str(row[0])) for row in self._session.execute(_WAITING, (_LOCK,)).fetchall()]


@contextmanager
def gate(suite: Suite, point: Point) -> Iterator[Gate]:
    """Nobody passes the point inside the block; afterwards everything is as before."""
    with suite.database(point.service) as session:
        session.execute("set lock_timeout = '20s'")
        session.execute("select pg_advisory_lock(%s)", (_LOCK,))
        session.execute(sql.SQL(_PASSING).format(lock=sql.Literal(_LOCK)))
        when = f"when ({point.condition})" if point.condition else ""
        session.execute(
            f"create or replace trigger chaos_gate before {point.operation} on {point.table}"
            f" for each row {when} execute function chaos_gate()"
        )
        try:
            yield Gate(session, point)
        finally:
            try:
                session.execute(f"drop trigger if exists chaos_gate on {point.table}")
            except (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
                # Somebody waits at the gate and holds the table: open first.
                session.execute("select pg_advisory_unlock(%s)", (_LOCK,))
                session.execute(f"drop trigger if exists chaos_gate on {point.table}")
