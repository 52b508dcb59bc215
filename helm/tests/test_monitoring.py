"""Rules and dashboards: that they are well-formed, and lead to a runbook. e2e/tests/test_metrics.py
holds what they ask for against what services measure."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conftest import CHARTS, Helm

OPERATIONS = CHARTS.parent / "docs" / "operations.md"


@pytest.fixture(scope="module")
def groups(helm: Helm) -> dict[str, list[dict[str, Any]]]:
    """Rules by the name of their group."""
    (found,) = [o for o in helm.render("monitoring") if o["kind"] == "PrometheusRule"]
    return {group["name"]: group["rules"] for group in found["spec"]["groups"]}


@pytest.fixture(scope="module")
def alerts(groups: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [rule for rules in groups.values() for rule in rules if "alert" in rule]


def test_an_objective_burns_in_two_windows_at_four_speeds(groups):
    rules = groups["arena-matches-are-played"]
    recorded = [rule["record"].removeprefix("arena:bad:ratio_rate") for rule in rules[:7]]
    expressions = [rule["expr"].split() for rule in rules[7:]]

    assert recorded == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    # Half a percent of misses is the budget.
    assert [words[2] for words in expressions] == ["0.072", "0.03", "0.015", "0.005"]
    assert all(words[2] == words[6] for words in expressions)
    assert [rule["labels"]["severity"] for rule in rules[7:]] == ["page", "page", *["ticket"] * 2]


def test_windows_of_an_alert_are_recorded(groups):
    for rules in groups.values():
        recorded = {rule["record"] for rule in rules if "record" in rule}
        for rule in rules:
            used = re.findall(r"arena:bad:\w+", rule["expr"])
            assert set(used) <= recorded, rule
            assert "WINDOW" not in rule["expr"]


def test_every_alert_says_what_is_wrong_and_has_a_runbook(alerts):
    headings = re.findall(r"^#+ (\w+)$", OPERATIONS.read_text("utf-8"), re.MULTILINE)
    for alert in alerts:
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert alert["annotations"]["summary"].endswith(".")
        runbook = alert["annotations"]["runbook"].partition("#")[2]
        assert runbook in {heading.lower() for heading in headings}


def test_brackets_of_expressions_match(groups):
    pairs = {")": "(", "]": "[", "}": "{"}
    for rules in groups.values():
        for rule in rules:
            stack: list[str] = []
            for letter in re.sub(r'"[^"]*"', "", rule["expr"]):
                if letter in pairs.values():
                    stack.append(letter)
                elif letter in pairs:
                    assert stack, rule
                    assert stack.pop() == pairs[letter], rule
            assert not stack, rule


def test_a_dashboard_is_found_by_its_label(helm: Helm):
    (found,) = [o for o in helm.render("monitoring") if o["kind"] == "ConfigMap"]
    dashboard = json.loads(found["data"]["arena.json"])

    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboard == json.loads((CHARTS / "monitoring/dashboards/arena.json").read_text())


def test_panels_have_ids_and_places_of_their_own():
    for path in (CHARTS / "monitoring" / "dashboards").glob("*.json"):
        panels = json.loads(path.read_text())["panels"]
        squares = [
            (x, y)
            for panel in panels
            for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
            for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
        ]
        assert len(squares) == len(set(squares))
        assert max(x for x, _ in squares) == 23
        assert len({panel["id"] for panel in panels}) == len(panels)
        assert all(panel["description"] for panel in panels if panel["type"] != "row")
