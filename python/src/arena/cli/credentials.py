"""Tokens, one per arena, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

from arena.cli.failure import CliError
from arena.client import ArenaClient


def client_of(url: str) -> ArenaClient:
    """A client with the token for that arena, if there is one: ARENA_TOKEN, else the kept one."""
    try:
        return ArenaClient(url, os.environ.get("ARENA_TOKEN") or _read().get(url.rstrip("/")))
    except ValueError as error:
        raise CliError(f"{error}.") from None


def keep(url: str, token: str) -> Path:
    """Keeps a token; returns where."""
    return _write({**_read(), url.rstrip("/"): token})


def forget(url: str) -> None:
    _write({known: token for known, token in _read().items() if known != url.rstrip("/")})


def _file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "rl-arena" / "tokens.json"


def _read() -> dict[str, str]:
    try:
        tokens = json.loads(_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CliError(f"{_file()} cannot be read ({error}); delete it and log in again.") from None
    return tokens if isinstance(tokens, dict) else {}


def _write(tokens: dict[str, str]) -> Path:
    path = _file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Beside it and renamed: a half-written file would lock the user out. Private from the start.
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(tokens, file)
    fresh.replace(path)
    return path
