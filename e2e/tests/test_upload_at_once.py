"""What a client may do in its next call, however late the bus is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from suite import Suite, wait_for
from user import User

# Fails fast in its build: here it only matters that the upload is taken.
SOURCE = b"def act(observation)\n"
RELAY_LOCK = """
select classid, objid, pid from pg_locks
where locktype = 'advisory' and granted and objsubid = 1
  and database = (select oid from pg_database where datname = current_database())
"""


@contextmanager
def relay_held_back(suite: Suite, service: str) -> Iterator[None]:
    """Keeps a service's outbox relay from sending, by holding the lock that makes it the only one.

    The lock is asked for first and the relay's session ended then: so it comes here, not back.
    """
    with suite.database(service) as admin, suite.database(service) as holder:
        row = wait_for("the relay's lock", lambda: admin.execute(RELAY_LOCK).fetchone())
        high, low, relay = (int(str(value)) for value in row)
        unsigned = (high << 32) | low
        key = unsigned - 2**64 if unsigned >= 2**63 else unsigned
        asking = threading.Thread(
            target=holder.execute, args=("select pg_advisory_lock(%s)", (key,)), daemon=True
        )
        asking.start()
        waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
        wait_for("the lock to be asked for", lambda: admin.execute(waiting).fetchone())
        admin.execute("select pg_terminate_backend(%s)", (relay,))
        asking.join(30)
        assert not asking.is_alive()
        yield


def test_should_take_an_upload_before_the_agent_is_known_elsewhere(suite: Suite):
    # Given
    user = User.register(suite, "hasty")
    with relay_held_back(suite, "agent-service"):
        # When agents are created and uploaded to while no agent.changed is sent
        agents = [user.create_agent(f"Hasty {number}", "tic-tac-toe") for number in range(50)]
        answers = [user.upload(agent, "agent.py", SOURCE) for agent in agents]
        # Then every upload was taken, at the first try, although nothing had been sent
        assert [answer.status_code for answer in answers] == [201] * 50
        with suite.database("agent-service") as database:
            unsent = database.execute(
                "select count(*) from outbox_event where topic = 'agent.changed'"
                " and sent_at is null"
            ).fetchone()
        assert unsent is not None
        assert int(str(unsent[0])) >= 50
    assert len({answer.json()["submission"]["id"] for answer in answers}) == 50
