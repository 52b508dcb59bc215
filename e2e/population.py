"""People, agents, versions and matches for tests that call every operation of the public API."""

from __future__ import annotations

import itertools
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from arena_local.secret_files import secret
from suite import Suite, sample, wait_for
from user import User, patiently

ENVIRONMENT = "leduc-holdem"
# No other test plays it: administrators switch it off and on here.
IDLE_ENVIRONMENT = "texas-holdem"
BROKEN = b"def act(observation)\n    return 0\n"
PLAYERS = 4
REBUILDS = 3
WHY = {"reason": "of a system test"}


class Taking(BaseHTTPRequestHandler):
    """Takes every webhook, whatever it says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


class Population:
    """A small arena in use: players whose agents play, a match that was played, an administrator.

    What an operation uses up (a user to delete, a version to rebuild) is made when asked for.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.numbers = itertools.count(1)
        self.receiver = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()
        self.admin = self._log_in_admin()
        self.players = [User.register(suite, f"player{number}") for number in range(PLAYERS)]
        source = sample(ENVIRONMENT, "calling_station").read_bytes()
        self.agents = [player.create_agent(player.username, ENVIRONMENT) for player in self.players]
        self.versions = [
            self.submit(player, agent, source)
            for player, agent in zip(self.players, self.agents, strict=True)
        ]
        # A version that only fails when it plays would do no harm, but take long.
        self.failing = self.players[0].create_agent("Does not build", ENVIRONMENT)
        self.failed: list[tuple[str, int]] = []
        # for what changes an account without ending it
        self.chameleon = User.register(suite, "chameleon")
        self.token = self.api_token(self.chameleon, "read")
        # for what is done to people by administrators, whose tokens end by it
        self.subject = User.register(suite, "subject")
        for player, version in zip(self.players, self.versions, strict=True):
            assert player.await_built(version)["status"] == "active"
        self.match = self._play()

    def close(self) -> None:
        """Puts back what others might miss."""
        self.enable_environment()
        self.receiver.shutdown()
        self.receiver.server_close()
        for user in (self.admin, self.chameleon, self.subject, *self.players):
            user.http.close()

    def name(self, prefix: str) -> str:
        """Not used before, and short enough for any field."""
        return f"{prefix}-{next(self.numbers)}-{secrets.token_hex(4)}"

    # --- people

    def _log_in_admin(self) -> User:
        password = secret(self.suite.layout, "admin-password")
        client = httpx.Client(base_url=self.suite.url, timeout=30)
        body = {"username": "admin", "password": password}
        # It is made once auth-service has its tables, a moment after that is ready.
        query = "select 1 from users where username = 'admin'"
        wait_for("the first admin", lambda: self.suite.query("auth-service", query))
        answer = patiently(lambda: client.post("/api/v1/auth/login", json=body))
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return User(client, answer.json()["user"]["id"], "admin", password)

    def somebody(self) -> User:
        """A new user, to be deleted or the like; dear, for a password is hashed."""
        return User.register(self.suite, "somebody")

    def log_in(self, user: User, **more: Any) -> dict[str, Any]:
        """Another session of the user."""
        body = {"username": user.username, "password": user.password, **more}
        return self.done(user.http.post("/api/v1/auth/login", json=body))

    def api_token(self, user: User, *scopes: str) -> dict[str, Any]:
        """Of id and secret."""
        body = {"name": self.name("token"), "scopes": list(scopes)}
        return self.done(user.http.post("/api/v1/users/me/tokens", json=body))

    def forget_api_tokens(self, user: User) -> None:
        """Revokes them all: a user may have only so many."""
        for token in user.get("/users/me/tokens")["apiTokens"]:
            user.http.delete(f"/api/v1/users/me/tokens/{token['id']}")

    def hook(self, owner: User) -> str:
        """A new webhook in place of the owner's others: a user may have only so many."""
        self.forget_hooks(owner)
        url = f"http://127.0.0.1:{self.receiver.server_port}/hook"
        body = {"url": url, "events": ["match.finished"]}
        answer = self.done(owner.http.post("/api/v1/webhooks", json=body))
        return str(answer["webhook"]["id"])

    def forget_hooks(self, owner: User) -> None:
        for hook in owner.get("/webhooks")["webhooks"]:
            owner.http.delete(f"/api/v1/webhooks/{hook['id']}")

    def delivery(self, owner: User, hook: str) -> str:
        """A ping of a webhook that was taken."""
        ping = self.done(owner.http.post(f"/api/v1/webhooks/{hook}/ping"))

        def taken() -> bool:
            newest = owner.get(f"/webhooks/{hook}/deliveries")["deliveries"][0]
            return bool(newest["status"] == "delivered")

        wait_for("a ping to be taken", taken)
        return str(ping["delivery"]["id"])

    def program(self, user: User, *scopes: str) -> str:
        """What a program of the user shows to services."""
        exchange = {"apiToken": self.api_token(user, *scopes)["secret"]}
        return str(self.done(user.http.post("/api/v1/auth/token", json=exchange))["token"])

    def as_admin(self, path: str, method: str = "POST", **more: str) -> None:
        """An administrator's deed, or it was done before."""
        answer = self.admin.http.request(method, f"/api/v1/admin/{path}", json={**WHY, **more})
        assert answer.status_code in (200, 409), answer.text

    def enable_environment(self) -> None:
        self.as_admin(f"environments/{IDLE_ENVIRONMENT}/enable")

    # --- agents, versions, matches

    def agent(self, owner: User) -> str:
        """A new agent without a version."""
        return owner.create_agent(self.name("agent"), ENVIRONMENT)

    def submit(self, owner: User, agent: str, source: bytes) -> str:
        """A new version; a service that is still warming up is asked again."""
        data, files = {"agentId": agent}, {"file": ("agent.py", source)}
        answer = patiently(lambda: owner.http.post("/api/v1/submissions", data=data, files=files))
        return str(self.done(answer)["submission"]["id"])

    def failed_version(self) -> str:
        """A version of the first player that may be built again, and has failed."""
        if not self.failed:
            version = self.submit(self.players[0], self.failing, BROKEN)
            self.failed.append((version, REBUILDS))
        version, left = self.failed.pop()
        assert self.players[0].await_built(version)["status"] == "build_failed"
        if left > 1:
            self.failed.append((version, left - 1))
        return version

    def _play(self) -> str:
        """A match of the first two players' agents, played to its end, with logs and replay."""
        body = {"agent1Id": self.agents[0], "agent2Id": self.agents[1]}
        answer = patiently(lambda: self.players[0].http.post("/api/v1/matches", json=body))
        match = str(self.done(answer)["match"]["id"])

        def over() -> bool:
            return bool(self.players[0].get(f"/matches/{match}")["match"]["status"] == "completed")

        wait_for("a match to be played", over, 120)
        wait_for(
            "its replay and logs",
            lambda: (
                self.players[0].http.get(f"/api/v1/matches/{match}/replay").status_code == 200
                and self.players[0].http.get(f"/api/v1/matches/{match}/logs").status_code == 200
            ),
        )
        return match

    @staticmethod
    def done(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code < 300, f"{answer.request.url}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found
