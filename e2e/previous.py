"""Upgrades a suite of before with all its data, then runs each service of before among today's.

    ./arena previous [--revision REV] [--service NAME ...] [--port-offset N] [--state DIR]

First the whole suite is started as it was before: people register, upload, play, are rated, some
leave again. Today's suite is started on what that one leaves behind: every migration runs on its
rows, every reader goes on in its topics. The books must agree, and its people play on.

Then each service is started as it was before its last change among today's others, one after
another. So goes a rolling upgrade, and one that is taken back: for a while both speak on the same
topics and over the same APIs, and the older one works on a schema that the newer one has migrated.
Each time somebody registers, uploads, plays and is rated, and the books of all services must agree.

The revision is the last tag before this commit; without tags the youngest one in which the sources
of every service were others than now. It is taken from git, built once, kept under .arena/previous.
A clone that does not reach back so far is no failure: there is nothing to compare with. It takes
a quarter of an hour on two cores, and is not part of `./arena test`.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

import checker
from arena_local import build
from arena_local.layout import ROOT, SERVICES, Layout
from suite import Suite, sample
from user import User

PORT_OFFSET = 5000
KEPT = ROOT / ".arena" / "previous"
SETTLE_SECONDS = 90.0
ENVIRONMENT, PLAYER = "tic-tac-toe", "random_mover"


# --- which revision


def previous_revision(root: Path = ROOT) -> str | None:
    """The commit to compare with; None where the history does not reach back to one."""
    tag = _git(root, "describe", "--tags", "--abbrev=0", "HEAD^")
    if tag:
        return _git(root, "rev-parse", f"{tag}^{{commit}}")
    last_changes = {
        _git(root, "log", "-1", "--format=%H", "--", f"{service.name}/src/main")
        for service in SERVICES
    }
    # In order, the oldest first: before that one, every service was another than it is now.
    order = _git(root, "rev-list", "--topo-order", "--reverse", "HEAD") or ""
    oldest = next((commit for commit in order.splitlines() if commit in last_changes), None)
    return _git(root, "rev-parse", "--verify", "--quiet", f"{oldest}^") if oldest else None


def _git(root: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.strip() or None if done.returncode == 0 else None


# --- what was built from it


def built(revision: str) -> Path:
    """The whole repository at that revision, with everything built that its `up` needs."""
    folder = KEPT / revision[:12]
    if not folder.exists():
        # Of one revision only: they are large.
        shutil.rmtree(KEPT, ignore_errors=True)
        unfinished = KEPT / "unfinished"
        unfinished.mkdir(parents=True)
        archive = subprocess.Popen(
            ["git", "-C", str(ROOT), "archive", revision], stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x", "-C", str(unfinished)], stdin=archive.stdout, check=True)
        if archive.wait() != 0:
            raise build.BuildFailed(f"git could not give out {revision}.")
        unfinished.rename(folder)
    done = subprocess.run([str(folder / "arena"), "build"], stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise build.BuildFailed(f"{revision[:12]} could not be built; what it said is above.")
    return folder


def app(folder: Path, service: str) -> Path | None:
    """A service's runnable files; None if it was not there at that revision."""
    if not (folder / service / "pom.xml").exists():
        return None
    return folder / service / "target" / "quarkus-app"


# --- an upgrade of all at once


def upgrade(old: Suite, suite: Suite) -> list[str]:
    """Today's suite on the data of the old one; what went wrong, in sentences."""
    begun = time.monotonic()
    try:
        old.up()
        journey(old)
        people = meet(old)
    finally:
        old.down()
    try:
        suite.up()
        wrong, _ = checker.settle(suite, SETTLE_SECONDS)
        for user, agent in people:
            games = int(user.get(f"/agents/{agent}")["agent"]["totalMatches"])
            user.await_games(agent, games + 1)
        part(people)
    except (AssertionError, httpx.HTTPError) as problem:
        wrong = {repr(problem)}
    seconds = time.monotonic() - begun
    print(f"{'all data of before':<22} {verdict(wrong)} under today's; {seconds:.0f} s", flush=True)
    return [f"after the upgrade: {sentence}" for sentence in sorted(wrong)]


# --- each among the others


def swap(suite: Suite, files: dict[str, Path]) -> None:
    """Stops these services in good order and starts them again from other files, all at once."""
    restarts = {name: suite.part(name).restarts + 1 for name in files}
    for name in files:
        suite.hold(name)
        suite.terminate(name)
    for name, folder in files.items():
        suite.await_down(name)
        own = suite.layout.state / "apps" / name
        shutil.rmtree(own)
        shutil.copytree(folder, own)
        suite.release(name)
    for name, count in restarts.items():
        suite.await_up(name, count)


def try_out(suite: Suite, old: dict[str, Path]) -> list[str]:
    """The old services one after another; what went wrong, in sentences."""
    today = {service.name: service.jar.parent for service in SERVICES}
    problems = []
    back: dict[str, Path] = {}
    for name, files in old.items():
        begun = time.monotonic()
        try:
            swap(suite, {**back, name: files})
            journey(suite)
            wrong, _ = checker.settle(suite, SETTLE_SECONDS)
        except (AssertionError, httpx.HTTPError) as problem:
            wrong = {repr(problem)}
        seconds = time.monotonic() - begun
        print(f"{name:<22} {verdict(wrong)} among today's others; {seconds:.0f} s", flush=True)
        problems += [f"{name}: {sentence}" for sentence in sorted(wrong)]
        back = {name: today[name]}
    # And the last one forward again.
    swap(suite, back)
    journey(suite)
    wrong, books = checker.settle(suite, SETTLE_SECONDS)
    print(books.summary)
    return problems + [f"all of today: {sentence}" for sentence in sorted(wrong)]


# --- what people do meanwhile


def journey(suite: Suite) -> None:
    """Two newcomers upload, are built, meet and are rated, and leave again."""
    part(meet(suite))


def meet(suite: Suite) -> list[tuple[User, str]]:
    """Two newcomers, each with an agent that has met the other's and was rated."""
    users = [User.register(suite, name) for name in ("one", "other")]
    entered = [user.enter(ENVIRONMENT, sample(ENVIRONMENT, PLAYER)) for user in users]
    for user, (_, version) in zip(users, entered, strict=True):
        row = user.await_built(version)
        assert row["status"] == "active", f"{row['status']}: {row.get('errorMessage')}"
    people = [(user, agent) for user, (agent, _) in zip(users, entered, strict=True)]
    for user, agent in people:
        user.await_games(agent, 1)
    return people


def part(people: list[tuple[User, str]]) -> None:
    """Their agents leave: their matches would take the time of the next pair."""
    for user, agent in people:
        assert user.http.delete(f"/api/v1/agents/{agent}").status_code == 200


def verdict(wrong: set[str]) -> str:
    return "FAILS" if wrong else "works"


def main() -> int:
    names = [service.name for service in SERVICES]
    parser = argparse.ArgumentParser(prog="./arena previous")
    parser.add_argument("--revision", help="default: the last tag, or before the last changes")
    parser.add_argument("--service", action="append", choices=names)
    parser.add_argument("--state", help="kept afterwards; default: a temporary folder")
    parser.add_argument("--port-offset", type=int, default=PORT_OFFSET)
    options = parser.parse_args()
    wanted = options.revision
    revision = _git(ROOT, "rev-parse", f"{wanted}^{{commit}}") if wanted else previous_revision()
    if revision is None:
        print("skipped: this clone has no earlier revision of the services (is it shallow?)")
        return 1 if wanted else 0
    # A suite must not outlive its trials: SIGTERM ends them as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        build.build_all()
        folder = built(revision)
    except build.BuildFailed as failure:
        print(f"arena: {failure}")
        return 1
    print(f"{_git(ROOT, 'log', '-1', '--format=%h, %as: %s', revision)}", flush=True)
    apps = {name: app(folder, name) for name in options.service or names}
    with tempfile.TemporaryDirectory(
        prefix="arena-previous-", ignore_cleanup_errors=True
    ) as temporary:
        # Submitted code plays as another user, who must be able to pass.
        Path(temporary).chmod(0o755)
        state = Path(options.state).resolve() if options.state else Path(temporary) / "state"
        layout = Layout(state, options.port_offset)
        suite = Suite(layout)
        try:
            problems = upgrade(Suite(layout, root=folder), suite) or try_out(
                suite, {name: files for name, files in apps.items() if files}
            )
        finally:
            suite.down()
    for problem in problems:
        print(f"WRONG: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
