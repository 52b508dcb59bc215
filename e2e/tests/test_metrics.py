"""What dashboards and alerts ask for is what services measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import yaml

from arena_local.layout import ROOT, SERVICES
from suite import Suite, sample, wait_for
from user import User

MONITORING = ROOT / "helm" / "monitoring"
#: Passes its validation, which is shorter, and gives up in its first match.
QUITTER = b"""
class Agent:
    def __init__(self):
        self.asked = 0

    def act(self, observation):
        self.asked += 1
        if self.asked > 150:
            raise RuntimeError("enough")
        return 1
"""
#: Counted from the first time that somebody is refused for a limit, which are wide open here; and
#: from the first scan, where something scans.
NOT_SEEN_HERE = {"arena_gateway_limited_total", "arena_scans_total"}


def expressions() -> Iterator[str]:
    values = yaml.safe_load((MONITORING / "values.yaml").read_text())
    for objective in values["objectives"]:
        yield from (objective["bad"], objective["all"])
    yield from (alert["expression"] for alert in values["alerts"])
    for path in Path(MONITORING, "dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            yield from (target["expr"] for target in panel.get("targets", ()))


def wanted() -> set[str]:
    found = set()
    for expression in expressions():
        found.update(re.findall(r"\b(?:arena|jvm|kafka|process)_\w+", expression))
    return found


def measured(suite: Suite) -> set[str]:
    found = set()
    for service in SERVICES:
        address = f"{suite.service_url(service.name)}/q/metrics"
        text = httpx.get(address, timeout=30).raise_for_status().text
        found.update(re.findall(r"^([a-z]\w*)[{ ]", text, re.MULTILINE))
    return found


def test_whatever_is_asked_for_is_measured(suite: Suite):
    # Given a match that one side forfeits
    for name, code in (("quitter", QUITTER), ("stayer", sample("pong", "idle").read_bytes())):
        user = User.register(suite, name)
        agent = user.create_agent(name.title(), "pong")
        user.await_built(user.submit(agent, "agent.py", code))
    wait_for("a forfeit", lambda: "arena_match_forfeits_total" in measured(suite), seconds=120)
    # When
    missing = wanted() - measured(suite)
    # Then
    assert missing <= NOT_SEEN_HERE


def test_histograms_have_the_bounds_that_objectives_ask_for(suite: Suite):
    asked = set()
    for expression in expressions():
        asked.update(re.findall(r'(\w+_bucket)\{le="([^"]+)"', expression))
    assert asked
    text = "".join(
        httpx.get(f"{suite.service_url(service.name)}/q/metrics", timeout=30).text
        for service in SERVICES
    )
    for name, bound in asked:
        assert re.search(rf'^{name}\{{.*le="{re.escape(bound)}"', text, re.MULTILINE), (name, bound)
