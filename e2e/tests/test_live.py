"""The live stream, told by a whole game from upload to rating."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from suite import Suite, sample
from user import User

Message = dict[str, Any]


class Stream:
    """A WebSocket and what has come over it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[Message] = []

    def command(self, type_: str, **payload: str) -> None:
        self.socket.send(json.dumps({"type": type_, "payload": payload}))

    def wait(self, what: str, wanted: Callable[[Message], bool], seconds: float = 120) -> Message:
        """The next message that is wanted."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                text = self.socket.recv(timeout=max(0.01, deadline - time.monotonic()))
            except TimeoutError:
                types = [message["type"] for message in self.seen]
                raise AssertionError(f"waited {seconds:.0f} s for {what}; came: {types}") from None
            message: Message = json.loads(text)
            self.seen.append(message)
            if wanted(message):
                return message

    def wait_type(self, type_: str) -> Message:
        return self.wait(type_, lambda message: message["type"] == type_)


@contextmanager
def stream(suite: Suite, token: str, query: str = "") -> Iterator[Stream]:
    address = suite.url.replace("http://", "ws://") + "/api/v1/ws" + query
    protocols = [Subprotocol("bearer"), Subprotocol(token)]
    with connect(address, subprotocols=protocols) as socket:
        yield Stream(socket)


def is_status(submission_id: str, status: str) -> Callable[[Message], bool]:
    return lambda message: (
        message["type"] == "build_status"
        and message["payload"]["submissionId"] == submission_id
        and message["payload"]["status"] == status
    )


def test_a_game_is_told_from_upload_to_rating(suite: Suite) -> None:
    carl = User.register(suite, "carl")
    dora = User.register(suite, "dora")
    eve = User.register(suite, "eve")
    file = sample("pong", "follower")
    with (
        stream(suite, carl.token) as own,
        stream(suite, eve.token, "?topic=environment:pong") as stranger,
    ):
        assert own.wait_type("hello")["payload"]["userId"] == carl.id
        agent, submission = carl.enter("pong", file)
        for status in ("pending", "building", "validating", "scanning", "built", "active"):
            own.wait(f"build {status}", is_status(submission, status))
        log = [m["payload"] for m in own.seen if m["type"] == "build_log"]
        assert log or own.wait_type("build_log")
        assert all(part["submissionId"] == submission for part in log)

        dora.enter("pong", file)

        def of_carl(type_: str) -> Callable[[Message], bool]:
            return lambda m: (
                m["type"] == type_
                and any(p["agentId"] == agent for p in m["payload"]["participants"])
            )

        created = own.wait("a match", of_carl("match_created"))
        match_id = created["payload"]["matchId"]
        own.wait("its start", of_carl("match_started"))
        completed = own.wait("its end", of_carl("match_completed"))["payload"]
        assert completed["matchId"] == match_id
        assert completed["status"] == "completed"
        assert completed["rated"] is True
        stored = carl.get(f"/matches/{match_id}")["match"]
        assert completed.get("winnerId") == stored.get("winnerId")
        changes = [m["payload"] for m in own.seen if m["type"] == "rating_changed"]
        mine = next(c for c in changes if c["matchId"] == match_id and c["agentId"] == agent)
        assert completed["eloChanges"][agent] == mine["change"]

        board = stranger.wait_type("leaderboard_update")["payload"]
        assert board["environmentId"] == "pong"
        assert not [m for m in stranger.seen if m["type"].startswith("build_")]

    with stream(suite, carl.token, f"?lastEventId={created['id']}") as again:
        repeated = again.wait("its end, again", of_carl("match_completed"))
        assert repeated["payload"]["matchId"] == match_id
        assert again.wait_type("resumed")["payload"]["messages"] >= 3


def test_the_same_comes_as_server_sent_events(suite: Suite, ada: User) -> None:
    headers = {"Authorization": f"Bearer {ada.token}"}
    with httpx.stream("GET", f"{suite.url}/api/v1/events", headers=headers, timeout=60) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        envelope = json.loads(next(lines).removeprefix("data: "))
        assert envelope["payload"]["userId"] == ada.id


def test_a_log_out_ends_the_stream(suite: Suite) -> None:
    frank = User.register(suite, "frank")
    with stream(suite, frank.token) as own:
        own.wait_type("hello")
        assert frank.http.post("/api/v1/auth/logout").status_code in (200, 204)
        with pytest.raises(ConnectionClosed) as ended:
            own.wait("nothing", lambda message: False, 30)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == 4001
    with pytest.raises(InvalidStatus) as refused, stream(suite, frank.token):
        pass
    assert refused.value.response.status_code == 401


def test_an_unknown_event_is_answered_resync(suite: Suite, ada: User) -> None:
    with stream(suite, ada.token) as own:
        own.command("resume", lastEventId="ffff.mf0-0")
        own.wait_type("resync")
