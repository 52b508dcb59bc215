"""What a published event promises its readers, and whether a change breaks it.

    python contracts/promises.py            what today's schemas break of what was published
    python contracts/promises.py --publish  adds what is new to published.json

`published.json` holds, per event type and field, what other systems may rely on: the field's type
and format, and whether it is always there. Within a major version a field may be added, as an
optional one; nothing may be taken away, changed, or made mandatory: events that are on the topics
already do not have it. Whoever needs that publishes a new version of the type beside the old one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PUBLISHED = HERE / "published.json"
SUFFIX = ".schema.json"

Promises = dict[str, dict[str, str]]


def promises_of(schemas: dict[str, dict[str, Any]]) -> Promises:
    """Per event type: path of a field to its promise, such as `required string uuid`."""
    return {name: dict(_fields(schema, "", schema)) for name, schema in sorted(schemas.items())}


def current() -> dict[str, dict[str, Any]]:
    """Today's schemas by event type, such as `match.finished.v1`."""
    files = sorted((HERE / "events").rglob("*" + SUFFIX))
    return {file.name.removesuffix(SUFFIX): json.loads(file.read_text("utf-8")) for file in files}


def published() -> Promises:
    return json.loads(PUBLISHED.read_text("utf-8"))


def broken(before: Promises, now: Promises) -> list[str]:
    """A sentence per promise that is not kept; empty when every reader of today goes on working."""
    found = []
    for event, fields in before.items():
        if event not in now:
            found.append(f"{event} is gone; a type stays until no reader of it is left")
            continue
        for path, promise in fields.items():
            kept = now[event].get(path)
            if kept is None:
                found.append(f"{event}: {path} is gone")
            elif kept != promise:
                found.append(f"{event}: {path} was {promise!r} and is {kept!r}")
        for path, promise in now[event].items():
            parent = path.rpartition(".")[0]
            # A new part of a new field may be mandatory: without the field there is nothing.
            if (
                path not in fields
                and promise.startswith("required ")
                and (not parent or parent in fields)
            ):
                found.append(f"{event}: {path} is new and required; events on the topics lack it")
    return found


def _fields(schema: dict[str, Any], path: str, root: dict[str, Any]) -> Iterator[tuple[str, str]]:
    schema = resolved(schema, root)
    mandatory = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        field = resolved(field, root)
        presence = "required" if name in mandatory else "optional"
        yield where, f"{presence} {_kind(field)}"
        yield from _fields(field, where, root)
    if "items" in schema:
        items = resolved(schema["items"], root)
        yield f"{path}[]", f"optional {_kind(items)}"
        yield from _fields(items, f"{path}[]", root)


def _kind(field: dict[str, Any]) -> str:
    kinds = field.get("type", "any")
    names = [kinds] if isinstance(kinds, str) else sorted(kinds)
    return " ".join(filter(None, ["|".join(names), field.get("format", "")]))


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to within its own file in place."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: Any = root
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--publish", action="store_true")
    options = parser.parse_args()
    now = promises_of(current())
    found = broken(published() if PUBLISHED.exists() else {}, now)
    for sentence in found:
        print(sentence)
    if options.publish and not found:
        PUBLISHED.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", "utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
