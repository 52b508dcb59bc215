"""`arena verify`: plays a finished match again, and tells whether it comes out the same."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from arena.again import NotComparable, differences
from arena.cli.credentials import client_of
from arena.cli.failure import CliError
from arena.cli.local_player import Seat, rules_of
from arena.cli.player_choice import player_of
from arena.replay import Participant


def run(options: argparse.Namespace) -> int:
    document, record = _fetch(options)
    try:
        found = differences(document)
    except NotComparable as error:
        raise CliError(str(error)) from None
    if record:
        found += _against_record(document["metadata"], record)
    if found:
        print("The match does not come out the same:")
        print("\n".join(f"  {line}" for line in found))
        return 1
    metadata = document["metadata"]
    print(
        f"Verified: {metadata['total_steps']} steps of {metadata['environment']} with seed "
        f"{metadata['seed']} give the same game, scores and ranks."
    )
    if options.agents:
        return _let_play(options, document)
    return 0


def _fetch(options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The replay, and what the arena says of the match unless the replay is a file."""
    path = Path(options.match)
    if path.is_file():
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            raise CliError(f"{path} is no JSON.") from None
        if not isinstance(document, dict):
            raise CliError(f"{path} is no replay.")
        return document, None
    client = client_of(options.url)
    return client.replay_json(options.match), client.match(options.match)


def _against_record(metadata: dict[str, Any], record: dict[str, Any]) -> list[str]:
    """Where the arena's result is not the replay's."""
    seats = record.get("participants", [])
    pairs = [
        ("match", metadata["match_id"], record["id"]),
        ("environment", metadata["environment"], record["environmentId"]),
        ("seed", metadata["seed"], record.get("seed")),
        ("steps", metadata["total_steps"], record.get("steps")),
        ("winner", metadata["winner"], record.get("winnerId")),
    ]
    for field, shown in (
        ("agent_id", "agentId"),
        ("score", "score"),
        ("rank", "rank"),
    ):
        pairs.append(
            (
                f"{field} by seat",
                [agent[field] for agent in metadata["agents"]],
                [seat.get(shown) for seat in seats],
            )
        )
    for agent, seat in zip(metadata["agents"], seats, strict=False):
        # Executors of other makes do not say what they played.
        if then := agent.get("code_sha256"):
            pairs.append((f"code of {agent['agent_id']}", then, seat.get("codeSha256")))
    if metadata["no_contest"]:
        # Nobody has a rank then: the arena gives 0.
        pairs = [pair for pair in pairs if pair[0] != "rank by seat"]
    return [
        f"{what}: {then} in the replay, {now} in the arena's result"
        for what, then, now in pairs
        if then != now
    ]


def _let_play(options: argparse.Namespace, document: dict[str, Any]) -> int:
    """Whether the agents given act as recorded; agents that draw random numbers need not."""
    metadata = document["metadata"]
    people = metadata["agents"]
    if len(options.agents) != len(people):
        raise CliError(f"The match has {len(people)} seats: name as many agents, in seat order.")
    seats = [
        Seat(path, Participant(one["agent_id"], one["metadata"]["name"], one["version"]))
        for path, one in zip(options.agents, people, strict=True)
    ]
    with player_of(options) as player:
        played = player.play(
            metadata["environment"],
            metadata["seed"],
            seats,
            rules_of(options),
            True,
            metadata["match_id"],
        )
    again = json.loads(played.replay_json or b"{}")
    for step, (then, now) in enumerate(zip(document["frames"], again["frames"], strict=False)):
        for agent, action in then["actions"].items():
            if now["actions"].get(agent) != action:
                name = next(p["metadata"]["name"] for p in people if p["agent_id"] == agent)
                print(
                    f"The agents act differently from step {step + 1} on: {name or agent} played "
                    f"{action}, now {now['actions'].get(agent)}."
                )
                return 1
    ends = [(agent["verdict"], agent["forfeit_step"]) for agent in people]
    ends_now = [(a["verdict"], a["forfeit_step"]) for a in again["metadata"]["agents"]]
    if len(document["frames"]) != len(again["frames"]) or ends != ends_now:
        print(
            f"The agents act the same for {min(len(document['frames']), len(again['frames']))} "
            f"steps, but the match ends otherwise: {ends}, now {ends_now}."
        )
        return 1
    print("The agents given play the same match, action by action.")
    return 0
