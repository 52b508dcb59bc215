"""`./arena test`: everything that CI runs, part by part, with a summary at the end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import build, parts, prerequisites, processes
from .layout import LIBRARIES, ROOT, SERVICES, venv_python
from .processes import ProcessId

PYTHON_FOLDERS = (
    *("local", "contracts", "python", "executor", "helm", "e2e", "bench", "ops", "examples"),
)
# Their tests wait for sandboxes half the time; those of a file share what it makes.
AT_ONCE = ("python", "executor")
PYTEST_PARTS = ("local", "contracts", "python", "executor", "e2e")
# The contracts are data to Maven: what checks them is a part of its own.
MAVEN_MODULES = (
    *(library for library in LIBRARIES if library != "contracts"),
    *(service.name for service in SERVICES),
)
MODULES = (*MAVEN_MODULES, *PYTEST_PARTS, "chaos", "format", "helm")
# One of each kind, in about two minutes; `./arena chaos` has all of them.
CHAOS_FAULTS = (
    "executor killed in a match",
    "relay killed between send and mark",
    "match-service killed while it stores a result",
    "match-service frozen past its leases",
    "database crashed",
    "broker frozen",
    "connections to the database reset",
    "records delivered again, out of order",
    "offsets set back to the beginning",
)
INFRA_LIMIT = 120.0
# What Maven and pytest say of a failure, in one line each; the summary repeats it, because what a
# long run printed halfway is hard to find and some viewers only keep the end.
COMPLAINT = re.compile(rb"^(\[ERROR\] +\S|FAILED |ERROR |error: )")
MOST_COMPLAINTS = 40


@dataclass(frozen=True)
class Check:
    """One part of a test run. run: does it, streaming its output; whether it passed."""

    name: str
    run: Callable[[], bool]


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    seconds: float
    complaints: list[str]


def run(modules: Sequence[str] | None, only_list: bool) -> int:
    """Runs all parts, or those of the modules named; 0 only if every one of them passed."""
    if only_list:
        print("\n".join(MODULES))
        return 0
    prerequisites.require_system_packages()
    outcomes = []
    for check in _chosen(modules):
        print(f"\n=== {check.name}", flush=True)
        begun = time.monotonic()
        _complaints.clear()
        try:
            passed = check.run()
        except build.BuildFailed as failure:
            print(f"arena: {failure}")
            _complaints.append(str(failure))
            passed = False
        seconds = time.monotonic() - begun
        outcomes.append(Outcome(check.name, passed, seconds, list(_complaints)))
    return _summary(outcomes)


def _chosen(modules: Sequence[str] | None) -> list[Check]:
    if modules:
        maven = [module for module in modules if module in MAVEN_MODULES]
        checks = (
            [Check(f"java: {', '.join(maven)}", lambda: _maven_modules(maven))] if maven else []
        )
        return checks + [_other(module) for module in modules if module not in MAVEN_MODULES]
    names = ("format", "java", *PYTEST_PARTS[:-1], "helm", "e2e", "chaos")
    return [Check("java", _maven_all) if name == "java" else _other(name) for name in names]


def _other(name: str) -> Check:
    match name:
        case "format":
            return Check(name, _format)
        case "helm":
            return Check(name, _helm)
        case "e2e":
            return Check(name, _e2e)
        case "chaos":
            return Check(name, _chaos)
        case _:
            return Check(name, lambda: _pytest(name))


def _summary(outcomes: list[Outcome]) -> int:
    for outcome in outcomes:
        if not outcome.passed:
            print(f"\n=== what failed in {outcome.name}")
            print("\n".join(outcome.complaints[:MOST_COMPLAINTS]))
    print("\n=== summary")
    for outcome in outcomes:
        verdict = "passed" if outcome.passed else "FAILED"
        print(f"{outcome.name:<40} {verdict}  {outcome.seconds / 60:6.1f} min")
    total = sum(outcome.seconds for outcome in outcomes)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"{'total':<40} {'FAILED' if failed else 'passed'}  {total / 60:6.1f} min")
    return 1 if failed else 0


# --- the parts


def _format() -> bool:
    build.build_python(("dev",))
    ruff = str(venv_python("dev").with_name("ruff"))
    folders = [folder for folder in PYTHON_FOLDERS if (ROOT / folder).is_dir()]
    # All three are wanted, also when the first finds something.
    results = [
        _succeeds([ruff, "check", *folders]),
        _succeeds([ruff, "format", "--check", *folders]),
        _succeeds(build.maven_command("-q", "spotless:check"), build.maven_environment()),
    ]
    return all(results)


def _maven_all() -> bool:
    # Two modules at once: a module's tests wait for services, brokers and databases half the time.
    with _shared_infra() as environment:
        return _succeeds(build.maven_command("verify", "--fail-at-end", "-T", "2"), environment)


def _maven_modules(modules: Sequence[str]) -> bool:
    """The modules' own tests; the libraries they stand on are built without theirs."""
    arguments = ["verify", "-pl", ",".join(modules), "-am"]
    if not set(modules) & set(LIBRARIES):
        arguments.append("-Darena.libraries.skip-tests=true")
    with _shared_infra() as environment:
        return _succeeds(build.maven_command(*arguments), environment)


def _pytest(folder: str, more: Mapping[str, str] | None = None) -> bool:
    build.build_python(("dev",) if folder in ("local", "contracts", "helm") else ("agent", "dev"))
    if folder in ("executor", "e2e"):
        build.build_python(("executor",))
        build.generate_stubs()
    environment = {**os.environ, **(more or {})}
    if folder in ("python", "executor"):
        environment["ARENA_EXECUTOR_AGENT_PYTHON"] = str(venv_python("agent"))
    command = [str(venv_python("dev")), "-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    if folder in AT_ONCE:
        command += ["--numprocesses=2", "--dist=loadfile"]
    return _succeeds(command, environment, ROOT / folder)


def _e2e() -> bool:
    build.build_all()
    return _pytest("e2e")


def _chaos() -> bool:
    command = [str(ROOT / "arena"), "chaos", "--trials", str(len(CHAOS_FAULTS))]
    return _succeeds([*command, *(f"--fault={fault}" for fault in CHAOS_FAULTS)])


def _helm() -> bool:
    helm, kubeconform = shutil.which("helm") or build.helm(), build.kubeconform()
    if not helm or not kubeconform:
        print("there is no Go to build helm and kubeconform with: charts are not checked here")
        return True
    return _pytest("helm", {"HELM": helm, "KUBECONFORM": kubeconform})


def _succeeds(
    command: Sequence[str], environment: dict[str, str] | None = None, folder: Path = ROOT
) -> bool:
    """Runs the command, its output passing through as it comes; notes the lines that complain."""
    with subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        unfinished = b""
        while piece := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            *lines, unfinished = (unfinished + piece).split(b"\n")
            _note(lines)
        _note([unfinished])
    return process.returncode == 0


# Of the part that runs; parts run one after the other.
_complaints: list[str] = []


def _note(lines: Sequence[bytes]) -> None:
    for line in lines:
        text = line.decode(errors="replace").rstrip()
        if COMPLAINT.match(line) and text not in _complaints:
            _complaints.append(text)


# --- one broker and one database for all Maven modules of a run


@contextmanager
def _shared_infra() -> Iterator[dict[str, str]]:
    """Maven's environment, pointing its tests to a broker and a database that run meanwhile."""
    build.build_java(("embedded-infra",))
    java = str(prerequisites.java_home() / "bin" / "java")
    with tempfile.TemporaryDirectory(prefix="arena-test-") as folder:
        ready = Path(folder) / "infra.json"
        log = Path(folder) / "infra.log"
        command = [java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        command += ["-jar", str(build.INFRA_JAR)]
        command += ["--data", str(Path(folder) / "data"), "--ready-file", str(ready)]
        # Every test class makes its own databases and topics; none of it outlives the run.
        command += ["--no-topics", "--not-durable"]
        environment = {**build.maven_environment(), processes.MARKER: folder}
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _await_infra(process, ready, log)
            yield {**build.maven_environment(), "ARENA_TEST_INFRA_FILE": str(ready)}
        finally:
            processes.end([ProcessId.of(process.pid)], grace=20)
            process.wait()
            processes.end(processes.marked(folder), grace=5)


def _await_infra(process: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
    deadline = time.monotonic() + INFRA_LIMIT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise build.BuildFailed(
                "broker and database for the tests did not start:\n" + parts.log_tail(log, 30)
            )
        time.sleep(0.1)
