"""`arena validate`: the game that the platform plays after a build, the agent against itself."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import replace

from arena import environments
from arena.cli.local_player import Seat, rules_of
from arena.cli.player_choice import player_of
from arena.replay import Participant

_MAX_STEPS = 200


def run(options: argparse.Namespace) -> int:
    spec = environments.create(options.environment).spec
    rules = replace(rules_of(options), max_steps=_MAX_STEPS)
    seats = [
        Seat(options.agent, Participant(f"seat-{seat}", f"seat {seat}"))
        for seat in range(spec.min_players)
    ]
    with player_of(options) as player:
        result = player.play(
            options.environment, 1 + secrets.randbelow(1 << 52), seats, rules, record=False
        ).result
    failures = [
        (number, seat) for number, seat in enumerate(result["seats"]) if seat["verdict"] != "none"
    ]
    for number, seat in failures:
        print(f"seat {number}: {seat['verdict']}: {seat['message']}")
        if seat["traceback"]:
            print(seat["traceback"].rstrip())
        for stream in ("stdout", "stderr"):
            if text := seat[stream].rstrip():
                print(f"--- {stream}\n{text}")
    if failures:
        return 1
    slowest = max(seat["seconds"] for seat in result["seats"])
    per_step = slowest / max(1, result["steps"])
    print(
        f"{options.agent} is valid: {result['steps']} steps of {spec.name} in every seat, "
        f"{per_step * 1000:.2f} ms a step."
    )
    return 0
