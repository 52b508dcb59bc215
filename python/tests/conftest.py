"""Places to play, each made once per run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from places import OtherUserPlace, OwnPlace, Place

GOOD = {
    "pong": "def act(observation):\n    return 1\n",
    "tic-tac-toe": "def act(observation):\n    return list(observation['action_mask']).index(1)\n",
}
#: Launcher and user; what root does not play as an unprivileged user is left to its own run.
PLACES = ("zygote own-uid", "zygote unprivileged", "bwrap own-uid", "bwrap unprivileged")


@pytest.fixture(scope="session", params=PLACES)
def arena(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Both launchers; as root also both users, else the one there is."""
    launcher, user = request.param.split()
    if user == "unprivileged" and os.geteuid() == 0:
        place: Place = OtherUserPlace(launcher)
    elif (user == "unprivileged") == (os.geteuid() != 0):
        place = OwnPlace(launcher)
    else:
        pytest.skip("only root has another uid to give")
    yield place
    place.close()


@pytest.fixture(scope="session")
def home_arena() -> Iterator[OwnPlace]:
    """The one way that every machine has; for what does not depend on launcher and uid."""
    place = OwnPlace("zygote")
    yield place
    place.close()
