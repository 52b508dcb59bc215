"""Which revision `./arena previous` compares with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from arena_local.layout import SERVICES
from previous import previous_revision

NAMES = [service.name for service in SERVICES]


class History:
    """A repository of services that are a file each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def change(self, *paths: str) -> str:
        """Commits a change of these files; the commit."""
        for path in paths:
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{len(file.read_text()) if file.exists() else ''}x")
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")


def of(service: str) -> str:
    return f"{service}/src/main/java/A.java"


@pytest.fixture
def history(tmp_path: Path) -> History:
    """All services are there, and all but the first have changed once since then."""
    made = History(tmp_path / "history")
    made.change(*map(of, NAMES))
    made.change(*map(of, NAMES[1:]))
    return made


def test_without_tags_it_should_be_the_youngest_in_which_every_service_was_another(
    history: History,
):
    # Given
    before = history.change("docs/page.md")
    history.change(of(NAMES[0]))
    history.change(*map(of, NAMES[1:]))
    history.change("docs/page.md")
    # When, Then
    assert previous_revision(history.root) == before


def test_it_should_be_the_last_tag_before_this_commit(history: History):
    # Given
    released = history.change(of(NAMES[0]))
    history.git("tag", "v1")
    assert previous_revision(history.root) != released, "it is this commit"
    # When
    history.change(*map(of, NAMES))
    # Then
    assert previous_revision(history.root) == released


def test_a_shallow_clone_should_have_none(history: History, tmp_path: Path):
    # Given
    history.change(*map(of, NAMES))
    clone = tmp_path / "clone"
    command = ["git", "clone", "-q", "--depth", "1", f"file://{history.root}", str(clone)]
    subprocess.run(command, check=True)
    # When, Then
    assert previous_revision(clone) is None
