"""Charts, rendered from a copy, so that fetched dependencies do not end up in the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas

CHARTS = Path(__file__).resolve().parents[1]
#: Parts of the suite: a chart each.
PARTS = sorted(
    path.parent.name
    for path in CHARTS.glob("*/Chart.yaml")
    if path.parent.name not in ("arena", "kafka", "monitoring", "service")
)
#: Values with which every chart is rendered; those a chart does not know are left out.
EVERYTHING = {
    "replicas": 3,
    "autoscaling": {"enabled": True},
    "monitoring": {"serviceMonitor": True},
    "networkPolicy": {"enabled": True, "monitoringNamespace": "monitoring"},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "arena.example.org",
        "tlsSecret": "arena-certificate",
        "annotations": {"nginx.ingress.kubernetes.io/proxy-read-timeout": "3600"},
    },
    "httpRoute": {"enabled": True, "gateway": "edge", "hostname": "arena.example.org"},
}
WITH_KEDA = {"autoscaling": {"enabled": True, "keda": True}}

Objects = list[dict[str, Any]]


class Helm:
    """Runs helm on the copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._helm = os.environ.get("HELM", "helm")

    def run(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._helm, *arguments], cwd=self.folder, input=text, capture_output=True, text=True
        )

    def render(self, chart: str, values: dict[str, Any] | None = None) -> Objects:
        """The objects of a chart, installed as `arena`."""
        done = self.run(
            *("template", "arena", chart, "--namespace", "arena", "--values", "-"),
            text=yaml.safe_dump(known(self.folder / chart, values or {})),
        )
        assert done.returncode == 0, done.stderr
        return [one for one in yaml.safe_load_all(done.stdout) if one]


def known(chart: Path, values: dict[str, Any]) -> dict[str, Any]:
    own = yaml.safe_load((chart / "values.yaml").read_text()) or {}
    return {name: value for name, value in values.items() if name in own or name == "global"}


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    folder = tmp_path_factory.mktemp("charts") / "helm"
    # Links are followed: the chart of the topics holds the contract.
    shutil.copytree(CHARTS, folder, ignore=shutil.ignore_patterns("tests"))
    helm = Helm(folder)
    for chart in [*PARTS, "arena"]:
        done = helm.run("dependency", "build", chart)
        assert done.returncode == 0, done.stderr
    return helm


@pytest.fixture(scope="session")
def conform(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Objects], str]:
    """What is wrong with objects, by the schemas of the API; empty if nothing is."""
    folder = tmp_path_factory.mktemp("schemas") / "all"
    schemas.write(folder)

    def check(objects: Objects) -> str:
        done = subprocess.run(
            [
                *(os.environ["KUBECONFORM"], "-summary", "-schema-location"),
                *(str(folder / schemas.LOCATION), "-skip", "KafkaTopic,KafkaUser", "-"),
            ],
            input=yaml.safe_dump_all(objects),
            capture_output=True,
            text=True,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    return check
