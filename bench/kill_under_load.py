"""kill -9 of each part, again and again at random moments under load; then the books are audited.

    ./arena bench kill_under_load [--kills 10] [--part NAME ...]

The suite runs and is left running. Load: agents that play all the time, and uploads.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time

import httpx

import checker
from arena_local.layout import PART_NAMES, Layout
from suite import Suite, sample
from user import User

ENVIRONMENT = "tic-tac-toe"


def load(suite: Suite, stop: threading.Event, counts: dict[str, int]) -> None:
    """Players that come, upload, challenge each other and go, until told to stop."""
    source = sample(ENVIRONMENT, "random_mover").read_bytes()
    agents: list[tuple[User, str]] = []
    while not stop.is_set():
        try:
            user = User.register(suite, "load")
            agent = user.create_agent("Load", ENVIRONMENT)
            user.submit(agent, "agent.py", source + f"\n# {random.random()}\n".encode())
            counts["uploads"] += 1
            agents.append((user, agent))
            if len(agents) > 6:
                challenger, mine = random.choice(agents[:-2])
                body = {"agent1Id": mine, "agent2Id": agents[-2][1]}
                challenger.http.post("/api/v1/matches", json=body)
                counts["challenges"] += 1
            if len(agents) > 12:
                gone, old = agents.pop(0)
                gone.http.delete(f"/api/v1/agents/{old}")
        except (httpx.HTTPError, AssertionError):
            # The part that answers was just killed: clients of a suite under fire try again.
            counts["refused"] += 1
        stop.wait(0.5)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    parser.add_argument("--kills", type=int, default=10, help="of each part")
    parser.add_argument("--part", action="append", choices=PART_NAMES)
    options = parser.parse_args()
    suite = Suite(Layout.of(options.state, options.port_offset))
    victims = (options.part or list(PART_NAMES)) * options.kills
    random.shuffle(victims)
    counts = {"uploads": 0, "challenges": 0, "refused": 0}
    stop = threading.Event()
    loading = threading.Thread(target=load, args=(suite, stop, counts))
    loading.start()
    try:
        for number, victim in enumerate(victims, 1):
            time.sleep(random.uniform(0, 3))
            begun = time.monotonic()
            suite.kill_and_wait(victim)
            took = time.monotonic() - begun
            print(f"{number}/{len(victims)} {victim} was back after {took:.1f} s", flush=True)
    finally:
        stop.set()
        loading.join()
    print(counts)
    wrong, books = checker.settle(suite, 180)
    print(books.summary)
    for sentence in sorted(wrong):
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
