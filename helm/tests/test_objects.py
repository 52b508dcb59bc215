"""An S3 bucket in place of the shared folder."""

from __future__ import annotations

import pytest

from conftest import Helm
from test_charts import one, pod_of

KEEPERS = ["build-service", "match-service", "submission-service"]
BUCKET = {
    "bucket": "arena",
    "endpoint": "https://s3.example.org:9000",
    "port": 9000,
    "region": "eu-central-1",
    "prefix": "arena/",
    "pathStyle": True,
    "encryption": "AES256",
    "secret": "arena-bucket",
}


def environment(pod: dict) -> dict[str, object]:
    (container,) = pod["containers"]
    return {e["name"]: e.get("value", e.get("valueFrom")) for e in container["env"]}


@pytest.mark.parametrize("chart", KEEPERS)
def test_a_bucket_takes_the_place_of_the_claim(helm: Helm, conform, chart: str):
    objects = helm.render(chart, {"objects": {"claim": "arena-objects", "s3": BUCKET}})

    assert conform(objects) == ""
    pod = pod_of(objects)
    assert "persistentVolumeClaim" not in str(pod["volumes"])
    settings = environment(pod)
    assert settings["ARENA_OBJECTS_BACKEND"] == "s3"
    assert settings["ARENA_OBJECTS_S3_BUCKET"] == "arena"
    assert settings["ARENA_OBJECTS_S3_ENDPOINT"] == "https://s3.example.org:9000"
    assert settings["ARENA_OBJECTS_S3_REGION"] == "eu-central-1"
    assert settings["ARENA_OBJECTS_S3_PREFIX"] == "arena/"
    assert settings["ARENA_OBJECTS_S3_PATH_STYLE"] == "true"
    assert settings["ARENA_OBJECTS_S3_ENCRYPTION"] == "AES256"
    assert settings["AWS_SECRET_ACCESS_KEY"] == {
        "secretKeyRef": {"name": "arena-bucket", "key": "secret-key"}
    }
    ports = [
        p["port"]
        for rule in one(objects, "NetworkPolicy")["spec"]["egress"]
        for p in rule.get("ports", [])
    ]
    assert 9000 in ports


@pytest.mark.parametrize("chart", KEEPERS)
def test_a_role_of_the_pod_needs_no_secret(helm: Helm, chart: str):
    pod = pod_of(helm.render(chart, {"objects": {"claim": "x", "s3": {"bucket": "arena"}}}))

    assert not [name for name in environment(pod) if name.startswith("AWS_")]


@pytest.mark.parametrize("chart", KEEPERS)
def test_without_a_bucket_nothing_of_it_is_set(helm: Helm, chart: str):
    objects = helm.render(chart)

    settings = environment(pod_of(objects))
    assert not [name for name in settings if "S3" in name or name == "ARENA_OBJECTS_BACKEND"]
    (volume,) = [v for v in pod_of(objects)["volumes"] if v["name"] == "objects"]
    assert volume["persistentVolumeClaim"] == {"claimName": "arena-objects"}


def test_an_executor_needs_no_folder(helm: Helm, conform):
    objects = helm.render("executor", {"objects": {"claim": ""}})

    assert conform(objects) == ""
    assert "arena-objects" not in str(pod_of(objects))
    (container,) = pod_of(objects)["containers"]
    assert [m["name"] for m in container["volumeMounts"] if m["name"] == "objects"] == []
