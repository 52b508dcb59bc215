"""The page that plays a replay: put together from its parts into one file that needs no other."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from importlib import resources
from typing import Any

import orjson

# Order matters: the player calls the drawings, which use the shapes.
_SCRIPTS = ("shapes.js", "drawings.js", "player.js")


def assemble(title: str, data: dict[str, Any]) -> bytes:
    """A whole page. Its content policy allows exactly the style and script that are written here.

    data is embedded as JSON; nothing in it can end its element or become script.
    """
    style = _part("page.css")
    script = "".join(_part(name) for name in _SCRIPTS)
    # Inside a script element only "<" could end it; the rest is data for JSON.parse.
    embedded = orjson.dumps(data).replace(b"<", b"\\u003c")
    values = {
        "title": html.escape(title).encode(),
        "style_hash": _hash(style).encode(),
        "script_hash": _hash(script).encode(),
        "style": style.encode(),
        "script": script.encode(),
        "data": embedded,
    }
    # Split first: a value may hold what looks like the name of another.
    first, *rest = _part("page.html").split("{{")
    page = [first.encode()]
    for piece in rest:
        name, _, text = piece.partition("}}")
        page += [values[name], text.encode()]
    return b"".join(page)


@cache
def _part(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text("utf-8")


@cache
def _hash(text: str) -> str:
    """As a content policy names an allowed style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
