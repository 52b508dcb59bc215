"""Every record on the topics of a suite, read on from where the last look ended."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from arena_local.layout import KAFKA_PORT
from suite import Suite

BROKER_SECONDS = 30.0


@dataclass(frozen=True)
class Event:
    """One record of a topic. offset: its place in its partition; headers as they travel."""

    topic: str
    id: str
    type: str
    data: dict[str, Any]
    key: str = ""
    offset: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()
    value: bytes = b""
    partition: int = 0


class Topics:
    """Keeps what it has read; for one thread. The broker may go and come back between two looks."""

    def __init__(self, suite: Suite) -> None:
        bootstrap = {"bootstrap.servers": f"127.0.0.1:{suite.layout.port(KAFKA_PORT)}"}
        # What it notes about connections that were cut is no news to a suite under fire.
        quiet = {**bootstrap, "log_level": 0}
        self._admin = AdminClient(quiet)
        self._settings = {
            **quiet,
            "group.id": f"checker-{uuid.uuid4()}",
            "enable.auto.commit": False,
        }
        self._consumer = Consumer(self._settings)
        self._read_to: dict[tuple[str, int], int] = {}
        self._events: list[Event] = []

    def close(self) -> None:
        self._consumer.close()

    def read(self) -> list[Event]:
        """Everything up to the ends as they were when this was called."""
        ends = self.ends()
        missing = {place: end for place, end in ends.items() if end > self._read_to.get(place, 0)}
        self._read_on(missing)
        patient = True
        while missing:
            message = self._consumer.poll(10)
            if message is None and patient:
                # librdkafka issue 5430: a partition that once had no leader, as behind a broker
                # that was frozen, may never be read again by the consumer that saw it.
                self._consumer.close()
                self._consumer = Consumer(self._settings)
                self._read_on(missing)
                patient = False
                continue
            if message is None:
                raise TimeoutError(f"no record for 10 s although there are some: {missing}")
            if message.error():
                raise KafkaException(message.error())
            place = (message.topic(), message.partition())
            self._read_to[place] = message.offset() + 1
            self._events.append(_event(message))
            if message.offset() + 1 >= missing.get(place, 0):
                missing.pop(place, None)
        return list(self._events)

    def _read_on(self, places: Iterable[tuple[str, int]]) -> None:
        self._consumer.assign(
            [TopicPartition(*place, self._read_to.get(place, 0)) for place in places]
        )

    def ends(self) -> dict[tuple[str, int], int]:
        """The offset of the next record of each topic and partition that has any."""
        metadata = self._admin.list_topics(timeout=BROKER_SECONDS)
        partitions = [
            TopicPartition(topic, partition)
            for topic, description in metadata.topics.items()
            if not topic.startswith("__")
            for partition in description.partitions
        ]
        first = self._offsets(partitions, OffsetSpec.earliest())
        last = self._offsets(partitions, OffsetSpec.latest())
        return {place: end for place, end in last.items() if end > first[place]}

    def _offsets(
        self, partitions: list[TopicPartition], which: OffsetSpec
    ) -> dict[tuple[str, int], int]:
        answers = self._admin.list_offsets(
            {partition: which for partition in partitions}, request_timeout=BROKER_SECONDS
        )
        return {
            (partition.topic, partition.partition): answer.result().offset
            for partition, answer in answers.items()
        }


def _event(message: Any) -> Event:
    raw = tuple((name, value or b"") for name, value in message.headers() or [])
    headers = {name: value.decode("utf-8", "replace") for name, value in raw}
    value = message.value() or b""
    try:
        data = json.loads(value or b"{}")
    except ValueError:
        data = {}
    return Event(
        message.topic(),
        headers.get("ce_id", ""),
        headers.get("ce_type", ""),
        data if isinstance(data, dict) else {},
        (message.key() or b"").decode("utf-8", "replace"),
        message.offset(),
        raw,
        value,
        message.partition(),
    )
