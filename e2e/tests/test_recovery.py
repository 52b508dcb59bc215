"""Parts are killed while the suite works; afterwards the books of all services must agree."""

from __future__ import annotations

import random

import pytest

import checker
from arena_local.layout import PART_NAMES
from suite import Suite, sample, wait_for
from user import User

VICTIMS = [name for name in PART_NAMES if name != "infra"]


@pytest.fixture(scope="module")
def players(suite: Suite) -> list[tuple[User, str]]:
    """Agents that play all the time: each of its own owner, so that all may be paired."""
    found = []
    for number in range(4):
        user = User.register(suite, f"player{number}")
        agent, version = user.enter("tic-tac-toe", sample("tic-tac-toe", "random_mover"))
        assert user.await_built(version)["status"] == "active"
        found.append((user, agent))
    return found


@pytest.mark.parametrize("victim", VICTIMS)
def test_should_recover_when_a_part_is_killed_under_load(
    suite: Suite, players: list[tuple[User, str]], victim: str
):
    # Given work in flight: agents that play, and an upload
    user, _ = players[0]
    source = (
        sample("tic-tac-toe", "random_mover").read_bytes() + f"\n# {random.random()}\n".encode()
    )
    agent = User.register(suite, "worker")
    version = agent.submit(agent.create_agent("Worker", "tic-tac-toe"), "agent.py", source)
    # When
    suite.kill_and_wait(victim)
    # Then
    assert agent.await_built(version)["status"] == "active"
    assert user.get("/agents/my")["total"] >= 1


@pytest.mark.timeout(600)
def test_the_books_should_agree_afterwards(suite: Suite, players: list[tuple[User, str]]):
    # Given: broker and database die too, without a chance to say goodbye
    suite.kill_and_wait("infra")
    suite.await_well()
    user, agent = players[1]
    before = user.get(f"/agents/{agent}")["agent"]["totalMatches"]

    # When matches are played again (a challenge needs no cooldown to be over)
    def played():
        body = {"agent1Id": agent, "agent2Id": players[2][1]}
        return user.http.post("/api/v1/matches", json=body).status_code == 201

    wait_for("a challenge to be accepted", played, 120)
    # Then
    wrong, books = checker.settle(suite, 120)
    print(books.summary)
    assert not wrong, "\n".join(sorted(wrong))
    assert len(books.ledger) > 0
    assert user.get(f"/agents/{agent}")["agent"]["totalMatches"] >= before


def test_should_continue_with_the_same_data_after_down_and_up(
    suite: Suite, players: list[tuple[User, str]]
):
    # Given
    user, agent = players[0]
    games = user.get(f"/agents/{agent}")["agent"]["totalMatches"]
    # When
    suite.down()
    suite.up()
    # Then: the account, its token, its agent and its games are still there
    assert user.get(f"/agents/{agent}")["agent"]["totalMatches"] >= games
    wrong, _ = checker.settle(suite, 60)
    assert not wrong, "\n".join(sorted(wrong))
