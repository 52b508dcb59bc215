"""The description of the public API: how it is kept, and what about a change would break clients.

python openapi_document.py URL    writes contracts/openapi/gateway.json from a running suite
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

KEPT = Path(__file__).resolve().parents[1] / "contracts" / "openapi" / "gateway.json"
METHODS = {"get", "head", "post", "put", "patch", "delete"}

Node = dict[str, Any]


def fetch(url: str) -> Node:
    """The description as the gateway serves it, all parts answering; keys in order."""
    answer = httpx.get(f"{url}/openapi.json", timeout=30)
    answer.raise_for_status()
    document: Node = answer.json()
    missing = document.get("x-missing-parts")
    assert not missing, f"these services did not answer: {missing}"
    return document


def breaking(old: Node, new: Node) -> list[str]:
    """What a client of the old description would trip over, one sentence each."""
    found: list[str] = []
    for path, method, before in operations(old):
        name = f"{method.upper()} {path}"
        after = new["paths"].get(path, {}).get(method)
        if after is None:
            found.append(f"{name} is gone")
            continue
        found += [f"{name}: {text}" for text in _operation(Pair(old, new), before, after)]
    return found


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


class Pair:
    """Two documents, whose references are looked up in each; remembers which it has compared."""

    def __init__(self, old: Node, new: Node) -> None:
        self.old = old
        self.new = new
        self.compared: set[tuple[str, str, bool]] = set()

    def resolve(self, before: Node, after: Node) -> tuple[Node, Node]:
        return _look_up(self.old, before), _look_up(self.new, after)

    def is_first(self, before: Node, after: Node, request: bool) -> bool:
        """Schemas may hold themselves."""
        key = (before.get("$ref", ""), after.get("$ref", ""), request)
        first = key not in self.compared
        if key[0] and key[1]:
            self.compared.add(key)
        return first


def _look_up(document: Node, node: Node) -> Node:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _operation(pair: Pair, before: Node, after: Node) -> Iterator[str]:
    known = {_key(pair.old, p): _look_up(pair.old, p) for p in before.get("parameters", [])}
    given = {_key(pair.new, p): _look_up(pair.new, p) for p in after.get("parameters", [])}
    for key, parameter in given.items():
        was_required = known.get(key, {}).get("required", False)
        if parameter.get("required") and not was_required:
            yield f"parameter {key[1]} is required now"
    for key in known.keys() - given.keys():
        yield f"parameter {key[1]} is gone"
    for key in known.keys() & given.keys():
        yield from _schema(
            pair, known[key].get("schema", {}), given[key].get("schema", {}), key[1], True
        )
    if after.get("security") and not before.get("security"):
        yield "needs a token now"
    yield from _body(pair, before, after)
    for status, response in before.get("responses", {}).items():
        other = after.get("responses", {}).get(status)
        if other is None:
            yield f"does not answer {status} any more"
            continue
        old, new = pair.resolve(response, other)
        yield from _content(pair, old, new, f"answer {status}", request=False)


def _key(document: Node, parameter: Node) -> tuple[str, str]:
    parameter = _look_up(document, parameter)
    return parameter["in"], parameter["name"]


def _body(pair: Pair, before: Node, after: Node) -> Iterator[str]:
    old, new = before.get("requestBody"), after.get("requestBody")
    if old is None:
        if new is not None and new.get("required"):
            yield "needs a body now"
    elif new is None:
        yield "takes no body any more"
    else:
        yield from _content(pair, old, new, "body", request=True)


def _content(pair: Pair, before: Node, after: Node, where: str, request: bool) -> Iterator[str]:
    for media, old in before.get("content", {}).items():
        new = after.get("content", {}).get(media)
        if new is None:
            yield f"{where} has no {media} any more"
        else:
            yield from _schema(pair, old.get("schema", {}), new.get("schema", {}), where, request)


def _schema(pair: Pair, before: Node, after: Node, where: str, request: bool) -> Iterator[str]:
    if not pair.is_first(before, after, request):
        return
    before, after = pair.resolve(before, after)
    if not before or not after:
        return  # one of them says nothing
    old_types, new_types = _types(before), _types(after)
    narrower = old_types - new_types if request else new_types - old_types
    if old_types and new_types and narrower:
        yield f"{where} was {_or(old_types)}, is {_or(new_types)}"
        return
    old_values, new_values = before.get("enum"), after.get("enum")
    if request and old_values and new_values and set(old_values) - set(new_values):
        yield f"{where} does not take {_or(set(old_values) - set(new_values))} any more"
    old_fields, new_fields = before.get("properties", {}), after.get("properties", {})
    for name, field in old_fields.items():
        if name in new_fields:
            yield from _schema(pair, field, new_fields[name], f"{where}.{name}", request)
        elif not request:
            yield f"{where}.{name} is gone"
    if request:
        for name in set(after.get("required", [])) - set(before.get("required", [])):
            yield f"{where}.{name} is required now"
    else:
        for name in set(before.get("required", [])) - set(after.get("required", [])):
            if name in new_fields:
                yield f"{where}.{name} may be left out now"
    if "items" in before and "items" in after:
        yield from _schema(pair, before["items"], after["items"], f"{where}[]", request)


def _types(schema: Node) -> set[str]:
    types = schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def _or(values: set[Any]) -> str:
    return " or ".join(sorted(map(str, values)))


def write(url: str) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(fetch(url), indent=2, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
