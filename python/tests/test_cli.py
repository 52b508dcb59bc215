"""The command line: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena import environments
from arena.cli import main, remote
from arena.cli.code import stage
from arena.cli.failure import CliError
from arena.replay import canonical
from fake_arena import TOKEN, FakeArena
from support import agent_python

ALWAYS_UP = "def act(observation):\n    return 0\n"
FOLLOWER = (
    "class Agent:\n"
    "    def __init__(self, player_id):\n        self.mine = 4 + player_id\n"
    "    def act(self, o):\n        return 2 if o[1] > o[self.mine] + 0.05 else "
    "0 if o[1] < o[self.mine] - 0.05 else 1\n"
)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeArena]:
    server = FakeArena()
    monkeypatch.setenv("ARENA_URL", server.url)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ARENA_TOKEN", TOKEN)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def agents_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_AGENT_PYTHON", agent_python())


@pytest.fixture
def agents(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "follower.py").write_text(FOLLOWER)
    (tmp_path / "up.py").write_text(ALWAYS_UP)
    return str(tmp_path / "follower.py"), str(tmp_path / "up.py")


# --- matches here


def test_a_series_turns_the_seats_and_counts_for_the_agents(agents, tmp_path, capsys):
    arguments = ["play", *agents, "-n", "4", "--seed", "7", "--json", "-j", "2"]

    assert main([*arguments, "--html", str(tmp_path / "pages" / "match.html")]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert [one["order"] for one in printed["matches"]] == [[0, 1], [1, 0], [0, 1], [1, 0]]
    first, second = printed["agents"]
    assert (first["name"], second["name"]) == ("follower", "up")
    assert first["wins"] + first["ties"] + first["losses"] == 4
    assert first["wins"] == second["losses"] == 4
    assert first["score"] == -second["score"] > 0
    low, high = first["interval"]
    assert 0.5 < low < high == 1.0
    pages = sorted((tmp_path / "pages").iterdir())
    assert [page.name for page in pages] == [f"match-{number}.html" for number in range(1, 5)]
    assert b"follower" in pages[0].read_bytes()


def test_the_same_seed_plays_the_same_match_and_verifies(agents, tmp_path, capsys):
    for folder in ("one", "two"):
        assert main(["play", *agents, "--seed", "9", "--out", str(tmp_path / folder)]) == 0
    replay = tmp_path / "one" / "replay.json"
    capsys.readouterr()

    assert main(["verify", str(replay), "--agents", *agents]) == 0
    assert "play the same match, action by action" in capsys.readouterr().out
    assert main(["verify", str(replay), "--agents", *reversed(agents)]) == 1
    assert "act differently from step" in capsys.readouterr().out

    document = json.loads(replay.read_bytes())
    document["metadata"]["agents"][0]["score"] += 1
    replay.write_text(json.dumps(document))
    assert main(["verify", str(replay)]) == 1
    assert "metadata.agents[0].score" in capsys.readouterr().out


def test_the_table_tells_of_forfeits(agents, tmp_path, capsys):
    (tmp_path / "bad.py").write_text("def act(o):\n    print('hello')\n    return o[99]\n")

    assert main(["play", agents[0], str(tmp_path / "bad.py"), "-n", "2", "--logs"]) == 0

    printed = capsys.readouterr().out
    assert "Pong, 2 matches, seed " in printed
    assert "exception, 2 times: IndexError" in printed
    assert "--- match 1, bad, stdout\nhello" in printed
    assert "--- match 2, bad, traceback\nTraceback" in printed


def test_without_a_sandbox_the_same_match_comes_out(agents, tmp_path, capsys):
    assert main(["play", *agents, "--seed", "9", "--out", str(tmp_path / "in")]) == 0
    assert (
        main(["play", *agents, "--seed", "9", "--out", str(tmp_path / "out"), "--no-sandbox"]) == 0
    )

    inside, outside = (
        canonical(json.loads((tmp_path / place / "replay.json").read_bytes()))
        for place in ("in", "out")
    )
    assert inside == outside


@pytest.mark.parametrize(
    ("code", "verdict", "told"),
    [
        ("def act(o):\n    return o[99]\n", "exception", "IndexError"),
        ("import os\ndef act(o):\n    os._exit(3)\n", "crash", "exit status 3"),
        ("raise ValueError('no')\n", "load_error", "ValueError: no"),
        ("def act(o):\n    while True: pass\n", "move_timeout", "more than 0.5 s"),
        ("def act(o):\n    return 'up'\n", "invalid_output", "It returned a str"),
    ],
)
def test_without_a_sandbox_the_verdicts_are_the_same(code, verdict, told, tmp_path, capsys):
    (tmp_path / "bad.py").write_text(code)
    limits = ["--move-limit", "0.5", "--load-limit", "8"]

    assert (
        main(["play", "random", str(tmp_path / "bad.py"), "--json", "--no-sandbox", *limits]) == 0
    )

    bad = json.loads(capsys.readouterr().out)["seats"][1]
    assert (bad["verdict"], bad["rank"]) == (verdict, 2)
    assert told in bad["message"]


@pytest.mark.parametrize("opponent", ["random", "quickstart"])
def test_built_in_opponents_need_no_file(opponent, capsys):
    assert main(["play", opponent, "random", "-e", "tic-tac-toe", "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    assert [seat["verdict"] for seat in result["seats"]] == ["none", "none"]


def test_three_play_where_the_game_has_room_for_them(tmp_path, capsys):
    (tmp_path / "gone.py").write_text("raise SystemExit\n")
    trio = ["random", str(tmp_path / "gone.py"), "random"]

    assert main(["play", *trio, "-e", "texas-holdem", "--json"]) == 0

    seats = json.loads(capsys.readouterr().out)["seats"]
    assert seats[1]["rank"] == 3
    assert [seat["verdict"] for seat in seats] == ["none", "load_error", "none"]
    assert seats[1]["score"] < 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["play", "random"], "Pong is for 2 agents, not 1."),
        (["play", *["random"] * 7, "-e", "texas-holdem"], "is for 2 to 6 agents, not 7."),
        (["play", "random", "nope.py"], "There is no nope.py."),
        (
            ["play", "random", "random", "--agent-python", "/nope"],
            "agents' Python cannot be started",
        ),
        (["verify", __file__], "is no JSON"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(arguments, told, capsys):
    assert main(arguments) == 2

    error = capsys.readouterr().err
    assert error.startswith("arena: ")
    assert told in error


def test_a_valid_agent_passes_and_a_broken_one_is_told_why(agents, tmp_path, capsys):
    assert main(["validate", agents[0]]) == 0
    assert "is valid: 200 steps of Pong" in capsys.readouterr().out
    (tmp_path / "broken.py").write_text("def act(o):\n    return 9\n")

    assert main(["validate", str(tmp_path / "broken.py")]) == 1

    assert "seat 0: illegal_action: It returned 9; allowed is 0 to 2." in capsys.readouterr().out


@pytest.mark.parametrize("spec", environments.specs(), ids=environments.ids())
def test_init_writes_an_agent_of_every_game(spec, tmp_path, capsys):
    folder = tmp_path / "mine"

    assert main(["init", spec.id, str(folder)]) == 0

    assert "class Agent" in (folder / "agent.py").read_text()
    readme = (folder / "README.md").read_text()
    assert f"arena play . random -e {spec.id}" in readme
    assert ("train.py" in readme) == (folder / "train.py").exists() == (spec.id == "pong")
    assert main(["init", spec.id, str(folder)]) == 2
    assert "nothing was written" in capsys.readouterr().err


def test_the_training_of_the_template_beats_random_moves(tmp_path, capsys):
    assert main(["init", "pong", str(tmp_path / "mine")]) == 0

    trained = subprocess.run(
        [agent_python(), "train.py", "--seconds", "90", "--generations", "6"],
        cwd=tmp_path / "mine",
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout

    won = int(trained.rpartition("Won ")[2].split()[0])
    assert won >= 30, trained
    assert main(["validate", str(tmp_path / "mine")]) == 0


def test_an_archive_is_unpacked_as_the_platform_does(tmp_path):
    good = tmp_path / "good.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("agent.py", ALWAYS_UP)
        archive.writestr("models/net.txt", "x")

    code = stage(str(good), "pong", tmp_path / "code")

    assert (Path(code.code_dir) / "models" / "net.txt").read_text() == "x"
    for number, name in enumerate(["../agent.py", "/agent.py", "a/../../agent.py", "..\\agent.py"]):
        bad = tmp_path / "bad.zip"
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr(name, ALWAYS_UP)
        with pytest.raises(CliError, match="leaves its folder"):
            stage(str(bad), "pong", tmp_path / f"bad-{number}")
    link = zipfile.ZipInfo("agent.py")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(CliError, match="is a link"):
        stage(str(bad), "pong", tmp_path / "bad-link")


# --- an arena


def seated(agent_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"agentId": agent_id, "name": name, **fields}


def finished(match_id: str, *seats: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": match_id,
        "environmentId": "pong",
        "status": "completed",
        "participants": list(seats),
        "createdAt": "2026-01-02T03:04:05Z",
        **fields,
    }


def test_logging_in_keeps_the_token_where_only_its_owner_reads(fake, monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("ARENA_TOKEN")
    monkeypatch.setenv("ARENA_PASSWORD", "secret")
    assert main(["matches"]) == 2
    assert "You are not logged in, or not any more: arena login" in capsys.readouterr().err

    assert main(["login", "--email", "ann@example.com"]) == 0

    file = tmp_path / "config" / "rl-arena" / "tokens.json"
    assert json.loads(file.read_text()) == {fake.url: TOKEN}
    assert file.stat().st_mode & 0o777 == 0o600
    assert TOKEN not in capsys.readouterr().out
    assert main(["matches"]) == 0
    assert main(["logout"]) == 0
    assert json.loads(file.read_text()) == {}


def test_a_wrong_password_is_told(fake, monkeypatch, capsys):
    monkeypatch.setenv("ARENA_PASSWORD", "wrong")

    assert main(["login", "--email", "ann@example.com"]) == 2

    assert "Invalid email or password." in capsys.readouterr().err


def test_submitting_creates_the_agent_and_follows_the_build(fake, agents, monkeypatch, capsys):
    fake.builds = [{"status": s} for s in ("pending", "building", "building", "active")]
    fake.build_log = "collecting\ncompiling\nvalidating\n"
    waits: list[float] = []
    monkeypatch.setattr(remote.time, "sleep", waits.append)

    assert main(["submit", agents[0], "-e", "pong", "--watch"]) == 0

    assert fake.agents[0]["name"] == "follower"
    assert fake.uploads == [{"agentId": "a-1", "file": ("follower.py", FOLLOWER.encode())}]
    printed = capsys.readouterr().out
    assert printed.index("[pending]") < printed.index("[building]") < printed.index("[active]")
    assert printed.endswith("It plays now.\n")
    # The log comes in pieces of ten characters, the rest at the end.
    assert (
        "".join(line for line in printed.splitlines() if line[:1] not in "[" and line[:1].islower())
        == "collectingcompilingvalidating"
    )
    assert len(waits) == 3


def test_a_second_version_goes_to_the_same_agent_and_a_failed_build_is_a_failure(
    fake, agents, capsys
):
    fake.agents = [{"id": "a-9", "name": "mine", "environmentId": "pong"}]
    fake.builds = [{"status": "build_failed", "errorMessage": "It raised an exception."}]

    assert main(["submit", agents[0], "--agent", "mine", "-w"]) == 1

    assert len(fake.agents) == 1
    assert fake.uploads[0]["agentId"] == "a-9"
    assert "It raised an exception." in capsys.readouterr().out


def test_an_ambiguous_agent_is_asked_for(fake, agents, capsys):
    fake.agents = [
        {"id": f"a-{game}", "name": "mine", "environmentId": game} for game in ("pong", "go")
    ]

    assert main(["submit", agents[0], "--agent", "mine"]) == 2

    assert "several agents called mine (pong, go)" in capsys.readouterr().err
    assert fake.uploads == []


def test_matches_are_told_from_the_own_side(fake, capsys):
    fake.agents = [{"id": "a-1", "name": "mine", "environmentId": "pong"}]
    fake.matches = [
        finished(
            "m-1",
            seated("x", "other\x1b[31m", score=-3.0, eloChange=-8),
            seated("a-1", "mine", score=3.0, eloChange=8),
            winnerId="a-1",
        ),
        finished(
            "m-2",
            seated("a-1", "mine", score=0.0, verdict="crash", eloChange=-9),
            seated("x", "other", score=0.0, eloChange=9),
            winnerId="x",
        ),
        finished("m-3", seated("a-1", "mine"), seated("x", "other"), status="pending"),
    ]

    assert main(["matches"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["match", "m-1", "m-2", "m-3"]
    assert "won" in rows[1]
    assert "-3 : 3" in rows[1]
    assert "+8" in rows[1]
    assert "\x1b" not in rows[1]
    assert "lost (crash)" in rows[2]
    assert "pending" in rows[3]


def test_replays_logs_and_the_board_are_fetched(fake, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    fake.replays = {"m-1": {"version": "1.0"}}
    silent = {"agentId": "a-2", "stdout": "", "stderr": "", "error": None}
    fake.logs = {"m-1": [silent | {"agentId": "a-1", "stdout": "hello\n"}, silent]}
    fake.board = [
        {"rank": 1, "name": "mine", "username": "ann", "environmentId": "pong", "elo": 1216}
        | {"wins": 2, "draws": 1, "losses": 0}
    ]

    assert main(["replay", "m-1"]) == 0
    assert main(["replay", "m-1", "--json", "-o", "r.json"]) == 0
    assert main(["logs", "m-1"]) == 0
    assert main(["leaderboard", "pong"]) == 0

    printed = capsys.readouterr().out
    assert (tmp_path / "m-1.html").read_bytes() == b"<!DOCTYPE html>"
    assert json.loads((tmp_path / "r.json").read_bytes()) == {"version": "1.0"}
    assert "=== agent a-1\n--- stdout\nhello\n=== agent a-2\nIt printed nothing.\n" in printed
    assert printed.splitlines()[-1].split() == ["1", "mine", "ann", "pong", "1216", "2", "1", "0"]
    assert main(["logs", "m-2"]) == 2


def test_a_match_of_the_arena_is_verified_against_its_result(fake, agents, tmp_path, capsys):
    assert main(["play", *agents, "--seed", "3", "--out", str(tmp_path / "out")]) == 0
    document = json.loads((tmp_path / "out" / "replay.json").read_bytes())
    metadata = document["metadata"]
    seats = [
        seated(one["agent_id"], one["metadata"]["name"], score=one["score"], rank=one["rank"])
        for one in metadata["agents"]
    ]
    for digit, seat, one in zip("ab", seats, metadata["agents"], strict=True):
        seat["codeSha256"] = one["code_sha256"] = digit * 64
    match_id = metadata["match_id"]
    record = finished(
        match_id, *seats, winnerId=metadata["winner"], seed=3, steps=metadata["total_steps"]
    )
    fake.matches, fake.replays = [record], {match_id: document}
    capsys.readouterr()

    assert main(["verify", match_id]) == 0
    assert "Verified:" in capsys.readouterr().out

    record["winnerId"] = "somebody"
    assert main(["verify", match_id]) == 1
    assert "winner: player-0 in the replay, somebody in the arena" in capsys.readouterr().out

    record["winnerId"] = metadata["winner"]
    seats[1]["codeSha256"] = "c" * 64
    assert main(["verify", match_id]) == 1
    assert "code of player-1: bbb" in capsys.readouterr().out


def test_an_arena_that_is_not_there_is_told(fake, capsys):
    assert main(["leaderboard", "--url", "http://127.0.0.1:9"]) == 2
    assert "http://127.0.0.1:9 does not answer" in capsys.readouterr().err
    assert main(["leaderboard", "--url", "localhost:8080"]) == 2
    assert "is no http or https address" in capsys.readouterr().err


def test_help_needs_no_game():
    script = (
        "import sys; sys.argv = ['arena', '--help']\nfrom arena.cli import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\n"
        "print(sorted({'numpy', 'pettingzoo', 'rl_arena'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert "leaderboard" in printed
    assert printed.splitlines()[-1] == "[]"
