"""Published events keep what they promised."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import promises

TYPE = "match.finished.v1"


@pytest.fixture
def schemas() -> dict[str, dict[str, Any]]:
    return copy.deepcopy(promises.current())


def broken_by(schemas: dict[str, dict[str, Any]]) -> list[str]:
    return promises.broken(promises.published(), promises.promises_of(schemas))


def test_todays_schemas_should_break_nothing_and_all_be_published():
    now = promises.promises_of(promises.current())

    assert promises.broken(promises.published(), now) == []
    assert promises.published() == now, "python contracts/promises.py --publish"


def test_a_field_that_is_gone_should_be_noticed(schemas):
    del schemas[TYPE]["properties"]["seed"]

    assert broken_by(schemas) == [f"{TYPE}: seed is gone"]


def test_a_field_inside_a_list_that_is_gone_should_be_noticed(schemas):
    del schemas[TYPE]["properties"]["participants"]["items"]["properties"]["rank"]

    assert broken_by(schemas) == [f"{TYPE}: participants[].rank is gone"]


def test_another_type_of_a_field_should_be_noticed(schemas):
    schemas[TYPE]["properties"]["steps"]["type"] = "string"

    assert [line.split(" was ")[0] for line in broken_by(schemas)] == [f"{TYPE}: steps"]


def test_a_field_that_may_be_missing_from_now_on_should_be_noticed(schemas):
    schemas[TYPE]["required"].remove("matchId")

    assert [line.split(" was ")[0] for line in broken_by(schemas)] == [f"{TYPE}: matchId"]


def test_a_new_mandatory_field_should_be_noticed(schemas):
    schemas[TYPE]["properties"]["arena"] = {"type": "string"}
    schemas[TYPE]["required"].append("arena")

    assert len(broken_by(schemas)) == 1


def test_a_type_that_is_gone_should_be_noticed(schemas):
    del schemas[TYPE]

    assert len(broken_by(schemas)) == 1


def test_a_new_optional_field_should_be_no_break(schemas):
    schemas[TYPE]["properties"]["arena"] = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    }

    assert broken_by(schemas) == []
