"""What reads the topics for the checker goes on where a consumer of the client library does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

import topics
from arena_local.layout import Layout
from suite import Suite


class Record:
    """A record without a value at a place."""

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        self.place = (topic, partition, offset)

    def topic(self) -> str:
        return self.place[0]

    def partition(self) -> int:
        return self.place[1]

    def offset(self) -> int:
        return self.place[2]

    def error(self) -> None:
        return None

    def headers(self) -> list[tuple[str, bytes]]:
        return []

    def key(self) -> bytes:
        return b""

    def value(self) -> bytes:
        return b""


class Broker:
    """Two partitions of three records each, and consumers of which some stop reading the second."""

    def __init__(self, stuck: int) -> None:
        self.stuck = stuck
        self.consumers: list[FakeConsumer] = []

    def consumer(self, settings: dict[str, Any]) -> FakeConsumer:
        self.consumers.append(FakeConsumer(len(self.consumers) < self.stuck))
        return self.consumers[-1]


class FakeConsumer:
    def __init__(self, stuck: bool) -> None:
        self.stuck = stuck
        self.closed = False
        self._records: list[Record] = []

    def assign(self, places: list[TopicPartition]) -> None:
        self._records = [
            Record(place.topic, place.partition, offset)
            for place in places
            if not (self.stuck and place.partition == 1)
            for offset in range(place.offset, 3)
        ]

    def poll(self, seconds: float) -> Record | None:
        return self._records.pop(0) if self._records else None

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Broker], topics.Topics]:
    def reader(broker: Broker) -> topics.Topics:
        monkeypatch.setattr(topics, "Consumer", broker.consumer)
        made = topics.Topics(Suite(Layout(tmp_path, 1000)))
        ends = {("match.finished", 0): 3, ("match.finished", 1): 3}
        monkeypatch.setattr(made, "ends", lambda: ends)
        return made

    return reader


def test_reads_each_record_once_though_a_consumer_is_stuck(
    read_from: Callable[[Broker], topics.Topics],
) -> None:
    # Given
    broker = Broker(stuck=1)
    reader = read_from(broker)

    # When
    read = reader.read()

    # Then
    places = [(event.partition, event.offset) for event in read]
    assert sorted(places) == [(partition, offset) for partition in (0, 1) for offset in range(3)]
    assert [consumer.closed for consumer in broker.consumers] == [True, False]
    assert reader.read() == read


def test_says_what_is_missing_when_a_new_consumer_reads_nothing(
    read_from: Callable[[Broker], topics.Topics],
) -> None:
    reader = read_from(Broker(stuck=2))

    with pytest.raises(TimeoutError, match=r"\{\('match\.finished', 1\): 3\}"):
        reader.read()
