"""How long a match's end takes to its listeners, with many connections on one gateway.

./arena bench gateway_live [--connections 5000] [--per-user 20] [--seconds 30] [--port-offset N]

Run it on a suite of its own: it publishes `match.finished` events of matches that never were.
Every connection listens to its user's things and to one agent; every event is of two such agents,
and one connection in a hundred watches the environment, so with 5,000 an event reaches some fifty.
Time runs from before the event is handed to Kafka until the message was read from the socket, in
this process. Users are registered, which is slow; start the suite with
ARENA_GATEWAY_LIVE_MAX_CONNECTIONS_PER_USER=500 to do with fewer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import secrets
import statistics
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Producer
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from arena_local.layout import KAFKA_PORT, Layout

OPENING_AT_ONCE = 32
WATCHERS_IN = 100
ENVIRONMENT = "bench-live"


@dataclass
class Run:
    url: str
    sent: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)


async def main() -> None:
    options = arguments()
    layout = Layout.of(options.state, options.port_offset)
    raise_file_limit(options.connections)
    run = Run(layout.gateway_url.replace("http://", "ws://"))
    tokens = await register(layout.gateway_url, -(-options.connections // options.per_user))
    agents = [str(uuid.uuid4()) for _ in range(options.connections)]
    begun = time.monotonic()
    sockets = await open_all(run, tokens, agents, options.per_user)
    print(f"{len(sockets)} connections opened in {time.monotonic() - begun:.1f} s", flush=True)
    listeners = [asyncio.create_task(listen(run, socket)) for socket in sockets]
    producer = Producer(
        {"bootstrap.servers": f"127.0.0.1:{layout.port(KAFKA_PORT)}", "linger.ms": 0}
    )
    await publish(run, producer, agents, options.rate, options.seconds)
    await asyncio.sleep(5)  # what is still on its way
    report(run, options)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--per-user", type=int, default=20)
    parser.add_argument("--rate", type=float, default=10, help="matches that end in a second")
    parser.add_argument("--seconds", type=float, default=30)
    return parser.parse_args()


def raise_file_limit(connections: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, connections + 1000), most))


async def register(url: str, users: int) -> list[str]:
    tokens = []
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for _ in range(users):
            name = f"live_{secrets.token_hex(5)}"
            body = {
                "username": name,
                "email": f"{name}@example.org",
                "password": secrets.token_urlsafe(12),
                "fullName": name,
            }
            answer = await client.post("/api/v1/auth/register", json=body)
            answer.raise_for_status()
            tokens.append(answer.json()["token"])
    return tokens


async def open_all(
    run: Run, tokens: list[str], agents: list[str], per_user: int
) -> list[ClientConnection]:
    turn = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(number: int, agent: str) -> ClientConnection:
        token = tokens[number // per_user]
        query = f"?topic=agent:{agent}"
        if number % WATCHERS_IN == 0:
            query += f"&topic=environment:{ENVIRONMENT}"
        async with turn:
            socket = await connect(
                f"{run.url}/api/v1/ws{query}",
                subprotocols=[Subprotocol("bearer"), Subprotocol(token)],
                compression=None,
                open_timeout=60,
                ping_interval=None,
            )
            await socket.recv()
            return socket

    return await asyncio.gather(*(one(i, agent) for i, agent in enumerate(agents)))


async def listen(run: Run, socket: ClientConnection) -> None:
    async for text in socket:
        now = time.monotonic()
        message = json.loads(text)
        if message["type"] == "match_completed":
            run.delays.append(now - run.sent[message["payload"]["matchId"]])


async def publish(
    run: Run, producer: Producer, agents: list[str], rate: float, seconds: float
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        match_id = str(uuid.uuid4())
        event = finished(match_id, random.sample(agents, 2))
        run.sent[match_id] = time.monotonic()
        producer.produce(
            "match.finished",
            key=match_id,
            value=json.dumps(event),
            headers={
                "ce_specversion": "1.0",
                "ce_id": str(uuid.uuid4()),
                "ce_source": "/bench",
                "ce_type": "org.rlarena.match.finished.v1",
                "ce_time": event["finishedAt"],
                "ce_subject": match_id,
                "content-type": "application/json",
            },
        )
        producer.poll(0)
        await asyncio.sleep(random.expovariate(rate))
    producer.flush(10)


def finished(match_id: str, agents: list[str]) -> dict[str, Any]:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    participants = [
        {
            "agentId": agent,
            "agentName": "Bench",
            "ownerId": str(uuid.uuid4()),
            "submissionId": str(uuid.uuid4()),
            "version": 1,
            "score": 0.0,
            "rank": 1,
            "verdict": "none",
        }
        for agent in agents
    ]
    return {
        "matchId": match_id,
        "sequence": 3,
        "environmentId": ENVIRONMENT,
        "environmentVersion": "1",
        "kind": "challenge",
        "rated": False,
        "outcome": "draw",
        "winnerAgentId": None,
        "participants": participants,
        "seed": 1,
        "steps": 1,
        "durationMs": 1,
        "replay": None,
        "replayHtml": None,
        "startedAt": now,
        "finishedAt": now,
    }


def report(run: Run, options: argparse.Namespace) -> None:
    watchers = -(-options.connections // WATCHERS_IN)
    # an agent's own listener may be a watcher as well, and gets one message
    least = len(run.sent) * watchers
    delays = sorted(run.delays)
    cuts = statistics.quantiles(delays, n=1000)
    with Path("/proc/loadavg").open() as file:
        load = file.read().split()[0]
    print(
        f"{len(run.sent)} matches in {options.seconds:.0f} s, {len(delays)} messages"
        f" (at least {least} expected), load {load}\n"
        f"p50 {cuts[499] * 1000:.0f} ms, p95 {cuts[949] * 1000:.0f} ms,"
        f" p99 {cuts[989] * 1000:.0f} ms, max {delays[-1] * 1000:.0f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
