"""Matches on Kubernetes: what the chart gives the executor, and the pods that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from arena_executor.config import Settings

from arena import remote_link, seat
from conftest import CHARTS, Helm, Objects

PODS = CHARTS.parent / "executor/tests/pods"
VALUES = yaml.safe_load((CHARTS / "executor/ci/kubernetes-values.yaml").read_text())
NAMES = ("agent", "runner", "everything")


@pytest.fixture(scope="session")
def objects(helm: Helm) -> Objects:
    return helm.render("executor", VALUES)


def named(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    (found,) = [o for o in objects if (o["kind"], o["metadata"]["name"]) == (kind, name)]
    return found


def pod(name: str) -> dict[str, Any]:
    return yaml.safe_load((PODS / f"{name}.yaml").read_text())


@pytest.mark.parametrize("file", sorted(PODS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_api_server_would_take_a_pod(conform, file: Path):
    assert conform([yaml.safe_load(file.read_text())]) == ""


def test_there_is_a_pod_of_every_kind():
    assert {file.stem for file in PODS.glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_pod_is_restricted_bounded_and_has_no_rights(name: str):
    spec = pod(name)["spec"]
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["restartPolicy"] == "Never"
    assert spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == "agent-match"
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] >= 10001
    (container,) = spec["containers"]
    assert "@sha256:" in container["image"]
    resources = container["resources"]
    assert resources["limits"] == resources["requests"]
    assert resources["limits"].keys() == {"cpu", "memory", "ephemeral-storage"}
    security = container["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    for volume in spec["volumes"]:
        assert volume["emptyDir"].keys() == {"medium", "sizeLimit"}


def test_an_agent_looks_up_no_names():
    assert pod("agent")["spec"]["dnsPolicy"] == "None"


def test_the_chart_is_taken_by_the_api_server(objects: Objects, conform):
    assert conform(objects) == ""


def test_nothing_of_it_is_there_by_default(helm: Helm):
    rendered = helm.render("executor")
    assert not [o for o in rendered if o["kind"] in ("Namespace", "Role", "RoleBinding")]
    assert "ARENA_EXECUTOR_BACKEND" not in yaml.safe_dump_all(rendered)


def test_the_role_has_the_verbs_that_are_used(objects: Objects):
    role = named(objects, "Role", "executor")
    assert role["metadata"]["namespace"] == "arena-matches"
    (rule,) = role["rules"]
    assert rule == {
        "apiGroups": [""],
        "resources": ["pods"],
        "verbs": ["create", "delete", "get", "list", "patch", "watch"],
    }
    (subject,) = named(objects, "RoleBinding", "executor")["subjects"]
    assert (subject["name"], subject["namespace"]) == ("executor", "arena")


def test_the_executor_needs_no_exception_any_more(objects: Objects):
    spec = named(objects, "Deployment", "executor")["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "procMount" not in spec["containers"][0]["securityContext"]
    assert [volume["name"] for volume in spec["volumes"]] == ["tmp", "signing", "registry"]
    namespace = named(objects, "Namespace", "arena-matches")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    account = named(objects, "ServiceAccount", "agent-match")
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["namespace"] == "arena-matches"


def test_the_settings_are_those_that_the_executor_reads(objects: Objects):
    (container,) = named(objects, "Deployment", "executor")["spec"]["template"]["spec"][
        "containers"
    ]
    env = {one["name"]: one.get("value", "a-token-of-tests") for one in container["env"]}
    assert len(env) == len(container["env"]), "a name occurs twice"

    settings = Settings.from_environment({**env, "HOSTNAME": "executor-0"})

    pods = settings.pods
    assert pods is not None
    assert (pods.namespace, pods.instance, pods.identity) == (
        "arena-matches",
        "arena",
        "executor-0",
    )
    assert pods.registry == "registry.example.org/agents"
    assert (pods.warm_runners, pods.user_namespace, pods.runtime_class) == (2, True, "gvisor")
    assert pods.pull_secret == "registry"
    assert pods.cosign is not None
    assert [str(key) for key in pods.cosign.keys] == [
        *("/etc/arena/signing/cosign.pub", "/etc/arena/signing/previous.pub")
    ]
    assert env["DOCKER_CONFIG"] == "/etc/arena/registry"


def matches(policy: dict[str, Any], name: str) -> bool:
    wanted = policy["spec"]["podSelector"]["matchLabels"]
    return wanted.items() <= pod(name)["metadata"]["labels"].items()


def test_agents_call_nobody_and_runners_alone_call_them(objects: Objects):
    policies = [o for o in objects if o["kind"] == "NetworkPolicy"]
    inside = [o for o in policies if o["metadata"].get("namespace") == "arena-matches"]
    deny, agent, runner = (
        named(inside, "NetworkPolicy", name)
        for name in (*("default-deny", "match-agent", "match-runner"),)
    )
    assert len(inside) == 3
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert (matches(agent, "agent"), matches(agent, "runner")) == (True, False)
    assert (matches(runner, "agent"), matches(runner, "runner")) == (False, True)

    assert "egress" not in agent["spec"]
    assert agent["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (entrance,) = agent["spec"]["ingress"]
    assert entrance["from"] == [{"podSelector": runner["spec"]["podSelector"]}]
    assert entrance["ports"] == [{"protocol": "TCP", "port": seat.PORT}]

    (way_out,) = runner["spec"]["egress"]
    assert way_out["to"] == [{"podSelector": agent["spec"]["podSelector"]}]
    assert way_out["ports"] == [{"protocol": "TCP", "port": seat.PORT}]
    (entrance,) = runner["spec"]["ingress"]
    assert entrance["ports"] == [{"protocol": "TCP", "port": remote_link.PORT}]
    (peer,) = entrance["from"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "arena"}
    executor = named(objects, "Deployment", "executor")["spec"]["template"]["metadata"]["labels"]
    assert peer["podSelector"]["matchLabels"].items() <= executor.items()


def test_the_executor_calls_runners_and_the_api_server(objects: Objects):
    runners, server, _ = named(objects, "NetworkPolicy", "executor-matches")["spec"]["egress"]
    (peer,) = runners["to"]
    assert peer["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": "arena-matches"
    }
    assert peer["podSelector"]["matchLabels"].items() <= pod("runner")["metadata"]["labels"].items()
    assert runners["ports"] == [{"protocol": "TCP", "port": remote_link.PORT}]
    assert {port["port"] for port in server["ports"]} == {443, 6443}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("runnerImage", "registry.example.org/rl-arena/executor:latest"),
        ("runnerImage", ""),
        ("registry", ""),
        ("registry", "https://registry.example.org"),
        ("namespace", "arena"),
        ("namespace", ""),
    ],
)
def test_settings_that_cannot_be_are_refused(helm: Helm, name: str, value: str):
    wrong = {"kubernetes": {**VALUES["kubernetes"], name: value}}
    done = helm.run(
        *("template", "arena", "executor", "--namespace", "arena", "--values", "-"),
        text=yaml.safe_dump(wrong),
    )
    assert done.returncode != 0
    assert name in done.stderr


def test_the_executor_gets_public_keys_and_what_pulls(objects: Objects):
    spec = named(objects, "Deployment", "executor")["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume["secret"] for volume in spec["volumes"] if "secret" in volume}
    mounts = {m["name"]: m["mountPath"] for m in spec["containers"][0]["volumeMounts"]}
    assert volumes["signing"]["secretName"] == "image-signing-public"
    assert [item["path"] for item in volumes["signing"]["items"]] == ["cosign.pub", "previous.pub"]
    assert volumes["registry"]["secretName"] == "pull-only"
    assert volumes["registry"]["items"] == [{"key": ".dockerconfigjson", "path": "config.json"}]
    assert mounts["signing"] == "/etc/arena/signing"
    assert mounts["registry"] == "/etc/arena/registry"


def test_signatures_are_read_from_where_the_registry_is(objects: Objects):
    *_, registry = named(objects, "NetworkPolicy", "executor-matches")["spec"]["egress"]
    assert registry["to"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]
    assert registry["ports"] == [{"protocol": "TCP", "port": 443}]


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_is_verified_by_default_or_in_sandboxes(helm: Helm, enabled: bool):
    signatures = {} if enabled else {"signatures": VALUES["kubernetes"]["signatures"]}
    others = {k: v for k, v in VALUES["kubernetes"].items() if k != "signatures"}
    values = {"kubernetes": {**others, **signatures, "enabled": enabled}}
    rendered = helm.render("executor", values)
    deployment = named(rendered, "Deployment", "executor")
    assert "COSIGN" not in yaml.safe_dump(deployment)
    assert not [v for v in deployment["spec"]["template"]["spec"]["volumes"] if "secret" in v]
    if enabled:
        policy = named(rendered, "NetworkPolicy", "executor-matches")
        assert len(policy["spec"]["egress"]) == 2


@pytest.mark.parametrize("keys", [[], ["../cosign.pub"], ["a:b"]])
def test_keys_that_cannot_be_are_refused(helm: Helm, keys: list[str]):
    signatures = {**VALUES["kubernetes"]["signatures"], "keys": keys}
    wrong = {"kubernetes": {**VALUES["kubernetes"], "signatures": signatures}}
    done = helm.run(
        *("template", "arena", "executor", "--namespace", "arena", "--values", "-"),
        text=yaml.safe_dump(wrong),
    )
    assert done.returncode != 0
    assert "keys" in done.stderr
