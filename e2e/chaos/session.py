"""Runs trials on one suite: work, a fault, quiet, the books. The suite runs on in between."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

import books
import checker
from arena_local import records
from arena_local.layout import SERVICES
from arena_local.secret_files import secret
from chaos import bus
from chaos.faults import Fault
from chaos.gates import NotInjected
from chaos.plan import Trial
from chaos.stage import Stage, Tools
from chaos.workload import ENVIRONMENTS, Workload
from checker import Finding
from suite import Suite, wait_for
from topics import Topics

QUIET_SECONDS = 180.0
# Before the time is over the books are read in any case, to say what is open.
LAST_LOOKS_SECONDS = 10.0
NOBODY = ""
# Findings of one trial: of a suite that is beside itself there are hundreds.
SHOWN = 50
# A suite that heals answers some of the questions with an error.
PASSING = (
    httpx.HTTPError,
    psycopg.Error,
    KafkaException,
    TimeoutError,
    OSError,
    KeyError,
    AssertionError,
)


@dataclass(frozen=True)
class Result:
    """What came of a trial.

    violations: findings that stayed. healing: seconds from the end of the fault until the books
    agreed. skipped: why the fault was not put in; such a trial does not count if nothing is wrong.
    """

    trial: Trial
    violations: frozenset[Finding] = frozenset()
    healing: float = 0.0
    seconds: float = 0.0
    skipped: str = ""

    @property
    def counts(self) -> bool:
        return not self.skipped or bool(self.violations)


@dataclass
class Session:
    """A suite under fire.

    quiet_seconds: how long the books may take to agree. steady_seconds: what the books say for so
    long without change is taken for the end of it. shown: how many findings of a trial are told.
    say: where progress goes.
    """

    suite: Suite
    faults: dict[str, Fault]
    seed: int
    tools: Tools = field(default_factory=Tools)
    quiet_seconds: float = QUIET_SECONDS
    steady_seconds: float = math.inf
    shown: int = SHOWN
    say: Callable[[str], None] = print
    results: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._topics = Topics(self.suite)
        self._workload = Workload(self.suite, self.seed)
        self._admin_client: httpx.Client | None = None
        self._known: set[Finding] = set()
        self._last = books.Books()

    def close(self) -> None:
        self._workload.stop()
        self._topics.close()

    @property
    def summary(self) -> str:
        return (
            f"{self._last.summary}; accepted {len(self._workload.submissions)} uploads and"
            f" {len(self._workload.challenges)} challenges, refused {self._workload.refused}"
        )

    def run(self, trials: Sequence[Trial], until: float = math.inf) -> list[Result]:
        """until: of the monotonic clock; no trial begins later."""
        for trial in trials:
            if time.monotonic() > until:
                self.say("the time is over")
                break
            try:
                result = self._run(trial)
            except PASSING as problem:
                # A suite that does not come back ends the run, and is not to be passed over.
                gone = frozenset({Finding("submissions", f"the suite did not heal: {problem}")})
                self.results.append(Result(trial, gone))
                self.say(_line(self.results[-1], len(trials)))
                break
            self.results.append(result)
            self.say(_line(result, len(trials)))
            for finding in sorted(result.violations)[: self.shown]:
                self.say(f"  VIOLATED {finding.invariant}: {finding.sentence}")
            if len(result.violations) > self.shown > 0:
                self.say(f"  ... and {len(result.violations) - self.shown} more")
        return self.results

    def _run(self, trial: Trial) -> Result:
        begun = time.monotonic()
        self._switch(True)
        self._workload.resume()
        skipped = self._inject(trial)
        healed = time.monotonic()
        found = self._quieten()
        violations = frozenset(found - self._known)
        # What is lost stays lost: it counts for the trial that lost it.
        self._known |= found
        now = time.monotonic()
        return Result(trial, violations, now - healed, now - begun, skipped)

    def _inject(self, trial: Trial) -> str:
        """Puts the trial's faults in, two of them side by side; why not, if it could not."""
        problems: list[BaseException] = []

        def inject(name: str, chance: random.Random) -> None:
            try:
                self.faults[name].inject(Stage(self.suite, self._topics, chance, self.tools))
            except BaseException as problem:
                problems.append(problem)

        chances = [random.Random(trial.seed + place) for place in range(len(trial.faults))]
        threads = [
            threading.Thread(target=inject, args=item, daemon=True)
            for item in zip(trial.faults, chances, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for problem in problems:
            if isinstance(problem, NotInjected):
                return str(problem)
            if isinstance(problem, PASSING):
                # Of two faults one may hit the hand that puts in the other. Whether the suite
                # came back is asked of every part afterwards.
                return f"{type(problem).__name__}: {problem}"
            raise problem
        return ""

    # --- quiet

    def _quieten(self) -> set[Finding]:
        """Nothing new is asked for; waits until the books agree. What does not agree by then."""
        self._workload.pause()
        deadline = time.monotonic() + self.quiet_seconds
        self._await_parts()
        self._switch(False)
        found = {Finding("submissions", "the books could not be read")}
        since, before = time.monotonic(), found
        while time.monotonic() < deadline:
            try:
                # What an earlier trial left open for ever must not keep this one from its books.
                last_look = time.monotonic() > deadline - LAST_LOOKS_SECONDS
                if self._known or last_look or not self._is_open():
                    found = self._look()
                    if found != before:
                        since, before = time.monotonic(), found
                    steady = time.monotonic() - since > self.steady_seconds
                    if steady or not found - self._known:
                        break
            except PASSING as problem:
                found = {Finding("submissions", f"the books could not be read: {problem!r}")}
            time.sleep(0.3)
        return found

    def _look(self) -> set[Finding]:
        self._last = books.read(self.suite, self._topics)
        found = checker.findings(self._last, quiet=True)
        return found | self._broken_promises() | self._unread()

    def _await_parts(self) -> None:
        def all_ready() -> bool:
            record = records.load(self.suite.layout)
            return record is not None and all(
                part.pid and part.ready_after is not None for part in record.parts
            )

        wait_for("all parts to be ready", all_ready, QUIET_SECONDS)

    def _is_open(self) -> bool:
        """Whether work is still under way, by questions that cost little."""
        openings = (
            ("match-service", "select 1 from match where state in ('pending', 'running') limit 1"),
            (
                "submission-service",
                "select 1 from submission where state in"
                " ('PENDING', 'BUILDING', 'VALIDATING', 'SCANNING') limit 1",
            ),
            *(
                (service.name, "select 1 from outbox_event where sent_at is null limit 1")
                for service in SERVICES
                if service.database
            ),
        )
        return any(self.suite.query(*opening) for opening in openings)

    def _unread(self) -> set[Finding]:
        """Readers that are not through: what they will do is not known yet."""
        admin = AdminClient(bus.bootstrap(self.suite))
        ends = self._topics.ends()
        positions = {group: bus.committed(admin, group) for group in bus.groups(admin)}
        return {
            Finding("projections", f"{group} has not read all of {topic}")
            for group, topic in bus.unread(positions, ends, self._topics.read(), self._handled)
        }

    def _handled(self, service: str, ids: list[str]) -> int:
        statement = "select count(*) from processed_event where event_id = any(%s)"
        [(noted,)] = self.suite.query(service, statement, (ids,))
        return int(noted)

    def _broken_promises(self) -> set[Finding]:
        """What the workload alone knows: what was accepted, and that all its agents are sound."""
        told, work = self._last, self._workload
        found = {
            Finding("submissions", f"submission {lost} was accepted and is lost")
            for lost in work.submissions.keys() - told.submissions.keys()
        }
        found |= {
            Finding("matches", f"challenge {lost} was accepted and is lost")
            for lost in work.challenges - told.matches.keys()
        }
        found |= {
            Finding("blame", f"submission {row.id} is sound but failed to build")
            for row in told.submissions.values()
            if row.state == "BUILD_FAILED"
            and work.submissions.get(row.id, NOBODY) not in (NOBODY, *work.left)
        }
        found |= {
            Finding("blame", f"agent {seat.agent_id} got {seat.verdict} in match {seat.match_id}")
            for seat in told.seats
            if seat.agent_id in work.agents and seat.verdict not in (None, "none")
        }
        return found

    def _switch(self, on: bool) -> None:
        """Opens or closes the environments: closed, what was asked for is played and no more."""
        for environment in ENVIRONMENTS:
            path = f"/api/v1/admin/environments/{environment}/{'enable' if on else 'disable'}"
            wait_for(f"{path} to be taken", lambda path=path: self._administer(path), 120)

    def _administer(self, path: str) -> bool:
        try:
            if self._admin_client is None:
                self._admin_client = self._log_in()
            answer = self._admin_client.post(path, json={"reason": "of a fault trial"})
            if answer.status_code == 401:
                self._admin_client = None
            # 409: an earlier try was done although its answer was lost.
            return answer.status_code in (200, 409)
        except PASSING:
            return False

    def _log_in(self) -> httpx.Client:
        body = {"username": "admin", "password": secret(self.suite.layout, "admin-password")}
        answer = httpx.post(f"{self.suite.url}/api/v1/auth/login", json=body, timeout=10)
        answer.raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        return httpx.Client(base_url=self.suite.url, headers=headers, timeout=10)


def _line(result: Result, trials: int) -> str:
    verdict = "held" if not result.violations else f"{len(result.violations)} VIOLATIONS"
    if result.skipped:
        verdict = f"not put in ({result.skipped})"
    return (
        f"{result.trial.number:3d}/{trials} {' + '.join(result.trial.faults):<60} {verdict};"
        f" agreed after {result.healing:.1f} s, whole {result.seconds:.1f} s"
    )
