"""The reference's web page, unmodified: its calls, and the fields it reads of the answers.

WebClient makes the calls as the page's API client makes them; each test is a page or a part of one.
What the page does not read is not looked at here.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from suite import Suite, sample, wait_for

ORIGIN = "http://localhost:3000"
ENVIRONMENT = "pong"
FINAL = {"active", "inactive", "build_failed"}


class WebClient:
    """axios as the page sets it up: base URL, 30 s, JSON, the token of the local storage."""

    def __init__(self, suite: Suite) -> None:
        self.storage: dict[str, Any] = {}
        self.origin = suite.url
        self.http = httpx.Client(
            base_url=f"{suite.url}/api/v1",
            timeout=30,
            headers={"Origin": ORIGIN, "Accept": "application/json, text/plain, */*"},
        )

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = arguments.pop("headers", {})
        if "auth_token" in self.storage:
            headers["Authorization"] = f"Bearer {self.storage['auth_token']}"
        answer = self.http.request(method, path, headers=headers, **arguments)
        # without these the browser hides the answer from the page, errors as well
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        return answer

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign_up(self, name: str) -> None:
        username = f"{name}_{secrets.token_hex(4)}"
        self.password = secrets.token_urlsafe(9)
        body = {
            "username": username,
            "email": f"{username}@example.org",
            "password": self.password,
            "fullName": name.title(),
        }
        self.remember(self.call("POST", "/auth/register", json=body), 201)

    def log_in(self) -> None:
        body = {"email": self.storage["user"]["email"], "password": self.password}
        self.remember(self.call("POST", "/auth/login", json=body), 200)

    def remember(self, answer: httpx.Response, status: int) -> None:
        assert answer.status_code == status, answer.text
        data = answer.json()
        assert isinstance(data["token"], str)
        assert {"id", "username", "email"} <= set(data["user"])
        self.storage = {"auth_token": data["token"], "user": data["user"]}

    def upload(self, name: str, filename: str, content: bytes) -> tuple[str, str]:
        """The page's upload: the user's first agent here, or a new one; then the file."""
        mine = self.get("/agents/my")["agents"] or []
        here = [agent for agent in mine if agent["environmentId"] == ENVIRONMENT]
        if mine:
            agent_id = (here or mine)[0]["id"]
        else:
            body = {"name": name, "environmentId": ENVIRONMENT, "description": f"Agent {name}"}
            answer = self.call("POST", "/agents", json=body)
            assert answer.status_code == 201, answer.text
            created = answer.json()
            agent_id = (created.get("agent") or created)["id"]
        answer = self.call(
            "POST",
            "/submissions",
            data={"agentId": agent_id},
            files={"file": (filename, content, "text/x-python")},
        )
        assert answer.status_code == 201, answer.text
        return agent_id, answer.json()["submission"]["id"]

    def submissions(self) -> list[Any]:
        """What the competition page lists: of all the user's agents, newest first."""
        rows: list[Any] = []
        for agent in self.get(f"/agents/my?environmentId={ENVIRONMENT}")["agents"] or []:
            path = f"/submissions/agent/{agent['id']}?page=1&pageSize=20"
            rows += self.get(path)["submissions"] or []
        return sorted(rows, key=lambda row: str(row["createdAt"]), reverse=True)


def error_text(answer: httpx.Response) -> str:
    """What the page shows of an error."""
    data = answer.json()
    text = data.get("message") or data.get("error")
    assert isinstance(text, str)
    assert text
    return text


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture(scope="module")
def players(suite: Suite) -> list[WebClient]:
    """Two people who uploaded an agent each, which have played each other."""
    clients = []
    for name in ("grace", "heidi"):
        client = WebClient(suite)
        client.sign_up(name)
        client.agent, client.submission = client.upload(
            name, "agent.py", sample(ENVIRONMENT, "follower").read_bytes()
        )
        clients.append(client)

    def both_played() -> bool:
        return all(
            client.get(f"/matches/agent/{client.agent}?limit=10")["matches"] for client in clients
        )

    wait_for("a match of both", both_played, 180)
    return clients


def test_every_call_passes_a_preflight(suite: Suite) -> None:
    for method, path in (
        ("POST", "/auth/login"),
        ("POST", "/auth/register"),
        ("GET", "/users/me"),
        ("GET", f"/leaderboard/environment/{ENVIRONMENT}"),
        ("POST", "/submissions"),
        ("PUT", "/agents/x"),
        ("DELETE", "/agents/x"),
    ):
        answer = httpx.options(
            f"{suite.url}/api/v1{path}",
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        assert 200 <= answer.status_code < 300
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert method in answer.headers["access-control-allow-methods"]
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert "authorization" in allowed
        assert "content-type" in allowed


def test_signing_up_and_logging_in(suite: Suite) -> None:
    client = WebClient(suite)
    client.sign_up("ivan")
    first = client.storage["user"]

    client.log_in()

    assert client.storage["user"] == first
    taken = {
        "username": first["username"],
        "email": first["email"],
        "password": "another password",
        "fullName": "Ivan",
    }
    again = WebClient(suite).call("POST", "/auth/register", json=taken)
    assert again.status_code == 409
    assert error_text(again)
    wrong = {"email": first["email"], "password": "not the password"}
    refused = WebClient(suite).call("POST", "/auth/login", json=wrong)
    assert refused.status_code == 401
    assert error_text(refused)
    short = {"username": "x", "email": "no address", "password": "1", "fullName": ""}
    invalid = WebClient(suite).call("POST", "/auth/register", json=short)
    assert 400 <= invalid.status_code < 500
    assert error_text(invalid)


def test_the_leaderboard_of_the_competition_page(suite: Suite, players: list[WebClient]) -> None:
    board = WebClient(suite).get(f"/leaderboard/environment/{ENVIRONMENT}?limit=20")

    rows = board.get("data") or board["leaderboard"]
    assert 2 <= len(rows) <= 20
    for row in rows:
        score = row.get("score", row.get("elo"))
        assert isinstance(score, int | float)
        assert isinstance(row["rank"], int)
        assert isinstance(row["username"], str)
        assert row["username"]
        assert isinstance(row["totalMatches"], int)
        UUID(row["id"])
        UUID(row["userId"])
    ranks = [row["rank"] for row in rows]
    assert ranks == sorted(ranks)
    for player in players:
        own = [row for row in rows if row["userId"] == player.storage["user"]["id"]]
        assert [row["id"] for row in own] == [player.agent]


def test_the_submissions_of_the_competition_page(players: list[WebClient]) -> None:
    rows = players[0].submissions()

    assert [row["id"] for row in rows] == [players[0].submission]
    row = rows[0]
    assert row["version"] == 1
    assert row["status"] in ("active", "inactive")
    assert isinstance(row["isActive"], bool)
    assert moment(row.get("timestamp") or row["createdAt"])


def test_uploading_again_goes_to_the_same_agent(players: list[WebClient]) -> None:
    player = players[1]
    broken = b"def act(observation)\n    return 0\n"

    agent, submission = player.upload("another name", "agent.py", broken)

    assert agent == player.agent

    def built() -> Any:
        row = next(row for row in player.submissions() if row["id"] == submission)
        return row if row["status"] in FINAL else None

    row = wait_for("the build to end", built, 90)
    assert row["status"] == "build_failed"
    assert row["version"] == 2
    assert "line 1" in row["message"], "the page shows message and nothing else"


def test_a_file_that_is_none_is_refused_with_a_sentence(players: list[WebClient]) -> None:
    player = players[0]
    answer = player.call(
        "POST",
        "/submissions",
        data={"agentId": player.agent},
        files={"file": ("agent.txt", b"hello", "text/plain")},
    )
    assert 400 <= answer.status_code < 500
    assert error_text(answer)


def test_watching_a_match(suite: Suite, players: list[WebClient]) -> None:
    player = players[0]
    # fetch, relative to the page: no base URL, no token
    answer = httpx.get(f"{suite.url}/api/v1/matches/agent/{player.agent}?limit=10")
    assert answer.status_code == 200
    matches = answer.json()["matches"]
    for match in matches:
        assert player.agent in (match["agent1Id"], match["agent2Id"])
        assert isinstance(match["agent1Score"], int | float)
        assert isinstance(match["agent2Score"], int | float)
        assert match.get("winnerId") in (None, match["agent1Id"], match["agent2Id"])
        assert moment(match["createdAt"])
    match_id = matches[0]["id"]

    page = player.call("GET", f"/matches/{match_id}/replay?format=html")
    replay = player.get(f"/matches/{match_id}/replay?format=json")

    assert page.status_code == 200
    assert "<canvas" in page.text
    assert len(replay["frames"]) > 1
    for frame in replay["frames"]:
        info = frame["info"]
        for name in ("ball_pos", "paddle_positions", "score"):
            assert len(info[name]) == 2
            assert all(isinstance(value, int | float) for value in info[name]), (name, info[name])
    metadata = replay["metadata"]
    assert isinstance(metadata["winner"], str | None)
    for missing in ("undefined", "match_undefined"):
        refused = player.call("GET", f"/matches/{missing}/replay?format=json")
        assert refused.status_code == 400
        assert error_text(refused)


def test_the_profile_page(players: list[WebClient]) -> None:
    player = players[0]

    def whole() -> Any:
        answer = player.get("/users/me")
        return None if answer.get("partial") else answer

    me = wait_for("all parts to answer in time", whole)

    assert me["username"] == player.storage["user"]["username"]
    assert me["email"] == player.storage["user"]["email"]
    stats = me["stats"]
    assert stats["totalSubmissions"] == 1
    assert stats["activeAgents"] == 1
    assert stats["totalMatches"] >= 1
    assert stats["bestRank"] >= 1
    assert [agent["id"] for agent in me["recentAgents"]] == [player.agent]
    agent = me["recentAgents"][0]
    assert {"id", "name", "status", "competition", "rank"} <= set(agent)
    for match in me["matchHistory"]:
        assert {"id", "opponent", "result", "competition", "timestamp"} <= set(match)


def test_an_expired_session_reads_as_an_error(suite: Suite) -> None:
    client = WebClient(suite)
    client.storage["auth_token"] = "a.b.c"
    answer = client.call("GET", "/users/me")
    assert answer.status_code == 401
    assert error_text(answer)
