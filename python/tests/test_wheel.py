"""What pip installs: the command plays in an empty directory, with a game of another package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import __version__
from support import agent_python, open_folder

PACKAGE = Path(__file__).resolve().parent.parent
EXAMPLE = PACKAGE / "examples" / "rock-paper-scissors"


def build_wheel(source: Path, folder: Path) -> Path:
    """Builds from a copy: setuptools leaves files behind in the source."""
    copy = folder / f"source-of-{source.name}"
    ignored = shutil.ignore_patterns("tests", "samples", "examples", "*.egg-info", "__pycache__")
    shutil.copytree(source, copy, ignore=ignored)
    target = folder / f"wheel-of-{source.name}"
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(target), str(copy))
    (wheel,) = target.glob("*.whl")
    return wheel


def pip(*arguments: str) -> None:
    """Offline: what the tests need is installed already."""
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *arguments],
        check=True,
        env={**os.environ, "PIP_NO_INDEX": "1"},
    )


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """An environment with the wheels of the runner and of the example game; its `arena` command.

    Their dependencies are those of this test run, which a path file makes importable.
    """
    folder = open_folder()
    home = folder / "env"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    wheels = [str(build_wheel(source, folder)) for source in (PACKAGE, EXAMPLE)]
    pip("--python", str(python), "install", "--no-deps", *wheels)
    own = sysconfig.get_path("purelib", vars={"base": str(home)})
    (Path(own) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    yield home / "bin" / "arena"
    shutil.rmtree(folder)


def arena(command: Path, folder: Path, *arguments: str) -> str:
    """What the command prints, run where nothing else is."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(command), *arguments],
        cwd=folder,
        env=environment | {"ARENA_AGENT_PYTHON": agent_python()},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout


def test_the_installed_command_makes_an_agent_and_plays_it(installed: Path, tmp_path: Path):
    assert arena(installed, tmp_path, "--version") == f"arena {__version__}\n"
    arena(installed, tmp_path, "init", "connect-four", "mine")

    printed = arena(
        installed, tmp_path, "play", "mine", "random", "-e", "connect-four", "-n", "2", "--html"
    )

    assert "Connect Four, 2 matches" in printed
    assert b"Content-Security-Policy" in (tmp_path / "replay-1.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("mine", "replay-1.html", "replay-2.html")
    ]


def test_an_installed_game_is_played_by_the_same_command(installed: Path, tmp_path: Path):
    (tmp_path / "paper.py").write_text("def act(observation):\n    return 1\n")
    (tmp_path / "rock.py").write_text("def act(observation):\n    return 0\n")

    result = json.loads(
        arena(
            installed,
            tmp_path,
            *("play", "paper.py", "rock.py", "-e", "rock-paper-scissors", "--json", "--out", "."),
        )
    )

    assert [seat["score"] for seat in result["seats"]] == [15.0, -15.0]
    assert [seat["rank"] for seat in result["seats"]] == [1, 2]
    verified = arena(installed, tmp_path, "verify", "replay.json")
    assert "Verified: 15 steps of rock-paper-scissors" in verified


def test_the_wheel_is_typed_and_carries_what_the_code_reads(tmp_path: Path):
    names = set(zipfile.ZipFile(build_wheel(PACKAGE, tmp_path)).namelist())

    assert "arena/py.typed" in names
    for folder in ("replay_page", "environments/quickstart", "cli/templates/pong"):
        source = PACKAGE / "src" / "arena" / folder
        files = {f"arena/{folder}/{path.name}" for path in source.iterdir() if path.is_file()}
        assert files
        assert files <= names
    assert not any("tests" in name or "samples" in name for name in names)
