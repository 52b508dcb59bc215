"""Plays a finished match again from its replay: the seed and the recorded actions.

A replay that was cut short, edited or written by other rules does not come out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from arena import environments
from arena.agents import Answer, Overdue, Reply
from arena.match import Rules, play
from arena.replay import MatchInfo, Participant, replay_document, without_times
from arena.verdict import Failure, Verdict


class NotComparable(Exception):
    """The replay is no replay, or of a game that is not played here in that version."""


class _Recorded:
    """The agents of a replay: they answer as they did, and fail where they failed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        agents = document["metadata"]["agents"]
        self._ids = [agent["agent_id"] for agent in agents]
        self._failures = {
            (agent["forfeit_step"], seat): Failure(Verdict(agent["verdict"]), "")
            for seat, agent in enumerate(agents)
            if agent["forfeit_step"] is not None
        }
        self._frames = document["frames"]
        self._step = -1

    def load(self, limit_seconds: float, deadline: float) -> dict[int, Reply]:
        return self._replies(range(len(self._ids)), {})

    def ask(
        self, observations: Mapping[int, Any], limits: Mapping[int, float], deadline: float
    ) -> dict[int, Reply]:
        step = self._step
        recorded = self._frames[step]["actions"] if step < len(self._frames) else {}
        return self._replies(observations, recorded)

    def _replies(self, seats: Any, actions: Mapping[str, Any]) -> dict[int, Reply]:
        step, self._step = self._step, self._step + 1
        return {seat: self._reply(step, seat, actions) for seat in seats}

    def _reply(self, step: int, seat: int, actions: Mapping[str, Any]) -> Reply:
        if failure := self._failures.get((step, seat)):
            return failure
        if step < 0:
            return Answer(None, 0.0)
        if self._ids[seat] in actions:
            return Answer(("int", actions[self._ids[seat]]), 0.0)
        # The record ends here: the match was cut, or another seat's failure ended it.
        return Overdue(0.0, at_deadline=True)


def differences(document: Mapping[str, Any], limit: int = 5) -> list[str]:
    """What is different when the match is played again; empty if nothing is.

    NotComparable if it cannot be played again here.
    """
    again = play_again(document)
    found: list[str] = []
    # The game before its result: that is where a difference begins.
    then, now = (
        dict(sorted(without_times(dict(one)).items(), key=lambda item: item[0] == "metadata"))
        for one in (document, again)
    )
    _compare(then, now, "", found, limit)
    return found


def play_again(document: Mapping[str, Any]) -> dict[str, Any]:
    """The replay of the same seed and actions."""
    try:
        metadata = document["metadata"]
        environment_id, version = metadata["environment"], metadata["environment_version"]
        people = [
            Participant(
                agent["agent_id"],
                agent["metadata"]["name"],
                agent["version"],
                agent.get("code_sha256"),
            )
            for agent in metadata["agents"]
        ]
        info = MatchInfo(
            metadata["match_id"],
            metadata["seed"],
            people,
            datetime.fromisoformat(metadata["timestamp"]).timestamp(),
            float(metadata["end_time"]),
        )
        table = _Recorded(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotComparable(f"This is no replay of this arena: {error!r}.") from None
    try:
        environment = environments.create(environment_id)
    except KeyError:
        raise NotComparable(f"The game {environment_id} is not installed here.") from None
    if environment.spec.version != version:
        raise NotComparable(
            f"The match was played by {version}, installed here is {environment.spec.version}: "
            "the same actions may give another game."
        )
    # Time is not judged again: it was another machine's.
    endless = Rules(match_seconds=float("inf"))
    try:
        result = play(environment, table, endless, info.seed, len(people))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise NotComparable(f"The replay cannot be played: {error!r}.") from None
    return replay_document(environment.spec, info, result)


def _compare(then: Any, now: Any, path: str, found: list[str], limit: int) -> None:
    if len(found) >= limit or then == now:
        return
    if isinstance(then, dict) and isinstance(now, dict):
        for key in [*then, *(key for key in now if key not in then)]:
            place = f"{path}.{key}" if path else str(key)
            if key not in then or key not in now:
                _note(found, limit, f"{place} is only in the {'replay' if key in then else 'game'}")
            else:
                _compare(then[key], now[key], place, found, limit)
    elif isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            _note(found, limit, f"{path} has {len(then)} entries, played again {len(now)}")
        for index, (one, other) in enumerate(zip(then, now, strict=False)):
            _compare(one, other, f"{path}[{index}]", found, limit)
    else:
        _note(found, limit, f"{path} is {_short(then)}, played again {_short(now)}")


def _note(found: list[str], limit: int, text: str) -> None:
    if len(found) < limit:
        found.append(text)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
