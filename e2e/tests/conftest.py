"""One suite for all tests of a run, on ports and in a state folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from arena_local.layout import Layout
from suite import Suite
from user import User

PORT_OFFSET = 1000


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("suite")
    # Submitted code plays as another user when the executor was started by root.
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    running = Suite(Layout(folder / "state", PORT_OFFSET))
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture(scope="session")
def ada(suite: Suite) -> User:
    return User.register(suite, "ada")


@pytest.fixture(scope="session")
def bob(suite: Suite) -> User:
    return User.register(suite, "bob")
