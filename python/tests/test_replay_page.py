"""The replay page in a real browser, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from arena import environments
from arena.match import Rules, play
from arena.replay import MatchInfo, Participant, replay_document, replay_html
from deterministic_match import Table

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize(
    "environment_id", ["pong", "tic-tac-toe", "connect-four", "chess", "go", "texas-holdem"]
)
def test_a_page_draws_and_tells_its_match(environment_id: str, tmp_path: Path):
    environment = environments.create(environment_id)
    seats = environment.spec.max_players
    table = Table(seats, environment.action_count)
    result = play(environment, table, Rules(max_steps=12), seed=5, seats=seats)
    people = [Participant(f"agent-{seat}", f"Player <{seat}>") for seat in range(seats)]
    document = replay_document(
        environment.spec, MatchInfo("m-1", 5, people, 1700000000.0, 1700000001.0), result
    )
    names = [environment.describe_action(action) for action in range(environment.action_count)]
    page = tmp_path / "replay.html"
    page.write_bytes(replay_html(environment.spec, document, names))

    shown = subprocess.run(
        [
            *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}"),
            f"{page.as_uri()}#5",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout

    # The script has run to its end: a mistake in a drawing would leave these empty.
    assert f">step 5 / {result.steps}<" in shown
    assert shown.count('class="name"') == seats
    assert "Player &lt;0&gt;" in shown
    assert len(re.findall(r"<tr", shown)) >= 5
    assert ">match m-1, seed 5<" in shown
