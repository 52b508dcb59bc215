"""The AsyncAPI document, the schemas and the examples tell one story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import promises

DOCUMENT = yaml.safe_load((promises.HERE / "asyncapi.yaml").read_text("utf-8"))
CHANNELS: dict[str, dict[str, Any]] = DOCUMENT["channels"]
EXAMPLES = sorted((promises.HERE / "events").rglob("examples/*.json"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_ever_published_should_fit_todays_schema(example: Path):
    # name.v1.json, or name.v1.WHAT.json for one that shows something special
    event = next(name for name in promises.current() if f"{example.stem}.".startswith(f"{name}."))
    schema = promises.current()[event]
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    validator.validate(json.loads(example.read_text("utf-8")))


def test_every_type_should_have_an_example_and_one_topic():
    with_example = {path.stem for path in EXAMPLES}
    on_topics = [name for channel in CHANNELS.values() for name in channel["messages"]]

    assert set(promises.current()) - with_example == set()
    assert sorted(on_topics) == sorted(promises.current())


@pytest.mark.parametrize("name", CHANNELS)
def test_every_topic_should_say_what_readers_need_to_know(name: str):
    channel = CHANNELS[name]

    assert channel["address"] == name
    assert channel["x-writer"]
    assert isinstance(channel["x-readers"], list)
    assert channel["x-key"]
    assert channel["bindings"]["kafka"]["partitions"] > 0
    policy = channel["bindings"]["kafka"]["topicConfiguration"]
    # Facts of an aggregate's state are kept for ever, by compaction; others for a stated time.
    assert ("retention.ms" in policy) == (policy["cleanup.policy"] == ["delete"])


def test_a_schema_should_describe_every_field():
    undescribed = [
        f"{event}: {path}"
        for event, schema in promises.current().items()
        for path, field in _fields(schema, "", schema)
        if not field.get("description")
    ]

    assert undescribed == []


def _fields(schema: dict[str, Any], path: str, root: dict[str, Any]):
    for name, field in schema.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        yield where, field
        yield from _fields(field, where, root)
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}[]", root)
