"""Replays: one JSON document per match and one HTML page that plays it.

A replay is public. It holds no path, no code and no text that an agent or its author wrote, but for
the agents' names. Played again with the same seed by deterministic agents it is the same, apart
from the fields in TIME_FIELDS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from arena import replay_page
from arena.environments import EnvironmentSpec
from arena.match import Frame, MatchResult
from arena.verdict import Verdict

#: Names of the fields that differ from one playing to the next, wherever they occur.
TIME_FIELDS = ("start_time", "end_time", "duration", "timestamp", "move_seconds")

_REASONS = {
    Verdict.LOAD_ERROR: "could not be loaded",
    Verdict.INIT_TIMEOUT: "took too long to load",
    Verdict.MOVE_TIMEOUT: "ran out of time",
    Verdict.BANK_EXHAUSTED: "used up its spare time",
    Verdict.MEMORY: "used too much memory",
    Verdict.PROCESS_LIMIT: "started too many processes",
    Verdict.DISK_LIMIT: "wrote too much to disk",
    Verdict.OUTPUT_LIMIT: "printed too much",
    Verdict.INVALID_OUTPUT: "returned something that is no action",
    Verdict.ILLEGAL_ACTION: "played an illegal action",
    Verdict.EXCEPTION: "raised an exception",
    Verdict.CRASH: "crashed",
    Verdict.PROTOCOL: "interfered with the runner",
    Verdict.SECURITY: "did what the sandbox forbids",
}


@dataclass(frozen=True)
class Participant:
    """An agent as a replay shows it; name may be any text. code_sha256 is the digest of the file
    that was played, where it was one."""

    agent_id: str
    name: str
    version: str = ""
    code_sha256: str | None = None


@dataclass(frozen=True)
class MatchInfo:
    """What names a match; times in Unix seconds."""

    match_id: str
    seed: int
    participants: Sequence[Participant]
    start_time: float
    end_time: float


def replay_document(
    environment: EnvironmentSpec, info: MatchInfo, result: MatchResult
) -> dict[str, Any]:
    """The JSON document."""
    ids = [participant.agent_id for participant in info.participants]
    started = datetime.fromtimestamp(info.start_time, UTC)
    return {
        "version": "1.0",
        "metadata": {
            "match_id": info.match_id,
            "environment": environment.id,
            "environment_version": environment.version,
            "seed": info.seed,
            "agents": [
                {
                    "agent_id": participant.agent_id,
                    "version": participant.version,
                    "metadata": {"name": participant.name},
                    **({"code_sha256": participant.code_sha256} if participant.code_sha256 else {}),
                    "score": seat.score,
                    "rank": seat.rank,
                    "verdict": seat.failure.verdict if seat.failure else Verdict.NONE,
                    "forfeit_step": seat.failed_at,
                }
                for participant, seat in zip(info.participants, result.seats, strict=True)
            ],
            "start_time": info.start_time,
            "end_time": info.end_time,
            "timestamp": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration": round(info.end_time - info.start_time, 3),
            "finalScore": [seat.score for seat in result.seats],
            "total_steps": result.steps,
            "winner": None if result.winner is None else ids[result.winner],
            "no_contest": result.no_contest,
            "status": "completed",
        },
        "initial_frame": {
            "observations": _by_agent(ids, result.initial_observations),
            "info": result.initial_info,
        },
        "frames": [_frame(ids, frame) for frame in result.frames],
    }


def replay_json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document)


def canonical(document: dict[str, Any]) -> bytes:
    """The same bytes for the same game: without times, keys in order."""
    return json.dumps(
        without_times(document), separators=(",", ":"), sort_keys=True, ensure_ascii=True
    ).encode()


def without_times(value: Any) -> Any:
    """A replay, or any part of one, without the fields in TIME_FIELDS."""
    if isinstance(value, dict):
        return {key: without_times(v) for key, v in value.items() if key not in TIME_FIELDS}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def replay_html(
    environment: EnvironmentSpec, document: dict[str, Any], action_names: Sequence[str]
) -> bytes:
    """A page that needs nothing from outside and runs under a strict content policy."""
    metadata = document["metadata"]
    ids = [agent["agent_id"] for agent in metadata["agents"]]
    # Of chess's 4672 actions a game plays a hundred.
    played = {action for frame in document["frames"] for action in frame["actions"].values()}
    data = {
        "renderer": environment.renderer,
        "configuration": environment.config.get("configuration", {}),
        "match": metadata["match_id"],
        "seed": metadata["seed"],
        "agents": [
            {
                "name": agent["metadata"]["name"] or agent["agent_id"],
                "rank": agent["rank"],
                "reason": _REASONS.get(Verdict(agent["verdict"])),
                "forfeit_step": agent["forfeit_step"],
            }
            for agent in metadata["agents"]
        ],
        "outcome": outcome(metadata),
        "no_contest": metadata["no_contest"],
        "action_names": {str(action): action_names[action] for action in sorted(played)},
        "frames": [
            {"info": document["initial_frame"]["info"]},
            *(
                {
                    "info": frame["info"],
                    "actions": [frame["actions"].get(agent) for agent in ids],
                    "rewards": [frame["rewards"][agent] for agent in ids],
                    "move_seconds": [frame["move_seconds"].get(agent) for agent in ids],
                }
                for frame in document["frames"]
            ),
        ],
    }
    return replay_page.assemble(environment.name, data)


def outcome(metadata: dict[str, Any]) -> str:
    """One sentence: who won and who forfeited why."""
    names = {a["agent_id"]: a["metadata"]["name"] or a["agent_id"] for a in metadata["agents"]}
    forfeits = [
        f"{names[agent['agent_id']]} {_REASONS[Verdict(agent['verdict'])]}"
        for agent in metadata["agents"]
        if Verdict(agent["verdict"]) in _REASONS
    ]
    if metadata["no_contest"]:
        result = "No contest"
    elif metadata["winner"]:
        result = f"{names[metadata['winner']]} wins"
    else:
        result = "Draw"
    return f"{result}: {' and '.join(forfeits)}." if forfeits else f"{result}."


def _frame(ids: Sequence[str], frame: Frame) -> dict[str, Any]:
    return {
        "frame_number": frame.number,
        "timestamp": frame.timestamp,
        "observations": _by_agent(ids, frame.observations),
        "actions": {ids[seat]: action for seat, action in frame.actions.items()},
        "rewards": dict(zip(ids, frame.rewards, strict=True)),
        "done": frame.done,
        "info": frame.info,
        "move_seconds": {ids[seat]: used for seat, used in frame.move_seconds.items()},
    }


def _by_agent(ids: Sequence[str], observations: Sequence[Any]) -> dict[str, Any]:
    """Empty for games whose observations are not recorded."""
    return dict(zip(ids, observations, strict=True)) if observations else {}
