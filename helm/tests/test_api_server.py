"""The charts before a real API server, when ARENA_TEST_KUBECONFIG names a kubeconfig for one.

Everything is sent as a dry run: nothing is stored and no node is needed. The server's own code
judges fields, values and Pod Security, of which schemas know a part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import config
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError

from conftest import CHARTS, PARTS, Helm, Objects
from test_charts import VALUE_SETS, pod_of

KUBECONFIG = os.environ.get("ARENA_TEST_KUBECONFIG")
#: Those whose own pods make sandboxes; they need a namespace that allows it.
SANDBOXED = ("build-service", "executor")

pytestmark = pytest.mark.skipif(not KUBECONFIG, reason="ARENA_TEST_KUBECONFIG names no API server")


@pytest.fixture(scope="module")
def server() -> Iterator[DynamicClient]:
    """With two namespaces, `arena-restricted` and `arena-privileged`, by Pod Security Standard."""
    client = DynamicClient(config.new_client_from_config(KUBECONFIG))
    namespaces = client.resources.get(api_version="v1", kind="Namespace")
    names = [f"arena-{level}" for level in ("restricted", "privileged")]
    try:
        for name in names:
            enforced = {"pod-security.kubernetes.io/enforce": name.removeprefix("arena-")}
            namespaces.create(body={"metadata": {"name": name, "labels": enforced}})
        yield client
    finally:
        for name in names:
            namespaces.delete(name=name)


def refusal(server: DynamicClient, one: dict[str, Any], namespace: str) -> str | None:
    """What the server has against an object; nothing also if it does not know the kind."""
    try:
        resource = server.resources.get(api_version=one["apiVersion"], kind=one["kind"])
    except ResourceNotFoundError:
        return None
    place = {"namespace": namespace} if resource.namespaced else {}
    try:
        # Roles for the Jobs' namespace name it themselves; here all is in one.
        body = {**one, "metadata": {**one["metadata"], **place}}
        resource.create(body=body, dry_run="All", field_validation="Strict", **place)
    except (ApiException, DynamicApiError) as error:
        return f"{one['kind']} {one['metadata']['name']}: {error.body!r}"
    return None


def alone(name: str, objects: Objects) -> dict[str, Any]:
    """The pod of a deployment: of a deployment's own, Pod Security only warns."""
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_of(objects)}


@pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
@pytest.mark.parametrize("chart", PARTS)
def test_every_object_is_taken(server: DynamicClient, helm: Helm, chart: str, values: dict):
    refusals = [refusal(server, one, "arena-privileged") for one in helm.render(chart, values)]

    assert not any(refusals), [one for one in refusals if one]


@pytest.mark.parametrize("chart", PARTS)
def test_only_those_with_sandboxes_are_no_restricted_pods(
    server: DynamicClient, helm: Helm, chart: str
):
    pod = alone(chart, helm.render(chart))

    assert (refusal(server, pod, "arena-restricted") is not None) == (chart in SANDBOXED)
    assert refusal(server, pod, "arena-privileged") is None


@pytest.mark.parametrize("chart", SANDBOXED)
def test_what_runs_in_pods_of_its_own_leaves_its_service_restricted(
    server: DynamicClient, helm: Helm, chart: str
):
    values = yaml.safe_load((CHARTS / f"{chart}/ci/kubernetes-values.yaml").read_text())
    objects = helm.render(chart, values)

    assert not any(refusal(server, one, "arena-privileged") for one in objects)
    assert refusal(server, alone(chart, objects), "arena-restricted") is None


@pytest.mark.parametrize(
    "file",
    sorted((CHARTS.parent / "executor/tests/pods").glob("*.yaml")),
    ids=lambda file: file.stem,
)
def test_the_pods_of_matches_are_restricted(server: DynamicClient, file: Path):
    pod = yaml.safe_load(file.read_text())
    # Classes are the cluster's: one that it does not have is refused, as it should be.
    pod["spec"].pop("runtimeClassName", None)

    assert refusal(server, pod, "arena-restricted") is None
