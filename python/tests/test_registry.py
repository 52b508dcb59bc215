"""Games of other packages: found by entry points, left out when broken."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena import environments
from arena.environments import registry

EXAMPLE = Path(__file__).parent.parent / "examples" / "rock-paper-scissors" / "src"

Install = Callable[..., None]


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str, str], None]]:
    """Puts a package with one entry point on the path: what pip leaves behind."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    registry._installed.cache_clear()

    def put(entry: str, value: str, source: str = "") -> None:
        info = tmp_path / f"{entry.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {entry}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entry} = {value}\n")
        if source:
            (tmp_path / f"{value.partition(':')[0]}.py").write_text(source)

    yield put
    registry._installed.cache_clear()


def test_a_game_of_another_package_is_in_the_catalogue_and_plays(install: Install):
    install("rock-paper-scissors", "arena_rock_paper_scissors:rock_paper_scissors")

    specs = {spec.id: spec for spec in environments.specs()}
    game = environments.create("rock-paper-scissors")
    game.reset(7, 2)
    rewards = game.step({0: 0, 1: 1})

    assert list(specs)[-1] == "rock-paper-scissors"
    assert "rock-paper-scissors" in environments.ids()
    assert specs["rock-paper-scissors"].source == "pettingzoo-parallel"
    assert list(rewards) == [-1.0, 1.0]
    assert game.to_move() == [0, 1]
    assert (int(game.observation(0)), int(game.observation(1))) == (1, 0)
    assert game.frame_info() == {"round": 1, "played": ["rock", "paper"]}
    for _ in range(14):
        assert not game.over
        game.step({0: 2, 1: 2})
    assert game.over


@pytest.mark.parametrize(
    ("value", "source", "reason"),
    [
        ("broken_one:make", "raise RuntimeError('no licence')", "no licence"),
        ("broken_two:make", "def make():\n    return 3\n", "returns int, no Environment"),
        ("missing_module:make", "", "No module named 'missing_module'"),
        ("arena.environments.pong:Pong", "", "is called broken, its id is pong"),
    ],
)
def test_a_broken_package_costs_only_its_own_game(
    install: Install, caplog: pytest.LogCaptureFixture, value: str, source: str, reason: str
):
    install("broken", value, source)

    with caplog.at_level(logging.WARNING):
        found = [spec.id for spec in environments.specs()]

    assert "pong" in found
    assert "broken" not in found
    assert "environment broken is left out" in caplog.text
    assert reason in caplog.text


def test_an_installed_game_does_not_replace_a_shipped_one(
    install: Install, caplog: pytest.LogCaptureFixture
):
    install("pong", "arena_rock_paper_scissors:rock_paper_scissors")

    with caplog.at_level(logging.WARNING):
        game = environments.create("pong")
        environments.ids()

    assert game.spec.id == "pong"
    assert "the id is taken" in caplog.text


def test_an_unknown_id_is_a_key_error():
    with pytest.raises(KeyError):
        environments.create("nope")


def test_playing_one_game_imports_the_libraries_of_no_other():
    script = (
        "import sys; from arena import environments; environments.create('pong');"
        "print(sorted({'pettingzoo', 'chess', 'rlcard', 'pygame'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "[]"
