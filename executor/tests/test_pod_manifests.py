"""The pods, as files under tests/pods. The tests of the charts hold them against the API's schemas.

ARENA_WRITE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from arena import seat
from arena.cage import AGENT_ENVIRONMENT, Limits
from arena_executor.config import ConfigError, Settings
from arena_executor.pods.manifests import Play, Pod, agent_pod, label_value, runner_pod
from arena_executor.pods.settings import PodSettings

GOLDEN = Path(__file__).parent / "pods"
SETTINGS = PodSettings(
    registry="registry.example.org/agents",
    runner_image="registry.example.org/rl-arena/executor@sha256:" + "1" * 64,
    limits=Limits(),
    namespace="arena-matches",
    identity="executor-7d9f-x2x4v",
)
EVERYTHING = replace(
    SETTINGS,
    pull_secret="registry",
    runtime_class="gvisor",
    user_namespace=True,
    node_selector={"rl-arena.org/pool": "matches"},
    agent_cpu="500m",
)
PLAY = Play("0123456789abcdef0123", "00000000-0000-0000-0000-0000000000a1", "b2")
IMAGE = "registry.example.org/agents/one@sha256:" + "2" * 64
OWNER = ("runner-0", "00000000-0000-0000-0000-0000000000c3")


def agent(settings: PodSettings, play: Play = PLAY, number: int = 1) -> Pod:
    return agent_pod(settings, play, number, "one", IMAGE, "5e" * 32, OWNER)


@pytest.mark.parametrize(
    ("name", "pod"),
    [
        ("agent", agent(SETTINGS)),
        ("runner", runner_pod(SETTINGS, "runner-0", "7e" * 32)),
        ("everything", agent(EVERYTHING)),
    ],
)
def test_a_pod_is_as_ever(name: str, pod: Pod):
    file = GOLDEN / f"{name}.yaml"
    if os.environ.get("ARENA_WRITE_GOLDEN"):
        file.write_text(yaml.safe_dump(pod))

    assert pod == yaml.safe_load(file.read_text())


def test_every_agent_is_a_user_of_its_own_unless_user_namespaces_part_them():
    def user(settings: PodSettings, play: Play, number: int) -> int:
        return agent(settings, play, number)["spec"]["securityContext"]["runAsUser"]

    other = replace(PLAY, id="0123456789abcdef0124")
    apart = {user(SETTINGS, play, number) for play in (PLAY, other) for number in (0, 1)}
    assert len(apart) == 4
    # What a container in a user namespace may be.
    assert 0 < user(EVERYTHING, PLAY, 0) < 65536


@pytest.mark.parametrize("text", ["a" * 64, "-a", "a-", "a b", "\n", "<script>", "ä"])
def test_what_is_no_label_becomes_its_digest(text: str):
    assert re.fullmatch("[0-9a-f]{32}", label_value(text))


@pytest.mark.parametrize("text", ["", "a", "A.b_c-1", "0" * 63])
def test_what_may_be_a_label_is_one(text: str):
    assert label_value(text) == text


def test_an_agent_finds_the_same_environment_as_in_a_sandbox():
    assert seat._ENVIRONMENT == AGENT_ENVIRONMENT


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BACKEND", "docker", "ARENA_EXECUTOR_BACKEND"),
        ("KUBERNETES_REGISTRY", "", "ARENA_EXECUTOR_KUBERNETES_REGISTRY must name"),
        ("KUBERNETES_REGISTRY", "https://registry.test", "KUBERNETES_REGISTRY must name"),
        ("KUBERNETES_RUNNER_IMAGE", "registry.test/executor:latest", "by digest"),
        ("KUBERNETES_RUNNER_IMAGE", "", "by digest"),
        ("KUBERNETES_NODE_SELECTOR", "pool", "name=value"),
        ("KUBERNETES_WARM_RUNNERS", "-1", "KUBERNETES_WARM_RUNNERS"),
        ("KUBERNETES_START_SECONDS", "soon", "KUBERNETES_START_SECONDS"),
    ],
)
def test_settings_that_cannot_be_are_named(name: str, value: str, said: str):
    good = {
        "BACKEND": "kubernetes",
        "KUBERNETES_REGISTRY": "registry.test/agents",
        "KUBERNETES_RUNNER_IMAGE": SETTINGS.runner_image,
    }
    given = {f"ARENA_EXECUTOR_{key}": text for key, text in {**good, name: value}.items()}
    with pytest.raises(ConfigError, match=said):
        Settings.from_environment(given)


def test_nothing_of_it_is_read_unless_it_is_asked_for():
    given = {"ARENA_EXECUTOR_KUBERNETES_RUNNER_IMAGE": "nonsense"}
    assert Settings.from_environment(given).pods is None
