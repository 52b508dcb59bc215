"""The client library against a server that speaks as the gateway does."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.client import ApiError, ArenaClient, Unreachable, read_upload
from fake_arena import TOKEN, FakeArena


@pytest.fixture
def fake() -> Iterator[FakeArena]:
    server = FakeArena()
    yield server
    server.close()


@pytest.fixture
def client(fake: FakeArena) -> ArenaClient:
    return ArenaClient(fake.url, TOKEN)


def test_logging_in_gives_the_token_to_later_requests(fake: FakeArena):
    client = ArenaClient(fake.url + "/")

    user = client.login("ann@example.com", "secret")

    assert user["username"] == "ann"
    assert client.token == TOKEN
    assert client.my_agents() == []


def test_registering_logs_in(fake: FakeArena):
    client = ArenaClient(fake.url)

    assert client.register("bob", "bob@example.com", "secret")["username"] == "bob"
    assert client.token == TOKEN


def test_a_refusal_is_told_in_the_servers_words(fake: FakeArena):
    with pytest.raises(ApiError, match=r"^Invalid email or password\.$") as refused:
        ArenaClient(fake.url).login("ann@example.com", "wrong")

    assert (refused.value.status, refused.value.code) == (401, "invalid_credentials")
    assert refused.value.retry_after is None


def test_a_busy_server_says_when_to_come_again(client: ArenaClient):
    with pytest.raises(ApiError) as refused:
        client._json("GET", "/busy")

    assert refused.value.retry_after == 7.0


def test_something_else_than_json_is_an_error_and_no_crash(client: ArenaClient):
    with pytest.raises(ApiError, match="something else than JSON"):
        client._json("GET", "/broken")


def test_a_redirect_is_not_followed_with_the_token(fake: FakeArena, client: ArenaClient):
    other = FakeArena()
    fake.redirect_to = f"{other.url}/api/v1/agents/my"

    with pytest.raises(ApiError) as refused:
        client.my_agents()

    assert refused.value.status == 302
    assert other.requests == []
    other.close()


def test_nobody_listening_is_unreachable(fake: FakeArena):
    fake.close()

    with pytest.raises(Unreachable, match="does not answer"):
        ArenaClient(fake.url).environments()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "localhost:8080", "ftp://x"])
def test_only_http_addresses_are_taken(url: str):
    with pytest.raises(ValueError, match="no http or https address"):
        ArenaClient(url)


def test_an_upload_is_a_form_with_the_agent_and_the_file(fake: FakeArena, client: ArenaClient):
    content = bytes(range(256)) + b"\r\n--x\r\n"

    submission = client.submit("a-7", 'my "agent"\r\n.zip', content)

    assert submission == {"id": "s-1", "version": 1}
    assert fake.uploads == [{"agentId": "a-7", "file": ("my %22agent%22%0D%0A.zip", content)}]


def test_ids_are_one_segment_of_a_path(fake: FakeArena, client: ArenaClient):
    with pytest.raises(ApiError):
        client.match("../agents/my?x=")

    assert fake.requests == ["GET /api/v1/matches/..%2Fagents%2Fmy%3Fx%3D"]


def test_a_build_log_comes_in_parts(fake: FakeArena, client: ArenaClient):
    assert client.build_log("s-1").text == ""
    fake.build_log = "one two three four"

    first = client.build_log("s-1")
    second = client.build_log("s-1", first.offset)

    assert first.text + second.text == "one two three four"
    assert client.build_log("s-1", second.offset).text == ""


def test_a_folder_is_zipped_without_what_is_hidden(tmp_path: Path):
    folder = tmp_path / "mine"
    for name in ("agent.py", "models/net.npz", ".git/config", "__pycache__/agent.pyc"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)

    name, content = read_upload(folder)

    assert name == "mine.zip"
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["agent.py", "models/net.npz"]
    assert read_upload(folder / "agent.py") == ("agent.py", b"agent.py")
