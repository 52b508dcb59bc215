"""Projections that somebody damaged are filled anew from the topics, and nothing else changes."""

from __future__ import annotations

import pytest

import checker
from suite import Suite, sample
from user import User

ENVIRONMENT = "tic-tac-toe"
# Damage that no event would repair.
DAMAGE = {
    ("agent-service", "ratings"): "update agent set elo = 7, wins = 99, rating_sequence = 1000000",
    ("agent-service", "versions"): (
        "update agent set active_submission_id = gen_random_uuid(), activation_sequence = 1000000"
    ),
    ("rating-service", "agents"): "update known_agent set id = gen_random_uuid()",
    ("rating-service", "users"): "update known_user set username = 'x', sequence = 1000000",
    ("rating-service", "versions"): "update active_submission set active = false",
    ("matchmaking-service", "ratings"): "delete from agent_rating",
    ("matchmaking-service", "environments"): "update environment set version = 'x'",
    ("match-service", "environments"): "update environment_entry set playable = false",
    ("match-service", "versions"): "delete from active_version",
    ("match-service", "ratings"): "update rating_change set change = change + 1",
    ("build-service", "playing"): "delete from playing_build",
    ("webhook-service", "agents"): "update known_agent set owner_id = gen_random_uuid()",
}


@pytest.fixture(scope="module")
def played(suite: Suite) -> None:
    """Agents that have played, one of which is deleted."""
    users = [User.register(suite, "rebuilt") for _ in range(3)]
    agents = [user.enter(ENVIRONMENT, sample(ENVIRONMENT, "random_mover")) for user in users]
    for user, (agent, version) in zip(users, agents, strict=True):
        assert user.await_built(version)["status"] == "active"
        user.await_games(agent, 1)
    assert users[0].http.delete(f"/api/v1/agents/{agents[0][0]}").status_code == 200


@pytest.mark.timeout(900)
def test_every_projection_should_be_as_before(suite: Suite, played: None):
    for service in dict.fromkeys(service for service, _ in DAMAGE):
        damage = {name: statement for (of, name), statement in DAMAGE.items() if of == service}
        # Given
        with suite.database(service) as session:
            for statement in damage.values():
                session.execute(statement)
        # When
        done = suite.arena("rebuild", service, *damage)
        # Then
        assert done.returncode == 0, f"{service}: {done.stdout}{done.stderr}"
        print(done.stdout.strip())
    suite.await_well()
    wrong, books = checker.settle(suite, 120)
    print(books.summary)
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize(
    ("service", "names", "reason"),
    [
        ("matchmaking-service", "pairings", "match.finished keeps 7 days"),
        ("matchmaking-service", "ratings pairings", "match.finished keeps 7 days"),
        ("submission-service", "builds", "submission.built keeps 7 days"),
        ("match-service", "agents", "its reader also cancels matches"),
        (
            "match-service",
            "versions nonsense",
            "match-service nonsense: there is no such projection",
        ),
        ("match-service", "", "name the projections"),
    ],
)
def test_what_cannot_be_whole_should_stay_as_it_is(
    suite: Suite, service: str, names: str, reason: str
):
    # Given
    before = suite.part(service)
    # When
    done = suite.arena("rebuild", service, *names.split())
    # Then
    assert done.returncode == 1
    assert reason in done.stderr
    assert suite.part(service) == before


def test_the_list_should_name_every_projection_that_can_be_damaged(suite: Suite):
    done = suite.arena("rebuild")

    assert done.returncode == 0, done.stderr
    rebuildable = {tuple(line.split()[:2]) for line in done.stdout.splitlines() if " from " in line}
    assert rebuildable == set(DAMAGE)
