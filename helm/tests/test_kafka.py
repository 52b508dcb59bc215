"""Topics and users, against the contract they are made from."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from arena_local.layout import SERVICES
from conftest import CHARTS, Helm

CHANNELS = yaml.safe_load((CHARTS / "kafka" / "asyncapi.yaml").read_text())["channels"]


@pytest.fixture(scope="module")
def kafka(helm: Helm) -> dict[str, dict[str, dict[str, Any]]]:
    """Specs by kind and name."""
    found: dict[str, dict[str, dict[str, Any]]] = {"KafkaTopic": {}, "KafkaUser": {}}
    for item in helm.render("kafka"):
        found[item["kind"]][item["metadata"]["name"]] = item["spec"]
    return found


def grants(user: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (rule["resource"]["type"], rule["resource"]["name"], operation)
        for rule in user["authorization"]["acls"]
        for operation in rule["operations"]
    }


def test_topics_are_those_of_the_contract(kafka):
    letters = {
        f"{topic}.{reader}.dlq" for topic, c in CHANNELS.items() for reader in c["x-readers"]
    }
    assert set(kafka["KafkaTopic"]) == set(CHANNELS) | letters


def test_a_topic_keeps_what_the_contract_says(kafka):
    requested = kafka["KafkaTopic"]["match.requested"]
    assert (requested["partitions"], requested["replicas"]) == (3, 3)
    assert requested["config"] == {
        "min.insync.replicas": 2,
        "cleanup.policy": "delete",
        "retention.ms": 604800000,
    }
    assert kafka["KafkaTopic"]["rating.changed"]["config"]["retention.ms"] == -1
    assert kafka["KafkaTopic"]["agent.changed"]["config"]["cleanup.policy"] == "compact"


def test_every_service_has_a_user(kafka):
    assert set(kafka["KafkaUser"]) == {service.name for service in SERVICES}


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_a_service_writes_its_own_topics_and_dead_letters_only(kafka, service: str):
    own = {topic for topic, c in CHANNELS.items() if c["x-writer"] == service}
    letters = {f"{t}.{service}.dlq" for t, c in CHANNELS.items() if service in c["x-readers"]}

    granted = grants(kafka["KafkaUser"][service])

    assert {name for _, name, operation in granted if operation == "Write"} == own | letters
    assert {operation for _, _, operation in granted} <= {"Describe", "Read", "Write"}


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_a_service_reads_what_the_contract_says(kafka, service: str):
    wanted = {topic for topic, c in CHANNELS.items() if service in c["x-readers"]}
    if service == "gateway":
        wanted = set(CHANNELS)

    granted = grants(kafka["KafkaUser"][service])

    read = {name for kind, name, operation in granted if (kind, operation) == ("topic", "Read")}
    assert read == wanted
    assert ("group", service, "Read") in granted
