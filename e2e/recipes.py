"""For every operation of the public API a request that is right: real ids, a body, its owner.

Each call of a recipe makes what its request uses up, so that each request can be granted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from population import ENVIRONMENT, IDLE_ENVIRONMENT, WHY, Population
from suite import sample
from user import User


@dataclass(frozen=True)
class Request:
    """One request that the owner may make, or an administrator about what is the owner's.

    body: JSON, or the fields of a form; a file among them is a pair of name and content.
    token: the owner's, if not that of the first session.
    """

    owner: User
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    token: str | None = None

    @property
    def bearer(self) -> str:
        return self.token or self.owner.token

    def send(self, client: httpx.Client, operation: str, headers: dict[str, str]) -> httpx.Response:
        """Makes the request, which was made for this operation."""
        method, template = operation.split()
        arguments: dict[str, Any] = {"params": self.query, "headers": headers}
        if self.form:
            fields = self.body.items()
            arguments["data"] = {name: v for name, v in fields if not isinstance(v, tuple)}
            arguments["files"] = {name: v for name, v in fields if isinstance(v, tuple)}
        elif self.body is not None:
            arguments["json"] = self.body
        request = client.build_request(method, template.format(**self.path), **arguments)
        request.read()
        return client.send(request)


Recipe = Callable[[Population], Request]
RECIPES: dict[str, Recipe] = {}


def recipe(*operations: str) -> Callable[[Recipe], Recipe]:
    def register(make: Recipe) -> Recipe:
        RECIPES.update(dict.fromkeys(operations, make))
        return make

    return register


_turns = itertools.count()


def player(population: Population) -> int:
    """The players take turns, for some limits count by user."""
    return next(_turns) % len(population.players)


# --- what needs no thing of the caller's


@recipe(
    "GET /.well-known/jwks.json",
    "GET /health",
    "GET /api/v1/environments",
    "GET /api/v1/users/me",
    "GET /api/v1/users/me/sessions",
    "GET /api/v1/users/me/tokens",
    "GET /api/v1/agents/my",
    "GET /api/v1/webhooks",
)
def plain(population: Population) -> Request:
    return Request(population.players[player(population)])


@recipe(
    "GET /api/v1/admin/audit/agents",
    "GET /api/v1/admin/audit/matches",
    "GET /api/v1/admin/audit/users",
)
def audit(population: Population) -> Request:
    return Request(population.players[0], query={"limit": 5})


@recipe("GET /api/v1/admin/users")
def users(population: Population) -> Request:
    return Request(population.players[0], query={"search": "player", "page": 1, "pageSize": 10})


@recipe("GET /api/v1/agents")
def agents(population: Population) -> Request:
    query = {"environmentId": ENVIRONMENT, "userId": population.players[0].id, "page": 1}
    return Request(population.players[0], query=query)


@recipe("GET /api/v1/leaderboard")
def board(population: Population) -> Request:
    return Request(population.players[0], query={"page": 1, "limit": 50})


@recipe("GET /api/v1/leaderboard/environment/{environmentId}")
def board_of_one(population: Population) -> Request:
    return Request(population.players[0], path={"environmentId": ENVIRONMENT}, query={"limit": 50})


@recipe("GET /api/v1/matches")
def matches(population: Population) -> Request:
    query = {"environmentId": ENVIRONMENT, "status": "completed", "pageSize": 5}
    return Request(population.players[0], query=query)


@recipe("GET /api/v1/matches/replays")
def replays(population: Population) -> Request:
    return Request(population.players[0], query={"agentId": population.agents[0]})


@recipe("GET /api/v1/matchmaking/queue")
def queue(population: Population) -> Request:
    return Request(population.players[0], query={"environmentId": ENVIRONMENT})


@recipe("GET /api/v1/environments/{id}")
def environment(population: Population) -> Request:
    return Request(population.players[0], path={"id": ENVIRONMENT})


# --- accounts and tokens


@recipe("POST /api/v1/auth/register")
def register(population: Population) -> Request:
    name = population.name("new")
    body = {"username": name, "email": f"{name}@example.org", "password": name, "fullName": "New"}
    return Request(population.players[0], body={**body, "password": f"{name} {name}"})


@recipe("POST /api/v1/auth/login")
def login(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, body={"username": who.username, "password": who.password})


@recipe("POST /api/v1/auth/refresh")
def refresh(population: Population) -> Request:
    who = population.players[player(population)]
    session = population.log_in(who, refresh=True)
    return Request(who, body={"refreshToken": session["refreshToken"]})


@recipe("POST /api/v1/auth/token")
def exchange(population: Population) -> Request:
    who = population.chameleon
    return Request(who, body={"apiToken": population.token["secret"]})


@recipe("POST /api/v1/auth/logout")
def logout(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, token=population.log_in(who)["token"])


@recipe("PUT /api/v1/users/me")
def profile(population: Population) -> Request:
    body = {"fullName": "Chameleon", "avatarUrl": "https://example.org/green.png"}
    return Request(population.chameleon, body=body)


@recipe("GET /api/v1/users/{username}")
def public_profile(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"username": who.username})


@recipe("PUT /api/v1/users/me/email")
def email(population: Population) -> Request:
    who = population.chameleon
    address = f"{population.name('mail')}@example.org"
    return Request(who, body={"email": address, "currentPassword": who.password})


@recipe("PUT /api/v1/users/me/username")
def username(population: Population) -> Request:
    return Request(population.chameleon, body={"username": population.name("renamed")})


@recipe("PUT /api/v1/users/me/password")
def password(population: Population) -> Request:
    who = population.somebody()
    body = {"currentPassword": who.password, "newPassword": f"{who.password} and more"}
    return Request(who, body=body)


@recipe("DELETE /api/v1/users/me")
def leave(population: Population) -> Request:
    return Request(population.somebody())


@recipe("DELETE /api/v1/users/me/sessions")
def end_others(population: Population) -> Request:
    return Request(population.chameleon)


@recipe("DELETE /api/v1/users/me/sessions/{id}")
def end_session(population: Population) -> Request:
    who = population.players[player(population)]
    population.log_in(who)
    sessions = who.get("/users/me/sessions")["sessions"]
    return Request(who, path={"id": next(s["id"] for s in sessions if not s["current"])})


@recipe("POST /api/v1/users/me/tokens")
def token(population: Population) -> Request:
    who = population.players[player(population)]
    population.forget_api_tokens(who)
    body = {"name": population.name("token"), "scopes": ["read"], "expiresInDays": 7}
    return Request(who, body=body)


@recipe("DELETE /api/v1/users/me/tokens/{id}")
def revoke(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": population.api_token(who, "read")["apiToken"]["id"]})


# --- agents


@recipe("POST /api/v1/agents")
def new_agent(population: Population) -> Request:
    body = {
        "name": population.name("agent"),
        "description": "of a system test",
        "environmentId": ENVIRONMENT,
    }
    return Request(population.players[player(population)], body=body)


@recipe(
    "GET /api/v1/agents/{id}",
    "GET /api/v1/agents/{id}/ratings",
    "GET /api/v1/agents/{id}/stats",
    "GET /api/v1/matchmaking/agents/{id}",
)
def agent(population: Population) -> Request:
    turn = player(population)
    return Request(population.players[turn], path={"id": population.agents[turn]})


@recipe("GET /api/v1/agents/{id}/versus/{otherId}")
def versus(population: Population) -> Request:
    path = {"id": population.agents[0], "otherId": population.agents[1]}
    return Request(population.players[0], path=path)


@recipe("PUT /api/v1/agents/{id}")
def describe(population: Population) -> Request:
    turn = player(population)
    body = {"name": population.name("agent"), "description": "another one"}
    return Request(population.players[turn], path={"id": population.agents[turn]}, body=body)


@recipe("DELETE /api/v1/agents/{id}")
def delete_agent(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": population.agent(who)})


# --- submissions


@recipe("POST /api/v1/submissions")
def submit(population: Population) -> Request:
    who = population.players[player(population)]
    file = ("agent.py", sample(ENVIRONMENT, "calling_station").read_bytes())
    return Request(who, body={"agentId": population.agent(who), "file": file}, form=True)


@recipe(
    "GET /api/v1/submissions/{id}",
    "GET /api/v1/submissions/{id}/build-logs",
    "GET /api/v1/submissions/{id}/build-status",
    "GET /api/v1/submissions/{id}/sbom",
    "GET /api/v1/submissions/{id}/scan",
    "GET /api/v1/submissions/{id}/source",
    "PUT /api/v1/submissions/{id}/activate",
)
def version(population: Population) -> Request:
    turn = player(population)
    return Request(population.players[turn], path={"id": population.versions[turn]})


@recipe("GET /api/v1/submissions/agent/{agentId}")
def versions(population: Population) -> Request:
    turn = player(population)
    return Request(population.players[turn], path={"agentId": population.agents[turn]})


@recipe("POST /api/v1/submissions/{id}/rebuild")
def rebuild(population: Population) -> Request:
    return Request(population.players[0], path={"id": population.failed_version()})


# --- matches


@recipe("POST /api/v1/matches")
def challenge(population: Population) -> Request:
    turn = player(population)
    other = (turn + 1) % len(population.players)
    body = {"agent1Id": population.agents[turn], "agent2Id": population.agents[other]}
    return Request(population.players[turn], body=body)


@recipe("GET /api/v1/matches/agent/{agentId}")
def matches_of_agent(population: Population) -> Request:
    turn = player(population)
    return Request(population.players[turn], path={"agentId": population.agents[turn]})


@recipe(
    "GET /api/v1/matches/{id}",
    "GET /api/v1/matches/{id}/logs",
    "GET /api/v1/matches/{id}/replay",
    "GET /api/v1/matches/{id}/replay-url",
)
def match(population: Population) -> Request:
    return Request(population.players[0], path={"id": population.match})


@recipe("GET /storage/replays/{matchId}.html", "GET /storage/replays/{matchId}.json")
def stored_replay(population: Population) -> Request:
    return Request(population.players[0], path={"matchId": population.match})


# --- webhooks


# At a name that nobody has, by RFC 6761.
WEBHOOK = {
    "url": "https://receiver.invalid/hook",
    "events": ["match.finished", "rating.changed"],
    "description": "of a system test",
}


@recipe("POST /api/v1/webhooks")
def new_webhook(population: Population) -> Request:
    who = population.players[player(population)]
    population.forget_hooks(who)
    return Request(who, body=WEBHOOK)


@recipe("PUT /api/v1/webhooks/{id}")
def change_webhook(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": population.hook(who)}, body=WEBHOOK)


@recipe(
    "GET /api/v1/webhooks/{id}",
    "DELETE /api/v1/webhooks/{id}",
    "POST /api/v1/webhooks/{id}/secret",
    "POST /api/v1/webhooks/{id}/ping",
    "GET /api/v1/webhooks/{id}/deliveries",
)
def webhook(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": population.hook(who)})


@recipe("POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/replay")
def replay(population: Population) -> Request:
    who = population.players[player(population)]
    hook = population.hook(who)
    return Request(who, path={"id": hook, "deliveryId": population.delivery(who, hook)})


# --- administration: the owner is whose it is about, or anybody


@recipe("GET /api/v1/admin/users/{id}")
def account(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": who.id})


@recipe("POST /api/v1/admin/users/{id}/end-sessions")
def end_sessions(population: Population) -> Request:
    return Request(population.players[0], path={"id": population.subject.id}, body=WHY)


@recipe("POST /api/v1/admin/users/{id}/ban")
def ban(population: Population) -> Request:
    population.as_admin(f"users/{population.subject.id}/unban")
    return Request(population.players[0], path={"id": population.subject.id}, body=WHY)


@recipe("POST /api/v1/admin/users/{id}/unban")
def unban(population: Population) -> Request:
    population.as_admin(f"users/{population.subject.id}/ban")
    return Request(population.players[0], path={"id": population.subject.id}, body=WHY)


@recipe("PUT /api/v1/admin/users/{id}/role")
def role(population: Population) -> Request:
    population.as_admin(f"users/{population.subject.id}/role", "PUT", role="user")
    body = {"role": "admin", **WHY}
    return Request(population.players[0], path={"id": population.subject.id}, body=body)


@recipe("POST /api/v1/admin/agents/{id}/disable")
def disable_agent(population: Population) -> Request:
    who = population.players[player(population)]
    return Request(who, path={"id": population.agent(who)}, body=WHY)


@recipe("POST /api/v1/admin/agents/{id}/enable")
def enable_agent(population: Population) -> Request:
    who = population.players[player(population)]
    agent_id = population.agent(who)
    population.as_admin(f"agents/{agent_id}/disable")
    return Request(who, path={"id": agent_id}, body=WHY)


@recipe("POST /api/v1/admin/environments/{id}/disable")
def disable_environment(population: Population) -> Request:
    population.enable_environment()
    return Request(population.players[0], path={"id": IDLE_ENVIRONMENT}, body=WHY)


@recipe("POST /api/v1/admin/environments/{id}/enable")
def enable_environment(population: Population) -> Request:
    population.as_admin(f"environments/{IDLE_ENVIRONMENT}/disable")
    return Request(population.players[0], path={"id": IDLE_ENVIRONMENT}, body=WHY)


@recipe("POST /api/v1/admin/matches/{id}/rerun")
def rerun(population: Population) -> Request:
    return Request(population.players[0], path={"id": population.match}, body=WHY)
