"""The commands that speak with a running arena."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arena.cli import credentials
from arena.cli.credentials import client_of
from arena.cli.failure import CliError
from arena.client import ApiError, ArenaClient, Json, read_upload

_POLL_SECONDS = 1.0
_ON_THE_WAY = ("pending", "building", "validating", "scanning")


def login(options: argparse.Namespace) -> int:
    client = client_of(options.url)
    client.token = None
    email = options.email or input("E-mail address: ")
    password = os.environ.get("ARENA_PASSWORD") or getpass.getpass("Password: ")
    if options.register:
        user = client.register(options.register, email, password)
    else:
        user = client.login(email, password)
    assert client.token
    path = credentials.keep(options.url, client.token)
    print(f"Logged in as {user['username']}; the token is in {path}.")
    return 0


def logout(options: argparse.Namespace) -> int:
    client = client_of(options.url)
    try:
        if client.token:
            client.logout()
    except ApiError as error:
        # An expired token is as good as ended.
        if error.status != 401:
            raise
    finally:
        credentials.forget(options.url)
    print("Logged out.")
    return 0


def submit(options: argparse.Namespace) -> int:
    file: Path = options.file
    if not file.exists():
        raise CliError(f"There is no {file}.")
    client = client_of(options.url)
    agent = _agent_for(client, options.agent or file.resolve().stem, options.environment)
    name, content = read_upload(file)
    submission = client.submit(agent["id"], name, content)
    print(
        f"Version {submission['version']} of {agent['name']} ({agent['environmentId']}) was "
        f"uploaded: submission {submission['id']}"
    )
    return _watch(client, submission["id"]) if options.watch else 0


def _agent_for(client: ArenaClient, name: str, environment: str | None) -> Json:
    """The agent of that name or id; a new one if the caller has none."""
    found = _own(client, name, environment)
    if len(found) == 1:
        return found[0]
    if found:
        games = ", ".join(agent["environmentId"] for agent in found)
        raise CliError(f"There are several agents called {name} ({games}): give --environment.")
    created = client.create_agent(name, environment or "pong")
    print(f"Created the agent {name} for {created['environmentId']}.")
    return created


def _own(client: ArenaClient, name: str, environment: str | None) -> list[Json]:
    return [
        agent
        for agent in client.my_agents()
        if name in (agent["id"], agent["name"]) and environment in (None, agent["environmentId"])
    ]


def _watch(client: ArenaClient, submission_id: str) -> int:
    """Prints states and the log as they come, until the build has ended."""
    state, offset = "", 0
    while True:
        # The status before the log: after the last status the log is complete.
        status = client.build_status(submission_id)
        if status["status"] != state:
            state = status["status"]
            print(f"[{state}]", flush=True)
        part = client.build_log(submission_id, offset)
        if part.text:
            print(part.text, end="" if part.text.endswith("\n") else "\n", flush=True)
            offset = part.offset
        if state not in _ON_THE_WAY:
            break
        time.sleep(_POLL_SECONDS)
    if state == "build_failed":
        print(status.get("errorMessage") or "The build failed.")
        return 1
    print("It plays now." if state == "active" else "It is built; activate it to let it play.")
    return 0


def matches(options: argparse.Namespace) -> int:
    client = client_of(options.url)
    if options.agent:
        agents = _own(client, options.agent, options.environment)
        if not agents:
            raise CliError(f"You have no agent called {options.agent}.")
    else:
        agents = [
            agent
            for agent in client.my_agents()
            if options.environment in (None, agent["environmentId"])
        ]
    found: dict[str, Json] = {}
    for agent in agents:
        for match in client.matches(agent["id"], limit=min(options.limit, 100)):
            found[match["id"]] = match
    own = {agent["id"] for agent in agents}
    newest = sorted(found.values(), key=lambda match: match["createdAt"], reverse=True)
    _table(
        ("match", "game", "agents", "result", "score", "rating", "when"),
        [_match_row(match, own) for match in newest[: options.limit]],
    )
    return 0


def _match_row(match: Json, own: set[str]) -> Sequence[str]:
    seats = match["participants"]
    mine = next((seat for seat in seats if seat["agentId"] in own), seats[0])
    result = match["status"]
    if result == "completed":
        winner = match.get("winnerId")
        outcome = match.get("outcome")
        if winner is not None:
            result = "won" if winner == mine["agentId"] else "lost"
        else:
            result = outcome if outcome and outcome != "draw" else "draw"
        if mine.get("verdict") and mine["verdict"] != "none":
            result += f" ({mine['verdict']})"
    change = mine.get("eloChange")
    scores = [seat.get("score") for seat in seats]
    return (
        match["id"],
        match["environmentId"],
        " - ".join(seat["name"] for seat in seats),
        result,
        "" if None in scores else " : ".join(f"{score:g}" for score in scores),
        "" if change is None else f"{change:+d}",
        match["createdAt"][:16].replace("T", " "),
    )


def replay(options: argparse.Namespace) -> int:
    client = client_of(options.url)
    if options.json:
        content = json.dumps(client.replay_json(options.match)).encode()
    else:
        content = client.replay_html(options.match)
    path: Path = options.output or Path(f"{Path(options.match).name}.{_kind(options)}")
    path.write_bytes(content)
    print(path)
    if options.open:
        webbrowser.open(path.resolve().as_uri())
    return 0


def _kind(options: argparse.Namespace) -> str:
    return "json" if options.json else "html"


def logs(options: argparse.Namespace) -> int:
    for agent in client_of(options.url).match_logs(options.match):
        print(f"=== agent {agent['agentId']}")
        texts = {name: (agent.get(name) or "").rstrip() for name in ("stdout", "stderr", "error")}
        for stream, text in texts.items():
            if text:
                print(f"--- {stream}\n{text}")
        if not any(texts.values()):
            print("It printed nothing.")
    return 0


def leaderboard(options: argparse.Namespace) -> int:
    rows = client_of(options.url).leaderboard(options.environment, min(options.limit, 100))
    _table(
        ("rank", "agent", "author", "game", "rating", "won", "drawn", "lost"),
        [
            (
                str(row["rank"]),
                row["name"],
                row["username"],
                row["environmentId"],
                *(str(row[field]) for field in ("elo", "wins", "draws", "losses")),
            )
            for row in rows
        ],
    )
    return 0


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their longest cell. Names are authors' texts: no control characters."""
    if not rows:
        print("Nothing yet.", file=sys.stderr)
        return
    clean: list[list[Any]] = [[_printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in clean) for column in range(len(head))]
    for row in clean:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
