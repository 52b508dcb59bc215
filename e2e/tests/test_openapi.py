"""The description of the public API: kept in contracts/, true of the running suite, compatible."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

import openapi_document
from suite import Suite

OLD: dict[str, Any] = {
    "paths": {
        "/agents/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Agent"}}
                        }
                    },
                    "404": {"description": "none"},
                },
            },
            "put": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Change"}}
                    }
                },
                "responses": {"200": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Agent": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "elo": {"type": "integer"},
                    "rival": {"$ref": "#/components/schemas/Agent"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Change": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "mode": {"type": "string", "enum": ["a", "b"]},
                },
            },
        }
    },
}

Change = Callable[[dict[str, Any]], Any]


def agent(document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"]["Agent"]
    return schema


def change(document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"]["Change"]
    return schema


def operation(document: dict[str, Any], method: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/agents/{id}"][method]
    return found


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (lambda d: d["paths"]["/agents/{id}"].pop("put"), "PUT /agents/{id} is gone"),
        (lambda d: d["paths"].pop("/agents/{id}"), "is gone"),
        (lambda d: operation(d, "get")["responses"].pop("404"), "404 any more"),
        (lambda d: operation(d, "get")["parameters"].clear(), "parameter id is gone"),
        (
            lambda d: operation(d, "get")["parameters"].append(
                {"name": "x", "in": "query", "required": True}
            ),
            "parameter x is required now",
        ),
        (lambda d: operation(d, "get").update(security=[{"bearer": []}]), "needs a token now"),
        (lambda d: operation(d, "put").pop("requestBody"), "takes no body any more"),
        (lambda d: operation(d, "put")["requestBody"]["content"].clear(), "no application/json"),
        (lambda d: agent(d)["properties"].pop("elo"), "answer 200.elo is gone"),
        (lambda d: agent(d)["properties"].update(elo={"type": "string"}), "was integer, is string"),
        (lambda d: agent(d)["required"].clear(), "answer 200.name may be left out now"),
        (
            lambda d: agent(d)["properties"]["tags"].update(items={"type": "integer"}),
            "answer 200.tags[] was string, is integer",
        ),
        (lambda d: change(d)["required"].append("mode"), "body.mode is required now"),
        (lambda d: change(d)["properties"]["mode"]["enum"].remove("b"), "does not take b any more"),
    ],
)
def test_what_breaks_clients_is_found(what: Change, expected: str) -> None:
    new = copy.deepcopy(OLD)
    what(new)
    found = openapi_document.breaking(OLD, new)
    assert found
    assert expected in found[0]


@pytest.mark.parametrize(
    "what",
    [
        lambda d: d["paths"].update({"/new": {"get": {"responses": {}}}}),
        lambda d: operation(d, "get")["responses"].update({"410": {}}),
        lambda d: operation(d, "get")["parameters"].append({"name": "x", "in": "query"}),
        lambda d: agent(d)["properties"].update(new={"type": "string"}),
        lambda d: agent(d)["required"].append("elo"),
        lambda d: change(d)["required"].clear(),
        lambda d: change(d)["properties"]["mode"]["enum"].append("c"),
        lambda d: change(d)["properties"]["name"].update(type=["string", "null"]),
    ],
)
def test_what_only_adds_is_fine(what: Change) -> None:
    new = copy.deepcopy(OLD)
    what(new)
    assert openapi_document.breaking(OLD, new) == []


def test_the_running_api_keeps_the_promises_of_its_description(suite: Suite) -> None:
    kept = json.loads(openapi_document.KEPT.read_text())
    now = openapi_document.fetch(suite.url)

    assert openapi_document.breaking(kept, now) == []

    new = {f"{method.upper()} {path}" for path, method, _ in openapi_document.operations(now)} - {
        f"{method.upper()} {path}" for path, method, _ in openapi_document.operations(kept)
    }
    if new:
        print(f"not in {openapi_document.KEPT.name} yet: {sorted(new)}")


def test_every_operation_is_described_in_full(suite: Suite) -> None:
    document = openapi_document.fetch(suite.url)
    ids = [operation["operationId"] for _, _, operation in openapi_document.operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, described in openapi_document.operations(document):
        name = f"{method.upper()} {path}"
        assert described.get("summary"), name
        problem = described["responses"]["default"]["$ref"]
        assert problem == "#/components/responses/Problem", name
        assert any(status[0] in "12" for status in described["responses"]), name
