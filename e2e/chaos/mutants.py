"""Services whose guards are taken out, to see that the checker notices.

The change is made to a copy of the source, compiled, and put into the files of one running suite,
which is restarted with them. What a developer builds and ships is never touched, and nothing in a
service can be switched to behave so.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from arena_local import prerequisites
from arena_local.layout import ROOT, SERVICES
from chaos import bus
from chaos.faults import Fault
from chaos.gates import NotInjected
from chaos.replicas import second
from chaos.stage import Stage
from suite import wait_for

OUTBOX = "outbox/src/main/java/org/rlarena/outbox"
MATCHES = "match-service/src/main/java/org/rlarena/match/matches"
LEDGER = "rating-service/src/main/java/org/rlarena/rating/ledger"
# A worker may have ended its match before it is stopped, or take its executor for dead when it goes
# on: then another one.
FREEZES = 20
FREEZING_SECONDS = 400
# The other one plays what waited before it as well, and a machine may be slow.
REPLAY_SECONDS = 180


@dataclass(frozen=True)
class Change:
    """A source file, relative to the repository: pieces of it, and what stands there instead."""

    source: str
    swaps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mutant:
    """provoke: the fault that the guard is there for. expected: part of what the audit must say."""

    name: str
    service: str
    changes: tuple[Change, ...]
    provoke: Callable[[Stage], None]
    expected: str

    def fault(self) -> Fault:
        def inject(stage: Stage) -> None:
            put_in(stage, self)
            stage.kill(self.service)
            self.provoke(stage)

        return Fault(self.name, "a guard taken out", inject)


def put_in(stage: Stage, mutant: Mutant) -> None:
    """Compiles the changed sources and puts them into the service's own files."""
    built = _built(mutant.service)
    files = stage.suite.layout.state / "apps" / mutant.service
    made = compiled(mutant)
    for original in sorted(built.rglob("*.jar")):
        _write(original, files / original.relative_to(built), made)


def compiled(mutant: Mutant) -> dict[str, bytes]:
    """The changed classes by their names in jars; each of them is in what was built."""
    jars = sorted(_built(mutant.service).rglob("*.jar"))
    with tempfile.TemporaryDirectory(prefix="arena-mutant-") as folder:
        sources = [str(_changed(change, Path(folder))) for change in mutant.changes]
        classes = Path(folder) / "classes"
        command = [str(prerequisites.java_home() / "bin" / "javac"), "-parameters", "-nowarn"]
        command += ["-proc:none", "-cp", ":".join(map(str, jars)), "-d", str(classes)]
        done = subprocess.run([*command, *sources], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        made = {str(p.relative_to(classes)): p.read_bytes() for p in classes.rglob("*.class")}
    known = {name for jar in jars for name in zipfile.ZipFile(jar).namelist()}
    assert made.keys() <= known, f"{made.keys() - known} would not replace anything"
    return made


def _built(service: str) -> Path:
    return next(known.jar.parent for known in SERVICES if known.name == service)


def _changed(change: Change, folder: Path) -> Path:
    text = (ROOT / change.source).read_text()
    for old, new in change.swaps:
        assert text.count(old) == 1, f"{change.source} has changed; so must the mutant"
        text = text.replace(old, new)
    target = folder / Path(change.source).name
    target.write_text(text)
    return target


def _write(original: Path, jar: Path, made: dict[str, bytes]) -> None:
    """Puts the built jar there, with changed classes where it has such; mends an older mutant's.

    What is there may be a link to what was built, and is in use: it is replaced in one step.
    """
    copy = jar.with_suffix(".new")
    with zipfile.ZipFile(original) as old:
        if not made.keys() & set(old.namelist()):
            shutil.copy2(original, copy)
        else:
            with zipfile.ZipFile(copy, "w") as new:
                # Some name a folder more than once.
                for entry in {entry.filename: entry for entry in old.infolist()}.values():
                    new.writestr(entry, made.get(entry.filename, old.read(entry)))
    copy.replace(jar)


def _lose_what_is_marked(stage: Stage) -> None:
    """Nothing reaches the broker; once an event is marked all the same, its sender dies."""
    [(begun,)] = stage.suite.query("match-service", "select clock_timestamp()")
    stage.await_match_running()
    with stage.network.toxic("broker", "timeout", timeout=0):
        deadline = time.monotonic() + 30
        query = "select 1 from outbox_event where sent_at > %s limit 1"
        while not stage.suite.query("match-service", query, (begun,)):
            if time.monotonic() > deadline:
                raise NotInjected("no event was marked")
            time.sleep(0.01)
        # What was confirmed before the connection went silent is no loss: one more, then.
        [(begun,)] = stage.suite.query("match-service", "select clock_timestamp()")
        while not stage.suite.query("match-service", query, (begun,)):
            if time.monotonic() > deadline:
                raise NotInjected("no further event was marked")
            time.sleep(0.01)
        restarts = stage.suite.part("match-service").restarts + 1
        stage.suite.kill("match-service")
    stage.suite.await_up("match-service", restarts)


def _return_late(stage: Stage) -> None:
    """A worker is frozen in a match until another one has played it; then it goes on with it."""
    # Not one that is being settled: its row would stay locked.
    running = "select id from match where state = 'running' limit 1 for update skip locked"
    over = "select state from match where id = %s and state not in ('pending', 'running')"
    give_up = time.monotonic() + FREEZING_SECONDS
    for _ in range(FREEZES):
        if time.monotonic() > give_up:
            break
        stage.await_match_running()
        with ExitStack() as second_replica:
            with stage.frozen("match-service"):
                found = stage.suite.query("match-service", running)
                if not found:
                    continue
                match = found[0][0]
                second_replica.enter_context(second(stage.suite, "match-service"))
                [(state,)] = wait_for(
                    "the match to be played by somebody else",
                    lambda match=match: stage.suite.query("match-service", over, (match,)),
                    REPLAY_SECONDS,
                )
                # Its agent may have left meanwhile.
                if state != "completed":
                    continue
            if _has_late_word(stage, match):
                return
    raise NotInjected("no worker came back to a match that somebody else had played")


def _has_late_word(stage: Stage, match: object) -> bool:
    """Whether the worker that was frozen says what it had to say."""
    query = "select 1 from outbox_event where topic = 'match.finished' and subject = %s offset 1"
    deadline = time.monotonic() + 20
    while not stage.suite.query("match-service", query, (str(match),)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _repeat_without_ledger(stage: Stage) -> None:
    """The database's own rule that a match is in the ledger once goes as well."""
    with stage.suite.database("rating-service") as session:
        session.execute("alter table ledger_entry drop constraint ledger_entry_match_id_key")
    stage.await_row("a rated match", "rating-service", "select 1 from ledger_entry limit 1")
    bus.repeat(stage)


def _with_empty_constructor(constructor: str, body: str) -> tuple[str, str]:
    """What Quarkus adds to a bean when it is built, and a class from the compiler lacks."""
    name = constructor.strip().partition("(")[0]
    return constructor, f"  {name}() {{ {body} }}\n\n{constructor}"


MUTANTS = (
    Mutant(
        "outbox marks before it sends",
        "match-service",
        (
            Change(
                f"{OUTBOX}/RelayRound.java",
                (
                    (
                        "      List<Attempt> wave = send(waiting, deadTopics);\n",
                        "      events.markSent(\n"
                        "          waiting.values().stream()\n"
                        "              .map(lane -> lane.peek().position()).toList());\n"
                        "      List<Attempt> wave = send(waiting, deadTopics);\n",
                    ),
                ),
            ),
        ),
        _lose_what_is_marked,
        "was sent but is not on",
    ),
    Mutant(
        "leases bind nobody",
        "match-service",
        (
            Change(
                f"{MATCHES}/Match.java",
                (
                    (
                        "state == MatchState.RUNNING && lease.attemptId().equals(attemptId);",
                        "true;",
                    ),
                ),
            ),
        ),
        _return_late,
        "different ends",
    ),
    # Last: what it does to ratings goes on and on. The inbox is the first of three guards.
    Mutant(
        "inbox forgets what it has handled",
        "rating-service",
        (
            Change(
                f"{OUTBOX}/Inbox.java",
                (
                    (
                        "if (noteFirstTime(reader, event.id())) {",
                        "if (noteFirstTime(reader, event.id()) || true) {",
                    ),
                    _with_empty_constructor(
                        "  Inbox(AgroalDataSource", "this(null, null, null, null);"
                    ),
                ),
            ),
            Change(
                f"{LEDGER}/RateMatch.java",
                (
                    ("if (ledger.contains(match.matchId())) {", "if (false) {"),
                    _with_empty_constructor(
                        "  RateMatch(\n",
                        "ratings = null; ledger = null; versions = null; outbox = null;"
                        " settings = null; clock = null;",
                    ),
                ),
            ),
        ),
        _repeat_without_ledger,
        "is in the ledger more than once",
    ),
)
