"""An author's own server learns what happened to the author's agents, whatever dies meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from arena_local.layout import ROOT
from suite import Suite, sample, wait_for
from user import User

sys.path.insert(0, str(ROOT / "examples" / "webhooks"))
import receiver

ENVIRONMENT = "tic-tac-toe"
EVENTS = ["match.finished", "submission.built", "rating.changed"]


class Author:
    """A user with a hook and the example's server behind it, which can be told to hesitate."""

    def __init__(self, suite: Suite) -> None:
        self.user = User.register(suite, "author")
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.open = threading.Event()
        self.open.set()
        self.begun = threading.Event()
        # bound before the hook is registered: the secret is known only afterwards
        placeholder = receiver.serve("", 0, self.handle)
        port = placeholder.server_port
        placeholder.server_close()
        body = {"url": f"http://127.0.0.1:{port}/hook", "events": EVENTS}
        answer = self.user.http.post("/api/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        self.hook = f"/webhooks/{answer.json()['webhook']['id']}"
        self.secret = answer.json()["secret"]
        self.server: ThreadingHTTPServer = receiver.serve(self.secret, port, self.handle)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handle(self, identity: str, message: dict[str, Any]) -> None:
        self.begun.set()
        self.open.wait(60)
        self.received.append((identity, message))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type, each id once."""
        once = {identity: message for identity, message in self.received}
        return [message for message in once.values() if message["type"] == kind]

    def newest(self) -> dict[str, Any]:
        """The last delivery."""
        return self.user.get(f"{self.hook}/deliveries")["deliveries"][0]

    def close(self) -> None:
        self.open.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def author(suite: Suite) -> Iterator[Author]:
    made = Author(suite)
    yield made
    made.close()


def challenge(author: User, agent: str, other: str) -> str:
    body = {"agent1Id": agent, "agent2Id": other}

    def accepted() -> str | None:
        answer = author.http.post("/api/v1/matches", json=body)
        return answer.json()["match"]["id"] if answer.status_code == 201 else None

    return str(wait_for("a challenge to be accepted", accepted, 120))


@pytest.mark.timeout(400)
def test_nothing_should_be_lost_when_the_service_is_killed_in_the_middle(
    suite: Suite, author: Author
):
    # Given two agents, whose builds their authors are told of
    rival = User.register(suite, "rival")
    mine, version = author.user.enter(ENVIRONMENT, sample(ENVIRONMENT, "random_mover"))
    other, others = rival.enter(ENVIRONMENT, sample(ENVIRONMENT, "random_mover"))
    assert author.user.await_built(version)["status"] == "active"
    assert rival.await_built(others)["status"] == "active"
    wait_for("the build", lambda: author.of("submission.build-succeeded.v1"), 60)
    assert [m["data"]["submissionId"] for m in author.of("submission.build-succeeded.v1")] == [
        version
    ]

    # When the service dies while it delivers, and matches end before and after
    author.open.clear()
    author.begun.clear()
    challenges = [challenge(author.user, mine, other)]
    assert author.begun.wait(120)
    suite.kill_and_wait("webhook-service")
    challenges.append(challenge(author.user, mine, other))
    author.open.set()

    # Then the author hears of every match and of every change of the rating
    author.user.await_games(mine, 1, 180)

    def untold() -> list[str]:
        rows = suite.query(
            "match-service",
            "select m.id::text from match m join match_participant p on p.match_id = m.id"
            " where p.agent_id::text = %s and m.state = 'completed'",
            (mine,),
        )
        told = {m["data"]["matchId"] for m in author.of("match.finished.v1")}
        return [row[0] for row in rows if row[0] not in told]

    wait_for("the challenges to be told", lambda: _told(author) >= set(challenges), 120)
    wait_for("every match to be told", lambda: not untold(), 120)
    changes = suite.query(
        "rating-service",
        "select match_id::text from ledger_entry join ledger_change using (number)"
        " where agent_id::text = %s",
        (mine,),
    )
    assert changes
    wait_for(
        "every rating to be told",
        lambda: (
            {m["data"]["matchId"] for m in author.of("rating.changed.v1")}
            >= {row[0] for row in changes}
        ),
        120,
    )

    # and the attempt that was cut off is made again once its lease is over, as the log tells
    def made_again() -> bool:
        log = author.user.get(f"{author.hook}/deliveries?pageSize=100")["deliveries"]
        return any(d["attempts"] > 1 and d["status"] == "delivered" for d in log)

    wait_for("the attempt that was cut off to be made again", made_again, 120)


def _told(author: Author) -> set[str]:
    return {message["data"]["matchId"] for message in author.of("match.finished.v1")}


def test_what_is_not_signed_by_the_secret_should_be_refused_and_sent_again_when_asked(
    author: Author,
):
    # Given a secret that the receiver does not know yet, and whose predecessor is long gone
    author.server.shutdown()
    author.server.server_close()
    port = author.server.server_port
    author.server = receiver.serve("whsec_" + "A" * 44, port, author.handle)
    threading.Thread(target=author.server.serve_forever, daemon=True).start()
    # When
    answer = author.user.http.post(f"/api/v1{author.hook}/ping")
    assert answer.status_code == 202, answer.text
    identity = answer.json()["delivery"]["id"]
    # Then
    wait_for("the refusal", lambda: author.newest().get("responseCode") == 401)
    assert author.received == []
    author.server.shutdown()
    author.server.server_close()
    author.server = receiver.serve(author.secret, port, author.handle)
    threading.Thread(target=author.server.serve_forever, daemon=True).start()

    def replayed() -> bool:
        path = f"/api/v1{author.hook}/deliveries/{identity}/replay"
        return author.user.http.post(path).status_code == 202

    wait_for("the replay to be taken", replayed)
    wait_for("the ping", lambda: author.of("ping"))
    assert {one for one, _ in author.received} == {identity}


def test_hooks_should_go_with_the_account(suite: Suite):
    # Given
    author = Author(suite)
    path = author.hook.removeprefix("/webhooks/")
    # When
    assert author.user.http.delete("/api/v1/users/me").status_code == 204
    author.close()
    # Then
    wait_for(
        "the hook to be gone",
        lambda: (
            suite.query("webhook-service", "select id from webhook where id::text = %s", (path,))
            == []
        ),
    )


def test_the_example_should_run_as_it_is_told(suite: Suite, author: Author):
    # Given the example on the hook's port
    author.server.shutdown()
    author.server.server_close()
    command = [sys.executable, str(ROOT / "examples" / "webhooks" / "receiver.py")]
    process = subprocess.Popen(
        [*command, "--port", str(author.server.server_port)],
        env={"ARENA_WEBHOOK_SECRET": author.secret},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # When
        assert author.user.http.post(f"/api/v1{author.hook}/ping").status_code == 202
        # Then
        wait_for("the ping to be taken", lambda: author.newest()["status"] == "delivered", 60)
        assert process.stdout is not None
        assert " ping " in process.stdout.readline()
    finally:
        process.kill()
        process.wait()
