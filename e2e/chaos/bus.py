"""Deliveries that a broker and its clients may make: again, late, all of them once more."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from arena_local.layout import KAFKA_PORT, SERVICES
from chaos.stage import Stage
from suite import Suite, wait_for
from topics import Event

SAMPLE = 40


def bootstrap(suite: Suite) -> dict[str, str | int]:
    return {"bootstrap.servers": f"127.0.0.1:{suite.layout.port(KAFKA_PORT)}", "log_level": 0}


def repeat(stage: Stage) -> None:
    """The same records, in order, three times: what a relay that cannot mark would send."""
    for _ in range(3):
        send(bootstrap(stage.suite), _sample(stage, stage.chance))


def shuffle(stage: Stage) -> None:
    """Old records after newer ones of the same key. Each is a repeat: no reader may move by it."""
    records = _sample(stage, stage.chance)
    stage.chance.shuffle(records)
    send(bootstrap(stage.suite), records)


def rewind(stage: Stage) -> None:
    """Everything is delivered once more to one service: nothing may change."""
    names = [service.name for service in SERVICES if service.database]
    service = stage.chance.choice(names)
    admin = AdminClient(bootstrap(stage.suite))
    with stage.down(service):
        for group in groups(admin, service):
            _rewind(admin, group)


def groups(admin: AdminClient, service: str = "") -> list[str]:
    """The consumer groups of a service, or of all: `name` and `name.reader`."""
    known = [group.group_id for group in admin.list_consumer_groups().result().valid]
    owners = {s.name for s in SERVICES} if not service else {service}
    return [group for group in known if group.split(".")[0] in owners]


def committed(admin: AdminClient, group: str) -> dict[tuple[str, int], int]:
    """How far a group has come, where it has committed anything."""
    [answer] = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    return {(p.topic, p.partition): p.offset for p in answer.result().topic_partitions}


def unread(
    positions: dict[str, dict[tuple[str, int], int]],
    ends: dict[tuple[str, int], int],
    events: Sequence[Event],
    handled: Callable[[str, list[str]], int],
) -> set[tuple[str, str]]:
    """The groups that have not handled all records of a topic, and those topics.

    positions: of each group, as committed. handled: how often a service's readers, taken together,
    have noted events of these ids.

    A position alone does not tell: a commit that waits for its coordinator while the group is
    shared out anew can reach the broker after the one that followed it, and stay there until the
    next record. Nothing comes of it, since readers know what they have handled.
    """
    found = set()
    for group, places in positions.items():
        service = group.split(".")[0]
        for place, offset in places.items():
            if offset >= ends.get(place, 0):
                continue
            rest = {e.id for e in events if (e.topic, e.partition) == place and e.offset >= offset}
            readers = sum(
                place in others
                for name, others in positions.items()
                if name.split(".")[0] == service
            )
            if handled(service, sorted(rest)) < readers * len(rest):
                found.add((group, place[0]))
    return found


def _rewind(admin: AdminClient, group: str) -> None:
    places = [TopicPartition(topic, partition, 0) for topic, partition in committed(admin, group)]
    if not places:
        return

    def done() -> bool:
        try:
            [answer] = admin.alter_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group, places)]
            ).values()
            return all(place.error is None for place in answer.result().topic_partitions)
        except KafkaException:
            # The broker still counts the members that have just left.
            return False

    wait_for(f"the offsets of {group} to be set back", done, 30)


def _sample(stage: Stage, chance: random.Random) -> list[Event]:
    """Some records of each topic in the order in which they were sent."""
    by_topic: dict[str, list[Event]] = defaultdict(list)
    for event in stage.topics.read():
        if event.id and not event.topic.endswith(".dlq"):
            by_topic[event.topic].append(event)
    found: list[Event] = []
    for topic in sorted(by_topic):
        events = by_topic[topic]
        places = sorted(chance.sample(range(len(events)), min(SAMPLE, len(events))))
        found += [events[place] for place in places]
    return found


def send(broker: dict[str, str | int], records: Sequence[Event]) -> None:
    """With their keys, headers and ids: not to be told from the first delivery."""
    producer = Producer({**broker, "enable.idempotence": True})
    failures: list[str] = []
    for record in records:
        producer.produce(
            record.topic,
            # Clients of other languages spread keys in another way.
            partition=record.partition,
            value=record.value,
            key=record.key,
            headers=list(record.headers),
            on_delivery=lambda error, _: failures.append(str(error)) if error else None,
        )
        producer.poll(0)
    left = producer.flush(60)
    assert left == 0, f"{left} records are not sent"
    assert not failures, failures[0]
