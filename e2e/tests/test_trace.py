"""One upload can be followed to its rating: by its trace on the topics, and by `./arena trace`."""

from __future__ import annotations

import subprocess
import uuid
from contextlib import closing

import pytest

from arena_local.layout import ROOT
from suite import Suite, sample, wait_for
from topics import Topics
from user import User

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ENVIRONMENT = "tic-tac-toe"


@pytest.fixture(scope="module")
def traced(suite: Suite) -> tuple[str, str]:
    """A version that was uploaded in a trace of its author's, and has been rated; with its agent.

    Its opponent has played before: of two newcomers only one can lend the match its trace.
    """
    others = [User.register(suite, "other") for _ in range(2)]
    for other, (agent, _) in [(u, u.enter(ENVIRONMENT, _player())) for u in others]:
        other.await_games(agent, 1)
    author = User.register(suite, "traced")
    author.http.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
    agent, version = author.enter(ENVIRONMENT, _player())
    assert author.await_built(version)["status"] == "active"
    author.await_games(agent, 1)
    return version, agent


def _player():
    return sample(ENVIRONMENT, "random_mover")


def test_the_trace_of_an_upload_should_go_on_to_the_change_of_its_rating(
    suite: Suite, traced: tuple[str, str]
):
    # Given
    wanted = {
        "submission.created",
        "build.progress",
        "submission.built",
        "submission.activated",
        "match.requested",
        "match.created",
        "match.started",
        "match.finished",
        "rating.changed",
    }

    def topics_in_trace() -> set[str]:
        return {
            event.topic
            for event in topics.read()
            if dict(event.headers).get("traceparent", b"").decode()[3:35] == TRACE
        }

    # When, Then
    with closing(Topics(suite)) as topics:
        wait_for("all of the way to be on the topics", lambda: wanted <= topics_in_trace())


def test_the_way_of_a_submission_should_be_told_in_order(suite: Suite, traced: tuple[str, str]):
    # When
    version, agent = traced
    done = suite.arena("trace", version, "--matches", "1")
    # Then
    assert done.returncode == 0, done.stderr
    heading, trace, *moments = done.stdout.splitlines()
    assert version in heading
    assert agent in heading
    assert trace == f"trace {TRACE}"
    steps = (
        "uploaded",
        "build asked for, attempt 1",
        "building",
        "validating",
        "scanning",
        "build succeeded",
        "activated",
        "queued",
        "paired with",
        "started on",
        "finished, ",
        "rated 1200 -> ",
    )
    places = [next(i for i, line in enumerate(moments) if step in line) for step in steps]
    assert places == sorted(places), done.stdout
    assert moments[0].split()[2] == "0.000"


def test_a_submission_that_nobody_knows_should_be_said_to_be_none(suite: Suite):
    done = suite.arena("trace", str(uuid.uuid4()))
    assert done.returncode == 1
    assert "knows no submission" in done.stderr


def test_what_is_no_id_should_be_refused():
    done = subprocess.run([ROOT / "arena", "trace", "x"], capture_output=True, text=True)
    assert done.returncode == 2
