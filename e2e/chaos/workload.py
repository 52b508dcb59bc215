"""Authors at work: they come, upload, challenge each other and go, for as long as they may.

What the API accepted is remembered, because that is what must not be lost. Load is bounded: few
threads, a pause after each step, few agents at a time.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from suite import Suite, sample
from user import User

ENVIRONMENTS = ("tic-tac-toe", "pong")
PLAYERS = {"tic-tac-toe": "random_mover", "pong": "follower"}
THREADS = 2
PAUSE_SECONDS = 0.7
MOST_AGENTS = 10
MOST_USERS = 8


@dataclass(frozen=True)
class Entrant:
    user: User
    agent: str
    environment: str


class Workload:
    """Sound agents only: whatever a platform under fire makes of them, they deserve no blame."""

    def __init__(self, suite: Suite, seed: int) -> None:
        self._suite = suite
        self._random = random.Random(seed)
        self._go = threading.Event()
        self._over = threading.Event()
        self._users: list[User] = []
        self._entrants: list[Entrant] = []
        self._lock = threading.Lock()
        self._busy = [threading.Lock() for _ in range(THREADS)]
        self._threads = [
            threading.Thread(target=self._work, args=(busy,), daemon=True) for busy in self._busy
        ]
        # By version: its agent. The source of one who left may be gone before it is built.
        self.submissions: dict[str, str] = {}
        self.left: set[str] = set()
        self.challenges: set[str] = set()
        self.agents: set[str] = set()
        self.refused = 0
        for thread in self._threads:
            thread.start()

    def resume(self) -> None:
        self._go.set()

    def pause(self) -> None:
        """Returns when no request is under way any more."""
        self._go.clear()
        for busy in self._busy:
            with busy:
                pass

    def stop(self) -> None:
        self._over.set()
        self._go.set()
        for thread in self._threads:
            thread.join(60)

    def _work(self, busy: threading.Lock) -> None:
        while not self._over.is_set():
            self._go.wait()
            with busy:
                if self._go.is_set() and not self._over.is_set():
                    self._step()
            self._over.wait(PAUSE_SECONDS)

    def _step(self) -> None:
        try:
            self._choose()()
        except (httpx.HTTPError, AssertionError):
            # What answers was just killed: clients of a suite under fire come again.
            with self._lock:
                self.refused += 1

    def _choose(self) -> Callable[[], None]:
        with self._lock:
            chance = self._random.random()
            if len(self._entrants) < MOST_AGENTS or chance < 0.08:
                return self._enter
            return self._upload_again if chance < 0.4 else self._challenge

    def _enter(self) -> None:
        with self._lock:
            environment = self._random.choice(ENVIRONMENTS)
            new = len(self._users) < MOST_USERS or self._random.random() < 0.2
            user = None if new else self._random.choice(self._users)
        if user is None:
            user = User.register(self._suite, "author")
            user.http.timeout = httpx.Timeout(10)
            with self._lock:
                self._users = [*self._users[-MOST_USERS + 1 :], user]
        agent = user.create_agent("Sound", environment)
        with self._lock:
            self.agents.add(agent)
        self._submit(Entrant(user, agent, environment))
        self._make_room(Entrant(user, agent, environment))

    def _make_room(self, newest: Entrant) -> None:
        with self._lock:
            self._entrants.append(newest)
            leaving = self._entrants.pop(0) if len(self._entrants) > MOST_AGENTS else None
            if leaving:
                self.left.add(leaving.agent)
        if leaving:
            leaving.user.http.delete(f"/api/v1/agents/{leaving.agent}")

    def _upload_again(self) -> None:
        with self._lock:
            entrant = self._random.choice(self._entrants)
        self._submit(entrant)

    def _submit(self, entrant: Entrant) -> None:
        file = sample(entrant.environment, PLAYERS[entrant.environment])
        with self._lock:
            remark = f"\n# {self._random.random()}\n"
        content = file.read_bytes() + remark.encode()
        submission = entrant.user.submit(entrant.agent, "agent.py", content)
        with self._lock:
            self.submissions[submission] = entrant.agent

    def _challenge(self) -> None:
        with self._lock:
            one = self._random.choice(self._entrants)
            others = [
                e for e in self._entrants if e.environment == one.environment and e is not one
            ]
            other = self._random.choice(others) if others else one
        body = {"agent1Id": one.agent, "agent2Id": other.agent}
        answer = one.user.http.post("/api/v1/matches", json=body)
        if answer.status_code == 201:
            with self._lock:
                self.challenges.add(str(answer.json()["match"]["id"]))
