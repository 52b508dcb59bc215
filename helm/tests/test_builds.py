"""Builds on Kubernetes: what the chart gives build-service, and the Jobs that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import CHARTS, Helm, Objects

JOBS = CHARTS.parent / "build-service/src/test/resources/jobs"
VALUES = yaml.safe_load((CHARTS / "build-service/ci/kubernetes-values.yaml").read_text())
BUILDERS = ("kaniko", "buildkit", "buildah")
SCANS = ("scan-trivy", "scan-grype", "scan-everything")


@pytest.fixture(scope="session")
def objects(helm: Helm) -> Objects:
    return helm.render("build-service", VALUES)


def named(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    (found,) = [o for o in objects if (o["kind"], o["metadata"]["name"]) == (kind, name)]
    return found


def job(name: str) -> dict[str, Any]:
    return yaml.safe_load((JOBS / f"{name}.yaml").read_text())


def pod(name: str) -> dict[str, Any]:
    return job(name)["spec"]["template"]["spec"]


@pytest.mark.parametrize("file", sorted(JOBS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_api_server_would_take_a_job(conform, file: Path):
    assert conform([yaml.safe_load(file.read_text())]) == ""


def test_there_is_a_job_of_every_builder():
    assert {file.stem for file in JOBS.glob("*.yaml")} == {*BUILDERS, "everything", *SCANS}


@pytest.mark.parametrize("scan", SCANS)
def test_a_scan_is_bounded_restricted_and_has_no_rights(scan: str):
    spec = job(scan)["spec"]
    assert spec["backoffLimit"] == 0
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["ttlSecondsAfterFinished"] > 0
    running = pod(scan)
    assert running["automountServiceAccountToken"] is False
    assert running["restartPolicy"] == "Never"
    assert running["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = running["containers"]
    assert "@sha256:" in container["image"]
    assert "@sha256:" in container["args"][-1] or "@sha256:" in container["args"][0]
    assert container["resources"]["limits"].keys() == {"cpu", "memory", "ephemeral-storage"}
    security = container["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert not any("valueFrom" in variable for variable in container["env"])
    for volume in running["volumes"]:
        assert volume.get("emptyDir", {}).get("sizeLimit") or "secret" in volume


def test_a_scan_reaches_what_is_outside_alone(objects: Objects):
    policy = named(objects, "NetworkPolicy", "agent-scan")
    assert policy["metadata"]["namespace"] == "arena-builds"
    labels = job("scan-trivy")["spec"]["template"]["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in policy["spec"]
    dns, outside = policy["spec"]["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert outside["to"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]


def test_the_settings_of_scans_are_those_that_the_service_reads(objects: Objects):
    (container,) = named(objects, "Deployment", "build-service")["spec"]["template"]["spec"][
        "containers"
    ]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert env["ARENA_BUILD_SCAN_SCANNER"] == "trivy"
    assert env["ARENA_BUILD_SCAN_UNAVAILABLE"] == "block"
    assert env["ARENA_BUILD_SCAN_KUBERNETES_IMAGE"].startswith("registry.example.org/trivy@sha256:")
    assert env["ARENA_BUILD_SCAN_KUBERNETES_REGISTRY_SECRET"] == "pull-only"


def test_nothing_scans_by_default(helm: Helm):
    values = {"kubernetes": {k: v for k, v in VALUES["kubernetes"].items() if k != "scan"}}
    rendered = helm.render("build-service", values)
    assert not [o for o in rendered if o["metadata"]["name"] == "agent-scan"]
    assert "ARENA_BUILD_SCAN_SCANNER" not in yaml.safe_dump_all(rendered)


@pytest.mark.parametrize("image", ["", "aquasec/trivy:latest"])
def test_a_scanner_without_an_image_by_digest_is_refused(helm: Helm, image: str):
    scan = {**VALUES["kubernetes"]["scan"], "image": image}
    wrong = {"kubernetes": {**VALUES["kubernetes"], "scan": scan}}
    done = helm.run(
        *("template", "arena", "build-service", "--values", "-"), text=yaml.safe_dump(wrong)
    )
    assert done.returncode != 0
    assert "image" in done.stderr


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_job_is_bounded_and_has_no_rights(builder: str):
    spec = job(builder)["spec"]
    assert spec["backoffLimit"] == 0
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["ttlSecondsAfterFinished"] > 0
    running = pod(builder)
    assert running["automountServiceAccountToken"] is False
    assert running["serviceAccountName"] == "agent-build"
    assert running["restartPolicy"] == "Never"
    for container in [*running["initContainers"], *running["containers"]]:
        assert "@sha256:" in container["image"]
        assert container["resources"]["limits"].keys() == {"cpu", "memory", "ephemeral-storage"}
    for volume in running["volumes"]:
        assert volume.get("emptyDir", {}).get("sizeLimit") or "secret" in volume


@pytest.mark.parametrize("builder", BUILDERS)
def test_all_but_the_builder_is_restricted(builder: str):
    assert pod(builder)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod(builder)["initContainers"]:
        security = container["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}


def test_a_builder_asks_for_what_the_docs_say():
    def security(builder: str) -> dict[str, Any]:
        return pod(builder)["containers"][0]["securityContext"]

    assert security("kaniko")["allowPrivilegeEscalation"] is False
    assert "seccompProfile" not in security("kaniko")
    for builder in ("buildkit", "buildah"):
        assert security(builder)["runAsNonRoot"] is True
        assert security(builder)["seccompProfile"] == {"type": "Unconfined"}
    assert not any("privileged" in security(builder) for builder in BUILDERS)


def test_the_chart_is_taken_by_the_api_server(objects: Objects, conform):
    assert conform(objects) == ""


def test_nothing_of_it_is_there_by_default(helm: Helm):
    rendered = helm.render("build-service")
    assert not [o for o in rendered if o["kind"] in ("Role", "RoleBinding")]
    (deployment,) = [o for o in rendered if o["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    assert "ARENA_BUILD_BACKEND" not in yaml.safe_dump(deployment)


def test_the_role_has_the_verbs_that_are_used(objects: Objects):
    role = named(objects, "Role", "build-service")
    assert role["metadata"]["namespace"] == "arena-builds"
    verbs = {rule["resources"][0]: rule["verbs"] for rule in role["rules"]}
    assert verbs == {
        "jobs": ["create", "delete", "get", "list", "watch"],
        "pods": ["list", "watch"],
        "pods/log": ["get"],
        "events": ["list"],
    }
    (subject,) = named(objects, "RoleBinding", "build-service")["subjects"]
    assert (subject["name"], subject["namespace"]) == ("build-service", "arena")


def test_the_service_alone_gets_a_token_for_the_api_server(objects: Objects):
    service = named(objects, "Deployment", "build-service")["spec"]["template"]["spec"]
    assert service["automountServiceAccountToken"] is True
    account = named(objects, "ServiceAccount", "agent-build")
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["namespace"] == "arena-builds"


def test_the_settings_are_those_that_the_service_reads(objects: Objects):
    (container,) = named(objects, "Deployment", "build-service")["spec"]["template"]["spec"][
        "containers"
    ]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert len(env) == len(container["env"]), "a name occurs twice"
    assert env["ARENA_BUILD_BACKEND"] == "kubernetes"
    assert env["ARENA_BUILD_KUBERNETES_NAMESPACE"] == "arena-builds"
    assert env["ARENA_BUILD_KUBERNETES_INSTANCE"] == "arena"
    assert env["ARENA_BUILD_KUBERNETES_SERVICE_URL"] == "http://build-service.arena.svc:8084"
    assert env["ARENA_BUILD_KUBERNETES_REGISTRY_SECRET"] == "registry"
    config = CHARTS.parent / "build-service/src/main/java/org/rlarena/build/cluster"
    methods = (config / "ClusterConfig.java").read_text()
    prefix = "ARENA_BUILD_KUBERNETES_"
    for name in env:
        if name.startswith(prefix):
            first, *more = name.removeprefix(prefix).lower().split("_")
            assert f" {first}{''.join(word.title() for word in more)}();" in methods, name


def test_a_build_reaches_the_registry_and_the_index_and_no_neighbour(objects: Objects):
    policy = named(objects, "NetworkPolicy", "agent-build")
    assert policy["metadata"]["namespace"] == "arena-builds"
    spec = policy["spec"]
    labels = job("kaniko")["spec"]["template"]["metadata"]["labels"]
    assert spec["podSelector"]["matchLabels"].items() <= labels.items()
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in spec
    dns, service, outside = spec["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    (peer,) = service["to"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "build-service"
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "arena"}
    assert outside["to"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]
    assert outside["ports"] == [{"protocol": "TCP", "port": 443}]


def test_a_build_comes_in_at_the_service(objects: Objects):
    spec = named(objects, "NetworkPolicy", "build-service-jobs")["spec"]
    (entrance,) = spec["ingress"]
    (peer,) = entrance["from"]
    labels = job("kaniko")["spec"]["template"]["metadata"]["labels"]
    assert peer["podSelector"]["matchLabels"].items() <= labels.items()
    assert peer["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": "arena-builds"
    }
    assert {port["port"] for port in spec["egress"][0]["ports"]} == {443, 6443}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("builderImage", "ghcr.io/osscontainertools/kaniko:latest"),
        ("builderImage", ""),
        ("baseImage", ""),
        ("registry", "https://registry.example.org"),
        ("builder", "docker"),
    ],
)
def test_settings_that_cannot_be_are_refused(helm: Helm, name: str, value: str):
    wrong = {"kubernetes": {**VALUES["kubernetes"], name: value}}
    done = helm.run(
        *("template", "arena", "build-service", "--values", "-"), text=yaml.safe_dump(wrong)
    )
    assert done.returncode != 0
    assert name in done.stderr


def test_this_service_alone_gets_the_key_to_sign_with(objects: Objects):
    spec = named(objects, "Deployment", "build-service")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert env["ARENA_BUILD_SIGNING_KEY"] == "/etc/arena/signing/cosign.key"
    assert env["ARENA_BUILD_SIGNING_PASSWORD_FILE"] == "/etc/arena/signing/cosign.password"
    assert env["DOCKER_CONFIG"] == "/etc/arena/registry"
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume["secret"] for volume in spec["volumes"] if "secret" in volume}
    assert mounts["signing"] == {
        "name": "signing",
        "mountPath": "/etc/arena/signing",
        "readOnly": True,
    }
    assert volumes["signing"]["secretName"] == "image-signing"
    assert [item["path"] for item in volumes["signing"]["items"]] == [
        *("cosign.key", "cosign.password")
    ]
    assert mounts["registry"]["mountPath"] == "/etc/arena/registry"
    assert volumes["registry"]["items"] == [{"key": ".dockerconfigjson", "path": "config.json"}]
    for name in (*BUILDERS, "everything", *SCANS):
        assert "signing" not in yaml.safe_dump(job(name)), name


def test_signatures_are_pushed_to_where_the_registry_is(objects: Objects):
    _, registry = named(objects, "NetworkPolicy", "build-service-jobs")["spec"]["egress"]
    assert registry["to"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]
    assert registry["ports"] == [{"protocol": "TCP", "port": 443}]


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_is_signed_by_default_or_where_no_images_are_made(helm: Helm, enabled: bool):
    signing = {} if enabled else {"signing": VALUES["kubernetes"]["signing"]}
    others = {k: v for k, v in VALUES["kubernetes"].items() if k != "signing"}
    rendered = helm.render(
        "build-service", {"kubernetes": {**others, **signing, "enabled": enabled}}
    )
    deployment = named(rendered, "Deployment", "build-service")
    assert "ARENA_BUILD_SIGNING_KEY" not in yaml.safe_dump(deployment)
    assert not [v for v in deployment["spec"]["template"]["spec"]["volumes"] if "secret" in v]
    if enabled:
        policy = named(rendered, "NetworkPolicy", "build-service-jobs")
        assert len(policy["spec"]["egress"]) == 1
