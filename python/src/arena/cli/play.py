"""`arena play`: a series of matches on this machine."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from arena import environments
from arena.cli.code import name_of
from arena.cli.failure import CliError
from arena.cli.local_player import Seat, cores, rules_of
from arena.cli.player_choice import player_of
from arena.cli.series import Record, Series
from arena.playing import Played
from arena.replay import Participant

_MAX_SEED = (1 << 53) - 1
_BAR_WIDTH = 24


def run(options: argparse.Namespace) -> int:
    spec = environments.create(options.environment).spec
    count = len(options.agents)
    if not spec.min_players <= count <= spec.max_players:
        seats = str(spec.min_players)
        if spec.max_players > spec.min_players:
            seats += f" to {spec.max_players}"
        raise CliError(f"{spec.name} is for {seats} agents, not {count}.")
    names = _distinct([name_of(agent) for agent in options.agents])
    series = Series([Record(name) for name in names])
    first_seed = options.seed or 1 + secrets.randbelow(_MAX_SEED - options.matches)
    record = options.html is not None or options.out is not None
    results: list[dict[str, Any]] = []

    with player_of(options) as player:

        def play(number: int) -> tuple[list[int], Played]:
            # The seats turn from match to match: nobody keeps the better one.
            order = [(seat + number) % count for seat in range(count)]
            seats = [
                Seat(options.agents[agent], Participant(f"player-{agent}", names[agent]))
                for agent in order
            ]
            seed = (first_seed - 1 + number) % _MAX_SEED + 1
            return order, player.play(
                options.environment, seed, seats, rules_of(options), record, f"local-{number + 1}"
            )

        jobs = min(options.jobs or len(cores()), options.matches)
        pool = ThreadPoolExecutor(jobs)
        try:
            _progress(series, options)
            for number, (order, played) in enumerate(pool.map(play, range(options.matches))):
                series.add(played.result, order)
                results.append(played.result | {"order": order})
                _write(options, number, played)
                _progress(series, options)
        finally:
            # After an interrupt: what runs is cancelled, what waits is dropped.
            player.cancel()
            pool.shutdown(cancel_futures=True)
            _end_progress()

    if options.json:
        print(json.dumps(_as_json(options, results, series)))
    else:
        _print(series, spec.name, first_seed, options.matches)
        if options.logs:
            _print_logs(names, results)
    return 0


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that tell equal ones apart by their place."""
    return [
        f"{name} ({place})" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    ]


def _write(options: argparse.Namespace, number: int, played: Played) -> None:
    several = options.matches > 1
    suffix = f"-{number + 1:0{len(str(options.matches))}}" if several else ""
    if options.html is not None:
        path: Path = options.html
        path = path.with_name(f"{path.stem}{suffix}{path.suffix or '.html'}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(played.replay_html or b"")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"replay{suffix}.json").write_bytes(played.replay_json or b"")
        (options.out / f"replay{suffix}.html").write_bytes(played.replay_html or b"")


def _as_json(
    options: argparse.Namespace, results: list[dict[str, Any]], series: Series
) -> dict[str, Any]:
    if options.matches == 1:
        return results[0]
    agents = []
    for record in series.records:
        low, high = record.interval()
        agents.append(
            {
                "name": record.name,
                "wins": record.wins,
                "ties": record.ties,
                "losses": record.losses,
                "points": record.points,
                "score": record.score,
                "seconds": record.seconds,
                "interval": [low, high],
                "verdicts": dict(record.verdicts),
            }
        )
    return {"matches": results, "no_contests": series.no_contests, "agents": agents}


def _print(series: Series, game: str, seed: int, matches: int) -> None:
    last = f" to {seed + matches - 1}" if matches > 1 else ""
    print(f"{game}, {_counted(matches, 'match', 'matches')}, seed {seed}{last}")
    width = max(len(record.name) for record in series.records)
    print(f"  {'':{width}}  won  tied  lost     rate (95 % interval)  mean score  time a match")
    for record in sorted(series.records, key=lambda record: -record.points):
        rate = record.points / record.contests if record.contests else 0.0
        low, high = record.interval()
        print(
            f"  {record.name:{width}}  {record.wins:3}  {record.ties:4}  {record.losses:4}"
            f"  {rate:7.1%} ({low:6.1%} to {high:6.1%})"
            f"  {record.score / series.played:10.2f}  {record.seconds / series.played:10.3f} s"
        )
        for verdict, times in record.verdicts.items():
            print(f"      {verdict}, {_counted(times, 'time', 'times')}: {record.message}")
    if series.no_contests:
        print(f"  {_counted(series.no_contests, 'match', 'matches')} without contest")


def _print_logs(names: Sequence[str], results: Sequence[dict[str, Any]]) -> None:
    for number, result in enumerate(results, start=1):
        for agent, seat in zip(result["order"], result["seats"], strict=True):
            for stream in ("stdout", "stderr", "traceback"):
                if text := seat[stream].rstrip():
                    print(f"\n--- match {number}, {names[agent]}, {stream}\n{text}")


def _progress(series: Series, options: argparse.Namespace) -> None:
    """A line that renews itself, where somebody watches."""
    if options.matches == 1 or options.json or not sys.stderr.isatty():
        return
    done = _BAR_WIDTH * series.played // options.matches
    bar = "#" * done + "." * (_BAR_WIDTH - done)
    points = "  ".join(f"{record.name} {record.points:g}" for record in series.records)
    print(f"\r[{bar}] {series.played}/{options.matches}  {points}", end="", file=sys.stderr)


def _end_progress() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
