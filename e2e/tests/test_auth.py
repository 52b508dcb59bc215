"""Accounts and tokens through the gateway: what ends somewhere is over everywhere within 2 s."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from arena_local.secret_files import secret
from suite import Suite
from user import User

WITHIN = 2.0

# Something that asks for a user, at each service that has users.
PATHS = {
    "auth-service": "/api/v1/users/me",
    "agent-service": "/api/v1/agents/my",
    "submission-service": "/api/v1/users/me/submission-stats",
    "rating-service": "/api/v1/users/me/match-stats",
    "webhook-service": "/api/v1/webhooks",
}


@pytest.fixture(scope="module")
def admin(suite: Suite) -> httpx.Client:
    """The administrator that ./arena up makes."""
    answer = httpx.post(
        f"{suite.url}/api/v1/auth/login",
        json={"username": "admin", "password": secret(suite.layout, "admin-password")},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    return httpx.Client(base_url=suite.url, headers=headers, timeout=30)


def statuses(suite: Suite, token: str) -> dict[str, int]:
    """What each service itself, not the gateway, says to the token."""
    headers = {"Authorization": f"Bearer {token}"}
    return {
        service: httpx.get(f"{suite.service_url(service)}{path}", headers=headers).status_code
        for service, path in PATHS.items()
    }


def assert_over_everywhere(suite: Suite, token: str, end: Callable[[], httpx.Response]) -> None:
    """Every service takes the token before the deed and refuses it in time after it."""
    assert set(statuses(suite, token).values()) == {200}
    answer = end()
    assert answer.status_code < 300, answer.text
    done = time.monotonic()
    while set((seen := statuses(suite, token)).values()) != {401}:
        assert time.monotonic() - done < WITHIN, f"after {WITHIN} s: {seen}"
        time.sleep(0.05)
    print(f"over everywhere after {time.monotonic() - done:.2f} s")


def login(user: User, **more: Any) -> dict[str, Any]:
    body = {"username": user.username, "password": user.password, **more}
    answer = user.http.post("/api/v1/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_log_out_should_be_over_everywhere(suite: Suite):
    user = User.register(suite, "leaver")
    assert_over_everywhere(suite, user.token, lambda: user.http.post("/api/v1/auth/logout"))


def test_a_new_password_should_end_every_session(suite: Suite):
    # Given a second session that can be renewed
    user = User.register(suite, "changer")
    other = login(user, refresh=True)
    fresh: dict[str, Any] = {}

    # When
    def change() -> httpx.Response:
        body = {"currentPassword": user.password, "newPassword": user.password + "2"}
        answer = user.http.put("/api/v1/users/me/password", json=body)
        fresh.update(answer.json())
        return answer

    assert_over_everywhere(suite, other["token"], change)

    # Then
    assert set(statuses(suite, user.token).values()) == {401}
    assert set(statuses(suite, fresh["token"]).values()) == {200}
    body = {"refreshToken": other["refreshToken"]}
    assert user.http.post("/api/v1/auth/refresh", json=body).status_code == 401


def test_a_ban_should_be_in_force_everywhere(suite: Suite, admin: httpx.Client):
    user = User.register(suite, "banned")
    why = {"reason": "of a system test"}
    path = f"/api/v1/admin/users/{user.id}"
    assert_over_everywhere(suite, user.token, lambda: admin.post(f"{path}/ban", json=why))
    assert admin.post(f"{path}/unban", json=why).status_code == 200
    assert set(statuses(suite, user.token).values()) == {401}
    log = admin.get("/api/v1/admin/audit/users?limit=2").json()["entries"]
    assert [entry["action"] for entry in log] == ["user.unbanned", "user.banned"]
    assert {entry["target"] for entry in log} == {user.id}


def test_a_replayed_refresh_token_should_end_its_family(suite: Suite):
    user = User.register(suite, "replayed")
    first = login(user, refresh=True)
    body = {"refreshToken": first["refreshToken"]}
    second = user.http.post("/api/v1/auth/refresh", json=body)
    assert second.status_code == 200, second.text
    # within seconds it counts as a second tab
    assert user.http.post("/api/v1/auth/refresh", json=body).status_code == 409
    with suite.database("auth-service") as database:
        database.execute("update refresh_token set used_at = used_at - interval '1 minute'")

    def replay() -> httpx.Response:
        answer = user.http.post("/api/v1/auth/refresh", json=body)
        assert answer.status_code == 401, answer.text
        assert answer.json()["code"] == "refresh_token_reused"
        return httpx.Response(200)

    assert_over_everywhere(suite, second.json()["token"], replay)


def test_programs_should_be_held_to_their_scopes_and_end_with_their_token(suite: Suite):
    # Given
    user = User.register(suite, "owner")
    body = {"name": "bot", "scopes": ["read", "agents:write"]}
    created = user.http.post("/api/v1/users/me/tokens", json=body)
    assert created.status_code == 201, created.text
    exchange = {"apiToken": created.json()["secret"]}
    exchanged = user.http.post("/api/v1/auth/token", json=exchange)
    assert exchanged.status_code == 200, exchanged.text
    token = exchanged.json()["token"]
    program = httpx.Client(
        base_url=suite.url, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )

    # When
    agent = program.post(
        "/api/v1/agents",
        json={"name": "Made by a bot", "description": "", "environmentId": "tic-tac-toe"},
    )

    # Then
    assert agent.status_code == 201, agent.text
    agent_id = agent.json()["agent"]["id"]
    refused = [
        program.post(
            "/api/v1/submissions",
            data={"agentId": agent_id},
            files={"file": ("agent.py", b"pass")},
        ),
        program.post("/api/v1/matches", json={"agent1Id": agent_id, "agent2Id": agent_id}),
        program.get("/api/v1/users/me/tokens"),
        program.put("/api/v1/users/me", json={"fullName": "Bot"}),
    ]
    for answer in refused:
        assert answer.status_code == 403, answer.text
        assert answer.json()["code"] == "insufficient_scope"
        assert answer.json()["error"] == answer.json()["message"]

    # When it is revoked
    token_id = created.json()["apiToken"]["id"]
    assert_over_everywhere(
        suite, token, lambda: user.http.delete(f"/api/v1/users/me/tokens/{token_id}")
    )
    assert user.http.post("/api/v1/auth/token", json=exchange).status_code == 401


def test_administrators_should_take_agents_and_environments_out_of_play(
    suite: Suite, admin: httpx.Client
):
    user = User.register(suite, "played")
    agent = user.create_agent("Out of play", "connect-four")
    why = {"reason": "of a system test"}
    for path in (f"agents/{agent}", "environments/connect-four"):
        assert user.http.post(f"/api/v1/admin/{path}/disable", json=why).status_code == 403
        assert admin.post(f"/api/v1/admin/{path}/disable", json=why).status_code == 200
        assert admin.post(f"/api/v1/admin/{path}/disable", json=why).status_code == 409
        assert admin.post(f"/api/v1/admin/{path}/enable", json=why).status_code == 200
    log = admin.get("/api/v1/admin/audit/agents?limit=4").json()["entries"]
    assert [entry["action"] for entry in log] == [
        "environment.enabled",
        "environment.disabled",
        "agent.enabled",
        "agent.disabled",
    ]
