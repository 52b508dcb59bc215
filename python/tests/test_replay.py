"""Replays: content, escaping, repeatability."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from arena import environments
from arena.match import Frame, MatchResult, SeatResult
from arena.replay import (
    MatchInfo,
    Participant,
    outcome,
    replay_document,
    replay_html,
    replay_json,
    without_times,
)
from arena.verdict import Failure, Verdict

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{data}}"


def match(failure: Failure | None = None, name: str = "Ann") -> tuple[MatchInfo, MatchResult]:
    info = {"scores": [0, 1], "ball_pos": [0.5, 0.5], "paddle_positions": [0.5, 0.5]}
    frame = Frame(0, 12.5, [[0.0] * 8] * 2, {0: 1, 1: 2}, [-1.0, 1.0], True, info, {0: 0.001})
    seats = [SeatResult(-1.0, 2, failure, failed_at=1 if failure else None), SeatResult(1.0, 1)]
    result = MatchResult(seats, info, [[0.0] * 8] * 2, [frame], 1, winner=1)
    people = [Participant("a1", name, "3"), Participant("b2", "Bob")]
    return MatchInfo("m", 42, people, 1700000000.0, 1700000002.5), result


def document(**arguments):
    info, result = match(**arguments)
    return replay_document(environments.create("pong").spec, info, result)


def test_the_fields_that_clients_read():
    replay = json.loads(replay_json(document()))

    metadata = replay["metadata"]
    assert replay["version"] == "1.0"
    assert metadata["match_id"] == "m"
    assert metadata["environment"] == "pong"
    assert metadata["seed"] == 42
    assert metadata["winner"] == "b2"
    assert metadata["status"] == "completed"
    assert metadata["total_steps"] == 1
    assert metadata["finalScore"] == [-1.0, 1.0]
    assert metadata["duration"] == 2.5
    assert metadata["timestamp"] == "2023-11-14T22:13:20.000Z"
    assert metadata["agents"][0] == {
        "agent_id": "a1",
        "version": "3",
        "metadata": {"name": "Ann"},
        "score": -1.0,
        "rank": 2,
        "verdict": "none",
        "forfeit_step": None,
    }
    frame = replay["frames"][0]
    assert frame["frame_number"] == 0
    assert frame["actions"] == {"a1": 1, "b2": 2}
    assert frame["rewards"] == {"a1": -1.0, "b2": 1.0}
    assert frame["info"]["ball_pos"] == [0.5, 0.5]
    assert replay["initial_frame"]["info"]["scores"] == [0, 1]


def test_what_an_author_is_told_is_not_published():
    failure = Failure(Verdict.EXCEPTION, "ValueError: my secret plan", "Traceback: secret")

    replay = document(failure=failure)

    assert replay["metadata"]["agents"][0]["verdict"] == "exception"
    assert b"secret" not in replay_json(replay)
    assert outcome(replay["metadata"]) == "Bob wins: Ann raised an exception."


def test_every_verdict_of_an_agent_has_a_reason():
    for verdict in Verdict:
        if verdict in (Verdict.NONE, Verdict.PLATFORM_FAULT, Verdict.CANCELLED):
            continue
        metadata = document(failure=Failure(verdict, "x"))["metadata"]
        assert re.fullmatch(r"Bob wins: Ann [a-z ]+\.", outcome(metadata)), verdict


def test_names_cannot_break_out_of_the_page():
    page = replay_html(
        environments.create("pong").spec, document(name=NASTY), ["up", "stay", "down"]
    ).decode()

    assert page.count("<script") == 2
    assert page.count("</script") == 2
    assert "<img" not in page
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert [agent["name"] for agent in json.loads(data.group(1))["agents"]] == [NASTY, "Bob"]


def test_the_page_needs_nothing_from_outside_and_allows_only_its_own_script():
    page = replay_html(
        environments.create("pong").spec, document(), ["up", "stay", "down"]
    ).decode()

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        content = re.search(rf"<{element}>(.*?)</{element}>", page, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r"\b(src|href)\s*=|https?://|@import|url\(|\son[a-z]+=\"", page)
    assert " style=" not in page


def test_the_page_names_only_actions_that_were_played():
    replay = document()

    page = replay_html(environments.create("pong").spec, replay, ["up", "stay", "down"]).decode()

    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1))
    assert data["action_names"] == {"1": "stay", "2": "down"}


def test_a_forfeit_is_told_with_its_reason_and_step():
    failure = Failure(Verdict.MOVE_TIMEOUT, "A move took more than 5 s.")

    page = replay_html(environments.create("pong").spec, document(failure=failure), ["u", "s", "d"])

    data = json.loads(re.search(rb'id="data">(.*?)</script>', page, re.DOTALL).group(1))
    assert data["agents"][0]["reason"] == "ran out of time"
    assert data["agents"][0]["forfeit_step"] == 1
    assert data["outcome"] == "Bob wins: Ann ran out of time."


def test_the_same_match_gives_the_same_replay_but_for_the_times(home_arena):
    agents = (
        "def act(o):\n    return 2 if o[1] > o[4] + 0.05 else 0 if o[1] < o[4] - 0.05 else 1\n",
        "def act(o):\n    return int(o[0] * 100) % 3\n",
    )

    first, second = (home_arena.play(*agents, seed=11) for _ in range(2))
    other = home_arena.play(*agents, seed=12)

    texts = [without_times(json.loads(o.replay)) for o in (first, second, other)]
    assert texts[0] == texts[1]
    assert texts[0]["frames"] != texts[2]["frames"]
    assert first.replay != second.replay
