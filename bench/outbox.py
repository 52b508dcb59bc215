"""What the relay of an outbox takes from commit to broker, how much it moves, who follows it.

    ./arena bench outbox [--events 20000] [--takeovers 5] [--service rating-service] [--state DIR]

Starts a broker, a database and that one service. Rows are stored by a session of its own and rung
for as another replica does: what the service itself commits wakes its relay without that way.

latency: from the commit until a reader here has the event, one at a time and at a steady rate.
throughput: rows of one commit, until the last of them is confirmed and marked; for many keys, and
for one, whose events wait for each other. takeover: kill -9 of the process that relays, then a
commit, until the event is read: another process has to notice.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewTopic

from arena_local import build, parts, processes
from arena_local.layout import KAFKA_PORT, SERVICES, Layout
from arena_local.processes import ProcessId
from suite import Suite, wait_for

PORT_OFFSET = 4000
TOPIC = "bench.outbox"
PARTITIONS = 3
INSERT = """
insert into outbox_event
  (event_id, topic, event_key, event_type, subject, payload, occurred_at)
select gen_random_uuid(), %(topic)s, 'key-' || (n %% %(keys)s), 'org.rlarena.bench.v1', %(subject)s,
       json_build_object('n', n, 'text', repeat('x', 300))::text, clock_timestamp()
from generate_series(1, %(count)s) n
"""


class Reader:
    """Reads the topic from its end on; remembers when the last event of a subject came."""

    def __init__(self, layout: Layout) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": f"127.0.0.1:{layout.port(KAFKA_PORT)}",
                "group.id": f"bench-{uuid.uuid4()}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        self._consumer.subscribe([TOPIC])
        self._seen: dict[str, float] = {}
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def when(self, subject: str, seconds: float = 60) -> float:
        """When the event came, of the monotonic clock."""
        with self._news:
            came = self._news.wait_for(lambda: subject in self._seen, seconds)
            assert came, f"event {subject} did not come within {seconds:.0f} s"
            return self._seen[subject]

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        while not self._over:
            message = self._consumer.poll(0.2)
            now = time.monotonic()
            if message is None or message.error():
                continue
            headers = dict(message.headers() or [])
            with self._news:
                self._seen[headers["ce_subject"].decode()] = now
                self._news.notify_all()


class Outbox:
    """Commits as another replica of the service does."""

    def __init__(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        self._session = session

    def commit(self, count: int = 1, keys: int = 1) -> tuple[str, float]:
        """The subject of what was stored, and when it was."""
        subject = str(uuid.uuid4())
        values = {"topic": TOPIC, "keys": keys, "subject": subject, "count": count}
        self._session.execute(INSERT, values)
        committed = time.monotonic()
        self._session.execute("notify arena_outbox")
        return subject, committed

    def await_sent(self) -> float:
        """When nothing was left to send."""
        query = "select 1 from outbox_event where sent_at is null limit 1"
        while self._session.execute(query).fetchone():
            time.sleep(0.005)
        return time.monotonic()


def latencies(outbox: Outbox, reader: Reader, count: int, every: float) -> list[float]:
    """In milliseconds, of commits at that interval in seconds."""
    begun = time.monotonic()
    commits = []
    for number in range(count):
        time.sleep(max(0.0, begun + number * every - time.monotonic()))
        commits.append(outbox.commit())
    return [(reader.when(subject) - at) * 1000 for subject, at in commits]


def throughput(outbox: Outbox, count: int, keys: int) -> float:
    """Events per second."""
    _, committed = outbox.commit(count, keys)
    return count / (outbox.await_sent() - committed)


def percentiles(name: str, values: Sequence[float], unit: str) -> str:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return (
        f"{name}: n={len(values)} p50={cuts[49]:.1f} {unit} p99={cuts[98]:.1f} {unit}"
        f" max={max(values):.1f} {unit}"
    )


@contextmanager
def running(layout: Layout, part: parts.Part) -> Iterator[subprocess.Popen[bytes]]:
    """The part's process, ready inside the block."""
    with layout.log_of(part.name).open("ab") as log:
        process = subprocess.Popen(
            part.command,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=layout.state,
        )
    identity = ProcessId.of(process.pid)
    try:
        wait_for(f"{part.name} to be ready", part.is_ready, 180)
        yield process
    finally:
        processes.end([identity], grace=20)
        process.wait()


def takeovers(layout: Layout, service: str, count: int, outbox: Outbox, reader: Reader) -> None:
    """Two processes; the one that relays is killed and comes back to wait for its turn."""
    own = next(known for known in SERVICES if known.name == service)
    seconds = []
    with ExitStack() as stack:
        turns = [parts.replica(layout, own, number) for number in (2, 3)]
        relaying = stack.enter_context(running(layout, turns[0]))
        for number in range(1, count + 1):
            following = stack.enter_context(running(layout, turns[number % 2]))
            reader.when(outbox.commit()[0])
            killed = time.monotonic()
            relaying.send_signal(signal.SIGKILL)
            seconds.append(reader.when(outbox.commit()[0]) - killed)
            relaying.wait()
            relaying = following
    print(f"takeover: n={count} median={statistics.median(seconds):.2f} s max={max(seconds):.2f} s")


def measure(layout: Layout, options: argparse.Namespace) -> None:
    everything = {part.name: part for part in parts.all_parts(layout)}
    with running(layout, everything["infra"]):
        bootstrap = f"127.0.0.1:{layout.port(KAFKA_PORT)}"
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        [made] = admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)]).values()
        made.result()
        reader = Reader(layout)
        with ExitStack() as stack:
            stack.callback(reader.close)
            service = stack.enter_context(ExitStack())
            service.enter_context(running(layout, everything[options.service]))
            outbox = Outbox(stack.enter_context(Suite(layout).database(options.service)))
            # The JVM compiles what runs often; the reader finds its partitions.
            throughput(outbox, options.events, 1000)
            reader.when(outbox.commit()[0])
            at_rest = latencies(outbox, reader, 500, 0.02)
            print(percentiles("latency, one at a time", at_rest, "ms"), flush=True)
            at_work = latencies(outbox, reader, 2000, 0.005)
            print(percentiles("latency, 200 a second", at_work, "ms"), flush=True)
            for keys, count in ((1000, options.events), (10, options.events // 4), (1, 2000)):
                rates = [throughput(outbox, count, keys) for _ in range(3)]
                print(
                    f"throughput, keys={keys}: n=3 of {count} median={statistics.median(rates):.0f}"
                    f" events/s least={min(rates):.0f} events/s",
                    flush=True,
                )
            service.close()
            takeovers(layout, options.service, options.takeovers, outbox, reader)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", help="kept afterwards; default: a temporary folder")
    parser.add_argument("--port-offset", type=int, default=PORT_OFFSET)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--takeovers", type=int, default=5)
    parser.add_argument("--service", default="rating-service", choices=[s.name for s in SERVICES])
    options = parser.parse_args()
    build.build_java()
    with tempfile.TemporaryDirectory(prefix="arena-bench-") as folder:
        layout = Layout(Path(options.state or folder).resolve(), options.port_offset)
        layout.make_folders()
        print(f"load {os.getloadavg()[0]:.1f} at the beginning", flush=True)
        try:
            measure(layout, options)
        finally:
            processes.end(processes.marked(str(layout.state)), grace=20)
        print(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
