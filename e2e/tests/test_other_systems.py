"""What other systems and operators do with the topics."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer

from arena_local.layout import KAFKA_PORT, ROOT
from suite import Suite, sample, wait_for
from user import User

EXAMPLE = ROOT / "examples" / "leaderboard" / "leaderboard.py"
ENVIRONMENT = "tic-tac-toe"
WHERE = ("--environment", ENVIRONMENT)
# Topics with one reader each, so that what is set aside is set aside once.
POISONED, POISONED_DEAD = "submission.created", "submission.created.build-service.dlq"
HEALED, HEALED_DEAD = "user.changed", "user.changed.agent-service.dlq"


def bootstrap(suite: Suite) -> str:
    return f"127.0.0.1:{suite.layout.port(KAFKA_PORT)}"


def publish(suite: Suite, topic: str, key: str, value: bytes, headers: dict[str, str]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap(suite)})
    producer.produce(
        topic, key=key, value=value, headers=[(k, v.encode()) for k, v in headers.items()]
    )
    assert producer.flush(30) == 0


def cloud_event(kind: str, subject: str) -> dict[str, str]:
    return {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_source": "/auth-service",
        "ce_type": f"org.rlarena.{kind}",
        "ce_time": "2026-01-01T00:00:00Z",
        "ce_subject": subject,
        "content-type": "application/json",
    }


def test_a_leaderboard_kept_from_the_topics_alone_should_equal_the_suites_own(suite: Suite):
    # Given agents that have played; one is deleted again
    players = []
    for name in ("one", "two", "three"):
        user = User.register(suite, name)
        agent, version = user.enter(ENVIRONMENT, sample(ENVIRONMENT, "random_mover"))
        assert user.await_built(version)["status"] == "active"
        players.append((user, agent))
    for user, agent in players:
        user.await_games(agent, 1)
    gone, agent = players.pop()
    assert gone.http.delete(f"/api/v1/agents/{agent}").status_code == 200

    # When both are asked
    def own() -> list[tuple[str, int]]:
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), *("--bootstrap", bootstrap(suite), *WHERE)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        rows = [line.split(None, 3) for line in done.stdout.splitlines()[2:]]
        return sorted((name.split()[0], int(rating)) for _, rating, name, *_ in rows)

    def suites() -> list[tuple[str, int]]:
        path = f"{suite.url}/api/v1/leaderboard/environment/{ENVIRONMENT}?limit=100"
        board = httpx.get(path).json()["leaderboard"]
        return sorted((row["name"].split()[0], row["elo"]) for row in board)

    # Then they agree, at a moment in which no match ended between the two looks
    def agree() -> bool:
        before = suites()
        mine = own()
        return bool(before) and before == mine == suites()

    wait_for("both boards to be equal", agree, 120)


@pytest.fixture
def arena_dlq(suite: Suite):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "arena"), "dlq", *arguments, "--bootstrap", bootstrap(suite)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    return run


def on_topic(listing: str, topic: str) -> list[int]:
    """The offsets that a listing shows for a topic."""
    lines = [line.split() for line in listing.splitlines()]
    return [int(words[1]) for words in lines if words and words[0] == topic]


def test_a_poison_record_should_be_set_aside_shown_and_dropped(suite: Suite, arena_dlq: Any):
    # Given a record that is no JSON, with the key of an agent that is uploaded to right behind it
    user = User.register(suite, "careful")
    agent = user.create_agent("Behind", ENVIRONMENT)
    headers = cloud_event("submission.created.v1", agent)
    publish(suite, POISONED, agent, b"\x1b[31m{not json", headers)
    version = user.submit(agent, "agent.py", sample(ENVIRONMENT, "random_mover").read_bytes())

    # When
    assert user.await_built(version)["status"] == "active"

    # Then its reader has gone on, the reason is told, and its bytes cannot paint the terminal
    listing = arena_dlq("list").stdout
    offset = on_topic(listing, POISONED_DEAD)[-1]
    assert headers["ce_id"] in listing
    shown = arena_dlq("show", POISONED_DEAD, str(offset))
    assert shown.returncode == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    assert "{not json" in shown.stdout

    # and when it is replayed it comes back, and when it is dropped it is gone
    assert "records were sent back" in arena_dlq("replay", POISONED_DEAD).stdout
    again = wait_for("its return", lambda: on_topic(arena_dlq("list").stdout, POISONED_DEAD))
    assert again[-1] > offset
    assert arena_dlq("drop", POISONED_DEAD, "--upto", str(again[-1])).returncode == 0
    assert on_topic(arena_dlq("list").stdout, POISONED_DEAD) == []


def test_a_letter_that_can_be_handled_by_now_should_be_handled_after_its_replay(
    suite: Suite, arena_dlq: Any
):
    # Given news of a user that agent-service set aside, say in an hour when it had a fault
    user = User.register(suite, "parked")
    agent = user.create_agent("Parked", ENVIRONMENT)
    name = f"found-{uuid.uuid4().hex[:6]}"
    data = {
        "userId": user.id,
        "sequence": 1_000_000,
        "username": name,
        "status": "active",
        "tokensValidFrom": "2026-01-01T00:00:00Z",
        "loggedOutTokens": [],
        "changedAt": "2026-01-01T00:00:00Z",
    }
    headers = cloud_event("user.changed.v1", user.id)
    headers |= {"dead-letter-reason": "a fault", "dead-letter-topic": HEALED}
    publish(suite, HEALED_DEAD, user.id, json.dumps(data).encode(), headers)
    assert user.get(f"/agents/{agent}")["agent"]["username"] == user.username

    # When
    done = arena_dlq("replay", HEALED_DEAD)

    # Then
    assert done.returncode == 0, done.stderr
    wait_for("the new name", lambda: user.get(f"/agents/{agent}")["agent"]["username"] == name)
    assert on_topic(arena_dlq("list").stdout, HEALED_DEAD) == []

    # The truth again, for those who compare what the services know.
    truth = data | {"sequence": 1_000_001, "username": user.username}
    headers = cloud_event("user.changed.v1", user.id)
    publish(suite, HEALED, user.id, json.dumps(truth).encode(), headers)
    wait_for(
        "the true name",
        lambda: user.get(f"/agents/{agent}")["agent"]["username"] == user.username,
    )


def test_what_is_no_dead_letter_topic_should_be_refused(arena_dlq: Any):
    done = arena_dlq("drop", "match.finished")

    assert done.returncode == 1
    assert "is no dead-letter topic" in done.stderr
