"""Bad input through the gateway: each a 4xx problem with a sentence, and nothing half-stored."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import archives
from arena_local.layout import SERVICES
from suite import Suite
from user import User

NOBODY = str(uuid.UUID(int=0, version=4))
NUL = "a\u0000b"


@dataclass(frozen=True)
class Bad:
    """One bad request and the answers that are right for it."""

    name: str
    method: str
    path: str
    status: set[int]
    options: dict[str, Any] = field(default_factory=dict)
    anonymous: bool = False


def registration(**changes: object) -> dict[str, object]:
    valid = {"username": "somebody", "email": "somebody@example.org", "password": "long enough"}
    return {**valid, **changes}


def bodies(path: str, method: str = "POST", anonymous: bool = False) -> list[Bad]:
    """What no JSON endpoint may stumble over."""
    raw = {
        "malformed JSON": b'{"name": ',
        "empty body": b"",
        "null": b"null",
        "a list": b"[]",
        "a number": b"7",
        "an empty object": b"{}",
        "bytes that are not UTF-8": b'{"name": "\xff\xfe"}',
        "deep nesting": b"[" * 5000 + b"]" * 5000,
    }
    as_json = {"Content-Type": "application/json"}
    found = [
        Bad(f"{path}: {name}", method, path, {400}, {"content": c, "headers": as_json}, anonymous)
        for name, c in raw.items()
    ]
    wrong_type = {"content": b"name=x", "headers": {"Content-Type": "text/plain"}}
    return [*found, Bad(f"{path}: text/plain", method, path, {400, 415}, wrong_type, anonymous)]


def json_cases() -> list[Bad]:
    register = "/api/v1/auth/register"
    agents = "/api/v1/agents"
    cases = bodies(register, anonymous=True) + bodies("/api/v1/auth/login", anonymous=True)
    cases += bodies(agents) + bodies("/api/v1/matches")
    for name, change in {
        "short password": {"password": "abc"},
        "not an e-mail": {"email": "nobody"},
        "short username": {"username": "ab"},
        "long username": {"username": "x" * 51},
        "NUL in username": {"username": NUL},
        "NUL in full name": {"fullName": NUL},
        "NUL in password": {"password": NUL + "long enough"},
        "object as username": {"username": {"a": 1}},
        "list as password": {"password": ["long enough"]},
        "very long password": {"password": "x" * 10_000},
        "no e-mail": {"email": None},
    }.items():
        cases.append(
            Bad(
                f"register: {name}", "POST", register, {400}, {"json": registration(**change)}, True
            )
        )
    valid = {"name": "Fine", "environmentId": "pong"}
    for name, change in {
        "unknown environment": {"environmentId": "chess-boxing"},
        "no environment": {"environmentId": None},
        "blank name": {"name": "   "},
        "long name": {"name": "x" * 101},
        "NUL in name": {"name": NUL},
        "NUL in description": {"description": NUL},
        "NUL in environment": {"environmentId": NUL},
        "long description": {"description": "x" * 2001},
        "object as name": {"name": {"a": 1}},
        "list as environment": {"environmentId": ["pong"]},
    }.items():
        cases.append(Bad(f"agent: {name}", "POST", agents, {400}, {"json": {**valid, **change}}))
    for name, body in {
        "ids that are not UUIDs": {"agent1Id": "a", "agent2Id": "b"},
        "one id": {"agent1Id": NOBODY},
        "NUL": {"agent1Id": NUL, "agent2Id": NUL},
        "numbers": {"agent1Id": 1, "agent2Id": 2},
        "the same twice": {"agent1Id": NOBODY, "agent2Id": NOBODY},
    }.items():
        cases.append(Bad(f"match: {name}", "POST", "/api/v1/matches", {400}, {"json": body}))
    return cases


def path_cases() -> list[Bad]:
    """Ids that are none, ids of nothing, and paths that do not exist."""
    cases = []
    for template in (
        "agents/{}",
        "agents/{}/stats",
        "submissions/{}",
        "submissions/{}/build-status",
        "submissions/{}/build-logs",
        "matches/{}",
        "matches/{}/replay",
        "matches/{}/replay-url",
    ):
        for value in ("abc", NOBODY, "%00", "1 or 1=1", "x" * 300):
            path = "/api/v1/" + template.format(value)
            cases.append(Bad(f"GET {path[:60]}", "GET", path, {400, 404}))
    cases += [
        Bad("delete no agent", "DELETE", f"/api/v1/agents/{NOBODY}", {404}),
        Bad("activate nothing", "PUT", f"/api/v1/submissions/{NOBODY}/activate", {404}),
        Bad("rebuild nothing", "POST", f"/api/v1/submissions/{NOBODY}/rebuild", {404}),
        Bad("unknown environment", "GET", "/api/v1/environments/chess-boxing", {404}),
        Bad("replays of whom", "GET", "/api/v1/matches/replays", {400}),
        Bad("unknown path", "GET", "/api/v1/nothing/here", {404}),
        Bad("unknown method", "PATCH", "/api/v1/agents", {404, 405}),
    ]
    for path in (
        "/internal/token",
        f"/internal/agents/{NOBODY}",
        "//internal/token",
        "/api/v1/../internal/token",
        "/api/v1/%2e%2e/internal/token",
        "/api/v1/agents/..%2f..%2finternal%2ftoken",
        "/storage/replays/../../etc/passwd",
        "/storage/submissions/x.py",
    ):
        cases.append(Bad(f"never routed: {path}", "GET", path, {400, 404}))
    return cases


def check_problem(answer: httpx.Response, allowed: set[int]) -> None:
    assert answer.status_code in allowed, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    problem = answer.json()
    for member in ("error", "message"):
        assert isinstance(problem.get(member), str), problem
        assert problem[member].strip(), problem
    assert problem["status"] == answer.status_code
    for trace in ("Exception", "\tat ", "org.rlarena", "java.", "SQL", "Traceback"):
        assert trace not in answer.text, answer.text


@pytest.mark.parametrize("bad", [*json_cases(), *path_cases()], ids=lambda bad: bad.name)
def test_should_answer_bad_requests_with_a_problem(suite: Suite, ada: User, bad: Bad):
    # Given
    client = httpx.Client(base_url=suite.url, timeout=30) if bad.anonymous else ada.http
    # When
    answer = client.request(bad.method, bad.path, **bad.options)
    # Then
    check_problem(answer, bad.status)


def test_should_refuse_a_taken_name_and_a_wrong_password(suite: Suite, ada: User):
    # Given
    body = registration(username=ada.username, email=f"{uuid.uuid4()}@example.org")
    wrong = {"email": f"{ada.username}@example.org", "password": "not it at all"}
    # When / Then
    check_problem(httpx.post(f"{suite.url}/api/v1/auth/register", json=body), {409})
    check_problem(httpx.post(f"{suite.url}/api/v1/auth/login", json=wrong), {401})


# --- tokens


def expired(suite: Suite, valid: str) -> str:
    """Really signed by the suite's own key, but over since an hour."""
    key = (suite.layout.secrets / "signing-key.pem").read_text()
    claims = jwt.decode(valid, options={"verify_signature": False})
    now = int(time.time())
    claims |= {"iat": now - 7200, "exp": now - 3600}
    header = jwt.get_unverified_header(valid)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": header["kid"]})


def forged(_: Suite, valid: str) -> str:
    """The right claims and key id, signed with another key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(valid, options={"verify_signature": False})
    header = jwt.get_unverified_header(valid)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": header["kid"]})


def unsigned(_: Suite, valid: str) -> str:
    claims = jwt.decode(valid, options={"verify_signature": False})
    return jwt.encode(claims, None, algorithm="none")


def signed_with_the_public_key(suite: Suite, valid: str) -> str:
    """HS256 with the published key as the secret: the classic confusion of algorithms."""
    keys = httpx.get(f"{suite.service_url('auth-service')}/.well-known/jwks.json").text
    claims = jwt.decode(valid, options={"verify_signature": False})
    return jwt.encode(claims, keys, algorithm="HS256")


def altered(_: Suite, valid: str) -> str:
    """A valid token whose user was exchanged afterwards."""
    head, body, signature = valid.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims |= {"sub": NOBODY, "userId": NOBODY}
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


def service(suite: Suite, _: str) -> str:
    """A service token where a user's is wanted."""
    return suite.service_token("rating-service", "ledger:read")


@pytest.mark.parametrize(
    "make", [expired, forged, unsigned, signed_with_the_public_key, altered, service]
)
@pytest.mark.parametrize("path", ["/api/v1/agents/my", "/api/v1/users/me"])
def test_should_refuse_a_bad_token(
    suite: Suite, ada: User, make: Callable[[Suite, str], str], path: str
):
    # Given
    token = make(suite, ada.token)
    # When
    answer = httpx.get(suite.url + path, headers={"Authorization": f"Bearer {token}"})
    # Then
    check_problem(answer, {401, 403} if make is service else {401})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "x" * 500])
def test_should_refuse_a_malformed_authorization_header(suite: Suite, header: str):
    # When
    answer = httpx.get(f"{suite.url}/api/v1/agents/my", headers={"Authorization": header.strip()})
    # Then
    check_problem(answer, {401})


def test_should_refuse_internal_paths_without_a_service_token(suite: Suite, ada: User):
    # Given
    paths = {
        "agent-service": f"/internal/agents/{NOBODY}",
        "submission-service": f"/internal/submissions/{NOBODY}/source",
        "rating-service": "/internal/ledger/verification",
    }
    for name, path in paths.items():
        url = suite.service_url(name) + path
        as_user = {"Authorization": f"Bearer {ada.token}"}
        elsewhere = suite.service_token("rating-service", "ledger:read")
        # When / Then
        assert httpx.get(url).status_code == 401, name
        assert httpx.get(url, headers=as_user).status_code in (401, 403), name
        if name != "rating-service":
            answer = httpx.get(url, headers={"Authorization": f"Bearer {elsewhere}"})
            assert answer.status_code in (401, 403), f"{name} took a token for rating-service"


# --- uploads


def upload_cases() -> dict[str, tuple[set[int], str, bytes]]:
    source = archives.AGENT
    return {
        "wrong type": ({400, 415}, "agent.txt", source),
        "no extension": ({400, 415}, "agent", source),
        "empty file": ({400}, "agent.py", b""),
        "not UTF-8": ({400}, "agent.py", b"\xff\xfe\x00x"),
        "NUL in source": ({400}, "agent.py", source + b"\0"),
        "not a zip": ({400}, "agent.zip", source),
        "cut zip": ({400}, "agent.zip", archives.with_entry("a.txt")[:-30]),
        "leaves its folder": ({400}, "agent.zip", archives.with_entry("../evil.py")),
        "leaves it deeper": ({400}, "agent.zip", archives.with_entry("a/../../evil.py")),
        "absolute path": ({400}, "agent.zip", archives.with_entry("/etc/cron.d/evil")),
        "backslash": ({400}, "agent.zip", archives.with_entry("..\\evil.py")),
        "link": ({400}, "agent.zip", archives.with_link()),
        "bomb": ({400, 413}, "agent.zip", archives.bomb()),
        "no entry point": ({400}, "agent.zip", archives.zip_of(("readme.txt", b"x"))),
    }


@pytest.fixture(scope="module")
def target(ada: User) -> str:
    return ada.create_agent("Target of bad uploads", "pong")


@pytest.mark.parametrize(("case"), upload_cases())
def test_should_refuse_a_bad_upload(ada: User, target: str, case: str):
    # Given
    allowed, filename, content = upload_cases()[case]
    # When
    answer = ada.http.post(
        "/api/v1/submissions", data={"agentId": target}, files={"file": (filename, content)}
    )
    # Then
    check_problem(answer, allowed)
    assert ada.get(f"/submissions/agent/{target}")["submissions"] == []


@pytest.mark.parametrize("mebibytes", [51, 70])
def test_should_refuse_an_oversized_upload(ada: User, target: str, mebibytes: int):
    # When
    answer = ada.http.post(
        "/api/v1/submissions",
        data={"agentId": target},
        files={"file": ("agent.zip", bytes(mebibytes * 2**20))},
    )
    # Then
    check_problem(answer, {413})


def test_should_refuse_a_bad_form(ada: User, target: str):
    file = {"file": ("agent.py", archives.AGENT)}
    for options, allowed in (
        ({"files": file}, {400}),
        ({"data": {"agentId": "abc"}, "files": file}, {400}),
        ({"data": {"agentId": NUL}, "files": file}, {400}),
        ({"data": {"agentId": NOBODY}, "files": file}, {404}),
        ({"files": {"agentId": (None, target)}}, {400}),
        ({"json": {"agentId": target}}, {400, 415}),
        ({"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data"}}, {400}),
    ):
        check_problem(ada.http.post("/api/v1/submissions", **options), allowed)


def test_should_refuse_what_belongs_to_others(ada: User, bob: User, target: str):
    # Given
    file = {"file": ("agent.py", archives.AGENT)}
    agent = bob.create_agent("Of Bob", "pong")
    # When / Then
    upload = bob.http.post("/api/v1/submissions", data={"agentId": target}, files=file)
    check_problem(upload, {403})
    check_problem(bob.http.put(f"/api/v1/agents/{target}", json={"name": "Mine"}), {403})
    check_problem(bob.http.delete(f"/api/v1/agents/{target}"), {403})
    between_others = {"agent1Id": target, "agent2Id": agent}
    stranger = User(httpx.Client(base_url=bob.http.base_url), "", "", "")
    check_problem(stranger.http.post("/api/v1/matches", json=between_others), {401})
    check_problem(bob.http.post("/api/v1/matches", json=between_others), {409})


def test_should_have_stored_nothing_of_all_this(suite: Suite, ada: User, target: str):
    # Then
    assert ada.get(f"/submissions/agent/{target}")["submissions"] == []
    with suite.database("agent-service") as database:
        strange = database.execute(
            "select name from agent where user_id = %s and name not like 'Target%%'"
            " and name = any(%s)",
            (ada.id, ["Fine", "Mine", "x" * 101, "x", ""]),
        ).fetchall()
        assert strange == []
    with suite.database("submission-service") as database:
        rows = database.execute(
            "select count(*) from submission where agent_id = %s", (target,)
        ).fetchone()
        assert rows == (0,)
    left = [path for path in (suite.layout.objects / "sources").rglob("*") if path.is_file()]
    with suite.database("submission-service") as database:
        known = {str(row[0]) for row in database.execute("select id from submission").fetchall()}
    assert {path.stem for path in left} <= known, "no file of a refused upload stays"
    for part in SERVICES:
        log = suite.layout.log_of(part.name).read_text(errors="replace")
        assert " ERROR " not in log, f"{part.name} logged an error for bad input"
