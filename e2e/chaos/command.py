"""Puts faults into a suite of its own, one after another, and audits its books after each.

    ./arena chaos --mutants
    ./arena chaos [--trials N] [--minutes M] [--seed S] [--fault NAME ...] [--report FILE] [--list]

The suite is started for it, with a state folder of its own, and stopped at the end, also on Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from arena_local.layout import Layout
from chaos import faults, report
from chaos.disk import disk
from chaos.mutants import MUTANTS
from chaos.network import network
from chaos.plan import Trial, draw
from chaos.session import Session
from chaos.stage import Tools
from suite import Suite

# Away from the suite that a developer runs, and from that of the tests.
PORT_OFFSET = 3000
# A loss stays: no need to wait as long as for a suite that may yet heal.
MUTANT_QUIET_SECONDS = 90.0
MUTANT_STEADY_SECONDS = 10.0
# Waiting out a dead worker's lease should take seconds, and agents should play all the time; the
# rules themselves are those of every day.
SETTINGS = {
    "ARENA_MATCH_LEASE": "4S",
    "ARENA_BUILD_LEASE": "5S",
    "ARENA_BUILD_HEARTBEAT": "1S",
    "ARENA_MATCHMAKING_COOLDOWN": "2S",
    "ARENA_MATCHMAKING_COOLDOWN_FREE_GAMES": "0",
    "ARENA_MATCHMAKING_DAILY_LIMIT": "1000000",
    "ARENA_MATCH_CHALLENGES_PER_MINUTE": "100000",
    "ARENA_MATCH_CHALLENGES_PER_DAY": "100000",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./arena chaos", description="Faults in a suite at work; its books must agree."
    )
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=120, help="begin no trial after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", action="append", help="only this one (may be repeated)")
    parser.add_argument("--report", type=Path, help="a Markdown file whose table is written anew")
    parser.add_argument(
        "--mutants", action="store_true", help="take guards out and see that it is noticed"
    )
    parser.add_argument("--list", action="store_true", help="name the faults")
    parser.add_argument("--state", help="kept afterwards; default: a temporary folder")
    parser.add_argument("--port-offset", type=int, default=PORT_OFFSET)
    options = parser.parse_args()
    catalogue = faults.catalogue()
    if options.list:
        for fault in catalogue.values():
            print(f"{fault.name}: {fault.what}")
        return 0
    if options.mutants:
        return _with_state(options, _run_mutants)
    unknown = set(options.fault or ()) - catalogue.keys()
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))} (--list names them)")
    return _with_state(options, _run)


def _with_state(
    options: argparse.Namespace, run: Callable[[argparse.Namespace, Suite], int]
) -> int:
    # A suite must not outlive its trials: SIGTERM ends them as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.update(SETTINGS)
    with _state(options.state) as state:
        return run(options, Suite(Layout.of(str(state), options.port_offset)))


def _run_mutants(options: argparse.Namespace, suite: Suite) -> int:
    """0 if the checker notices each guard that was taken out."""
    with network(suite.layout) as proxy:
        try:
            suite.up()
            mutants = [m for m in MUTANTS if not options.fault or m.name in options.fault]
            known = {mutant.name: mutant.fault() for mutant in mutants}
            session = Session(
                suite,
                known,
                options.seed,
                Tools(proxy),
                MUTANT_QUIET_SECONDS,
                MUTANT_STEADY_SECONDS,
                shown=0,
                say=_say,
            )
            with closing(session):
                plan = [Trial(n, (mutant.name,), n) for n, mutant in enumerate(mutants, 1)]
                session.run(plan)
        finally:
            suite.down()
    put_in = {result.trial.row for result in session.results if not result.skipped}
    said = {result.trial.row: result.violations for result in session.results}
    missed = 0
    for mutant in mutants:
        fitting = [w for w in said.get(mutant.name, ()) if mutant.expected in w.sentence]
        missed += not fitting
        otherwise = "NOT NOTICED" if mutant.name in put_in else "could not be put in"
        print(f"{mutant.name}: {min(fitting).sentence if fitting else otherwise}")
    print(f"{len(mutants) - missed} of {len(mutants)} guards taken out were noticed")
    return 1 if missed else 0


def _run(options: argparse.Namespace, suite: Suite) -> int:
    catalogue = faults.catalogue()
    chosen = [f for f in catalogue.values() if not options.fault or f.name in options.fault]
    plan = draw(chosen, options.trials, options.seed)
    begun = time.monotonic()
    print(f"{len(plan)} trials of {len(chosen)} faults, seed {options.seed}", flush=True)
    with network(suite.layout) as proxy, disk(suite.layout) as store:
        tools = Tools(proxy, store)
        try:
            suite.up()
            with closing(Session(suite, catalogue, options.seed, tools, say=_say)) as session:
                results = session.run(plan, begun + options.minutes * 60)
                print(session.summary)
        finally:
            suite.down()
    violated = sum(bool(result.violations) for result in results)
    skipped = sum(not result.counts for result in results)
    minutes = (time.monotonic() - begun) / 60
    print(
        f"{len(results) - skipped} trials, {violated} with violations, {skipped} not put in;"
        f" {minutes:.0f} min"
    )
    if options.report:
        report.write(options.report, catalogue, results, options.seed, minutes)
    return 1 if violated else 0


def _say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def _state(given: str | None) -> Iterator[Path]:
    if given:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="arena-chaos-", ignore_cleanup_errors=True) as folder:
        # Submitted code plays as another user, who must be able to pass.
        Path(folder).chmod(0o755)
        yield Path(folder) / "state"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
