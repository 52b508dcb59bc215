"""A leaderboard of one's own, kept from the topics alone.

    pip install confluent-kafka
    python leaderboard.py --bootstrap 127.0.0.1:19092 --environment pong --follow

It shows what a reader of the suite's events has to do, and that it is little: read CloudEvents in
binary mode, count each event once, ignore what it does not know, and use `sequence` to tell late
news from new ones. It needs `agent.changed` and `submission.activated` for who takes part, and
`rating.changed` for how they stand; nothing here asks an API.

Who follows for long starts such a reader anew when its lag grows: librdkafka, the library behind
confluent-kafka and most clients outside of Java, may never again read a partition that had no
leader for a moment (its issue 5430, seen with 2.12.2 after a broker was frozen).
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

START_RATING = 1200
TOPICS = ("agent.changed", "submission.activated", "rating.changed")


@dataclass
class Agent:
    """What the events have told of one agent so far; each sequence is that of its last news."""

    id: str
    environment: str = ""
    name: str = ""
    described_at: int = -1
    active: bool = False
    active_at: int = -1
    rating: int = START_RATING
    wins: int = 0
    losses: int = 0
    draws: int = 0
    rated_at: int = -1
    deleted: bool = False


class Leaderboard:
    """Takes events in any order and any number of times, and tells how the agents stand."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}

    def take(self, kind: str, data: dict[str, Any]) -> None:
        """One event. kind: its ce_type; types that are not listed here are none of ours."""
        match kind:
            case "org.rlarena.agent.changed.v1":
                agent = self._agent(data["agentId"])
                if data["sequence"] > agent.described_at:
                    agent.described_at = data["sequence"]
                    agent.name, agent.environment = data["name"], data["environmentId"]
            case "org.rlarena.agent.deleted.v1":
                # For good: whatever of it arrives later does not bring it back.
                self._agent(data["agentId"]).deleted = True
            case "org.rlarena.submission.activated.v1" | "org.rlarena.submission.deactivated.v1":
                agent = self._agent(data["agentId"])
                if data["sequence"] > agent.active_at:
                    agent.active_at = data["sequence"]
                    agent.active = kind == "org.rlarena.submission.activated.v1"
            case "org.rlarena.rating.changed.v1":
                for change in data["changes"]:
                    agent = self._agent(change["agentId"])
                    if change["sequence"] > agent.rated_at:
                        agent.rated_at = change["sequence"]
                        agent.rating = change["after"]
                        agent.wins, agent.losses = change["wins"], change["losses"]
                        agent.draws = change["draws"]

    def of(self, environment: str) -> list[Agent]:
        """The agents that play there, best first; of equals the one with the lower id."""
        playing = [
            agent
            for agent in self._agents.values()
            if agent.environment == environment and agent.active and not agent.deleted
        ]
        return sorted(playing, key=lambda agent: (-agent.rating, agent.id))

    def _agent(self, agent_id: str) -> Agent:
        return self._agents.setdefault(agent_id, Agent(agent_id))


def events(bootstrap: str, follow: bool) -> Iterator[tuple[str, dict[str, Any]] | None]:
    """Every event from the beginning of the topics: its type and its data.

    None each time the end of what is there now is reached; then it is over unless told to follow.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            # It reads everything each time and keeps no offsets, so nobody shares its group.
            "group.id": f"leaderboard-{uuid.uuid4()}",
            "enable.auto.commit": False,
        }
    )
    try:
        metadata = consumer.list_topics(timeout=30).topics
        partitions = [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in TOPICS
            for partition in metadata[topic].partitions
        ]
        ends: dict[tuple[str, int], int] = {}
        for partition in partitions:
            low, high = consumer.get_watermark_offsets(partition, timeout=30)
            if high > low:
                ends[partition.topic, partition.partition] = high
        consumer.assign(partitions)
        if not ends:
            yield None
        while ends or follow:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            where = (message.topic(), message.partition())
            headers = dict(message.headers() or [])
            # A compacted topic may hold records without a value: nothing to be read from them.
            if message.value() and "ce_type" in headers:
                yield headers["ce_type"].decode(), json.loads(message.value())
            if where in ends and message.offset() + 1 >= ends[where]:
                del ends[where]
                if not ends:
                    yield None
    finally:
        consumer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bootstrap", default="127.0.0.1:19092")
    parser.add_argument("--environment", default="pong")
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    options = parser.parse_args()
    board = Leaderboard()
    caught_up = False
    for event in events(options.bootstrap, options.follow):
        if event is None:
            caught_up = True
        else:
            board.take(*event)
        if caught_up and (event is None or event[0] == "org.rlarena.rating.changed.v1"):
            show(board, options.environment)


def show(board: Leaderboard, environment: str) -> None:
    print(f"\n{environment}, {time.strftime('%H:%M:%S')}")
    for place, agent in enumerate(board.of(environment), 1):
        record = f"{agent.wins} won, {agent.losses} lost, {agent.draws} drawn"
        print(f"{place:>4}  {agent.rating:>5}  {agent.name:<40} {record}")


if __name__ == "__main__":
    main()
