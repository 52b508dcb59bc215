"""What readers could not handle: look at it, hand it to them again, or give it up.

    ./arena dlq list                          every record on a dead-letter topic, oldest first
    ./arena dlq show TOPIC OFFSET             one record whole, its payload included
    ./arena dlq replay TOPIC [--upto OFFSET]  back to the topic it came from, then off this one
    ./arena dlq drop TOPIC [--upto OFFSET]    off this topic, without being handled

    --bootstrap HOST:PORT   any cluster; default: the suite of --state and --port-offset

A replayed record keeps its key and its event id. Every reader of the topic gets it again: those
that have handled it recognise the id, the one that failed tries once more, and a projection that
has moved on ignores its sequence. Records leave from the oldest on and only after the broker has
confirmed their copy: cut off in between, the command repeats some, which does no harm.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from arena_local.layout import KAFKA_PORT, Layout

SUFFIX = ".dlq"
# A dead-letter topic has one partition: there are few records, and their order is kept.
PARTITION = 0
BROKER_SECONDS = 15.0
_NO_PRINT = re.compile(r"[^\x20-\x7e]+")


class DeadLetterProblem(Exception):
    """Ends the command with exit status 1; the message says what to do."""


@dataclass(frozen=True)
class DeadLetter:
    """One record on a dead-letter topic. headers as they travel, in order; time in UTC."""

    topic: str
    offset: int
    time: datetime
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]

    def header(self, name: str) -> str:
        """The last header of that name as printable text; empty without one."""
        found = [value for key, value in self.headers if key == name]
        return _NO_PRINT.sub(" ", (found[-1] or b"").decode("utf-8", "replace")) if found else ""

    @property
    def origin(self) -> str:
        """The topic it was read from: what the connector noted, else this topic's own name."""
        return self.header("dead-letter-topic") or self.topic.removesuffix(SUFFIX).rsplit(".", 1)[0]

    @property
    def reason(self) -> str:
        """Why it is here, in the reader's words."""
        return self.header("dead-letter-cause") or self.header("dead-letter-reason") or "unknown"


class DeadLetters:
    """The dead-letter topics of one cluster."""

    def __init__(self, bootstrap: str) -> None:
        self._settings = {"bootstrap.servers": bootstrap}

    def topics(self) -> list[str]:
        metadata = AdminClient(self._settings).list_topics(timeout=BROKER_SECONDS)
        return sorted(topic for topic in metadata.topics if topic.endswith(SUFFIX))

    def read(self, topic: str) -> Iterator[DeadLetter]:
        """What is on the topic now, oldest first."""
        consumer = Consumer(
            # No group's offsets are stored: looking changes nothing.
            {**self._settings, "group.id": "dead-letters", "enable.auto.commit": False}
        )
        try:
            partition = TopicPartition(topic, PARTITION, OFFSET_BEGINNING)
            low, high = consumer.get_watermark_offsets(partition, timeout=BROKER_SECONDS)
            if low >= high:
                return
            consumer.assign([partition])
            while True:
                message = consumer.poll(BROKER_SECONDS)
                if message is None:
                    raise DeadLetterProblem(f"{topic} was not readable to its end; try again.")
                if message.error():
                    raise KafkaException(message.error())
                yield DeadLetter(
                    topic,
                    message.offset(),
                    datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC),
                    message.key(),
                    message.value(),
                    message.headers() or [],
                )
                if message.offset() + 1 >= high:
                    return
        finally:
            consumer.close()

    def replay(self, topic: str, upto: int | None) -> int:
        """Sends records back to their topic and removes them here; how many."""
        letters = self._up_to(topic, upto)
        failures: list[str] = []
        producer = Producer({**self._settings, "enable.idempotence": True, "linger.ms": 0})
        for letter in letters:
            producer.produce(
                letter.origin,
                key=letter.key,
                value=letter.value,
                headers=[pair for pair in letter.headers if not pair[0].startswith("dead-letter-")],
                on_delivery=lambda error, _: failures.append(str(error)) if error else None,
            )
        unsent = producer.flush(BROKER_SECONDS)
        if failures or unsent:
            raise DeadLetterProblem(
                f"{len(failures) + unsent} of {len(letters)} records were not confirmed by the "
                f"broker; nothing was removed from {topic}. {'; '.join(sorted(set(failures)))}"
            )
        self._remove(topic, letters)
        return len(letters)

    def drop(self, topic: str, upto: int | None) -> int:
        """Removes records; how many."""
        letters = self._up_to(topic, upto)
        self._remove(topic, letters)
        return len(letters)

    def _up_to(self, topic: str, upto: int | None) -> list[DeadLetter]:
        letters = list(self.read(topic))
        if upto is None:
            return letters
        if upto not in {letter.offset for letter in letters}:
            raise DeadLetterProblem(f"{topic} has no record {upto}: ./arena dlq list shows them.")
        return [letter for letter in letters if letter.offset <= upto]

    def _remove(self, topic: str, letters: list[DeadLetter]) -> None:
        if letters:
            behind = TopicPartition(topic, PARTITION, letters[-1].offset + 1)
            # Kept in a variable: the answer comes to the client, if it still is there.
            admin = AdminClient(self._settings)
            for done in admin.delete_records([behind]).values():
                done.result(BROKER_SECONDS)


def describe(letter: DeadLetter) -> str:
    """One line: where, when, which event, why."""
    return (
        f"{letter.topic} {letter.offset}  {letter.time:%Y-%m-%d %H:%M:%S}"
        f"  {letter.header('ce_type') or 'no CloudEvent'} {letter.header('ce_id')}".rstrip()
        + f"\n    {letter.reason[:300]}"
    )


def show(letter: DeadLetter) -> str:
    """All of it; what is not printable is escaped, so that a record cannot paint the terminal."""
    lines = [describe(letter), f"    key: {letter.key!r}"]
    lines += [f"    {name}: {value!r}" for name, value in letter.headers]
    payload = (letter.value or b"").decode("utf-8", "backslashreplace")
    return "\n".join([*lines, "".join(c if c.isprintable() else repr(c)[1:-1] for c in payload)])


def main() -> int:
    options = _parser().parse_args()
    bootstrap = options.bootstrap
    if bootstrap is None:
        layout = Layout.of(options.state, options.port_offset)
        bootstrap = f"127.0.0.1:{layout.port(KAFKA_PORT)}"
    letters = DeadLetters(bootstrap)
    try:
        if options.action != "list" and options.topic not in letters.topics():
            raise DeadLetterProblem(
                f"{options.topic} is no dead-letter topic; there are: "
                + (", ".join(letters.topics()) or "none")
            )
        match options.action:
            case "list":
                count = 0
                for topic in letters.topics():
                    for letter in letters.read(topic):
                        print(describe(letter))
                        count += 1
                print(f"{count} dead letters")
            case "show":
                wanted = [x for x in letters.read(options.topic) if x.offset == options.offset]
                if not wanted:
                    raise DeadLetterProblem(f"{options.topic} has no record {options.offset}.")
                print(show(wanted[0]))
            case "replay":
                count = letters.replay(options.topic, options.upto)
                print(f"{count} records were sent back to be handled again")
            case "drop":
                print(f"{letters.drop(options.topic, options.upto)} records were dropped")
    except DeadLetterProblem as problem:
        print(f"arena: {problem}", file=sys.stderr)
        return 1
    except KafkaException as error:
        print(f"arena: the broker at {bootstrap} does not answer: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./arena dlq",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("list", "show", "replay", "drop"):
        action = actions.add_parser(name)
        action.add_argument("--bootstrap")
        action.add_argument("--state")
        action.add_argument("--port-offset", type=int)
        if name != "list":
            action.add_argument("topic")
        if name == "show":
            action.add_argument("offset", type=int)
        if name in ("replay", "drop"):
            action.add_argument("--upto", type=int, metavar="OFFSET")
    return parser


if __name__ == "__main__":
    sys.exit(main())
