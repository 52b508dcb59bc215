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
from dataclasses import dataclass
from pathlib import Path

from arena_local import prerequisites
from arena_local.layout import ROOT
from chaos.faults import Fault
from chaos.gates import NotInjected
from chaos.stage import Stage

OUTBOX = "outbox/src/main/java/org/rlarena/outbox"


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
    files = stage.suite.layout.state / "apps" / mutant.service
    jars = sorted(files.rglob("*.jar"))
    with tempfile.TemporaryDirectory(prefix="arena-mutant-") as folder:
        sources = [str(_changed(change, Path(folder))) for change in mutant.changes]
        classes = Path(folder) / "classes"
        command = [str(prerequisites.java_home() / "bin" / "javac"), "-parameters", "-nowarn"]
        command += ["-proc:none", "-cp", ":".join(map(str, jars)), "-d", str(classes)]
        done = subprocess.run([*command, *sources], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        made = {str(p.relative_to(classes)): p.read_bytes() for p in classes.rglob("*.class")}
        assert any([_replace(jar, made) for jar in jars]), "nothing was replaced"


def _changed(change: Change, folder: Path) -> Path:
    text = (ROOT / change.source).read_text()
    for old, new in change.swaps:
        assert text.count(old) == 1, f"{change.source} has changed; so must the mutant"
        text = text.replace(old, new)
    target = folder / Path(change.source).name
    target.write_text(text)
    return target


def _replace(jar: Path, made: dict[str, bytes]) -> bool:
    """Writes the jar anew with the classes of the same name; it may be a link to what was built."""
    with zipfile.ZipFile(jar) as old:
        if not made.keys() & set(old.namelist()):
            return False
        copy = jar.with_suffix(".new")
        with zipfile.ZipFile(copy, "w") as new:
            # Some name a folder more than once.
            for entry in {entry.filename: entry for entry in old.infolist()}.values():
                new.writestr(entry, made.get(entry.filename, old.read(entry)))
    shutil.move(copy, jar)
    return True


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
)
