"""One suite for all tests of a run, on ports and in a state folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_local.layout import Layout
from population import Population
from suite import Suite, state_folder
from user import User

PORT_OFFSET = 1000
# All clients are at one address, and some tests do little but present wrong passwords. The tests of
# auth-service have the limit.
SETTINGS = {
    "ARENA_AUTH_THROTTLE_FREE_TRIES_PER_ADDRESS": "100000",
    # Receivers of webhooks are in the tests themselves; what a killed process had under way is
    # delivered again after twice the time for an attempt and ten seconds.
    "ARENA_WEBHOOK_TRUSTED_HOSTS": "127.0.0.1",
    "ARENA_WEBHOOK_FIRST_PAUSE": "1s",
    "ARENA_WEBHOOK_TIMEOUT": "5s",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs no suite or one of its own comes first: the machine is free for it then."""
    items.sort(key=lambda item: "suite" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    with state_folder() as folder:
        running = Suite(Layout(folder, PORT_OFFSET), SETTINGS)
        try:
            running.up()
            yield running
        finally:
            running.down()


@pytest.fixture
def empty_state() -> Iterator[Path]:
    with state_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def ada(suite: Suite) -> User:
    return User.register(suite, "ada")


@pytest.fixture(scope="session")
def bob(suite: Suite) -> User:
    return User.register(suite, "bob")


@pytest.fixture(scope="session")
def population(suite: Suite) -> Iterator[Population]:
    made = Population(suite)
    yield made
    made.close()
