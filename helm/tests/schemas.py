"""JSON schemas of Kubernetes' own resources, from the API description of a release.

kubeconform would fetch them from a server of its own; here they come as a Go module, like it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

KUBERNETES = "k8s.io/kubernetes@v1.34.1"
# What clusters may have besides: the module and the file of its definition.
EXTENSIONS = (
    (
        "sigs.k8s.io/gateway-api@v1.3.0",
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    ),
    (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
    ("github.com/kedacore/keda/v2@v2.17.2", "config/crd/bases/keda.sh_scaledobjects.yaml"),
)
#: Where kubeconform finds a resource's schema below the folder that write() fills.
LOCATION = "{{.Group}}_{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"

_DEFINITION = "#/definitions/"
# In the description both are strings; the server takes numbers as well.
_OR_NUMBER = {"oneOf": [{"type": "string"}, {"type": "number"}]}
_LENIENT = (
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
)


def write(folder: Path) -> None:
    """One file for each kind; unknown fields are refused."""
    folder.mkdir(parents=True)
    described = json.loads((_module(KUBERNETES) / "api/openapi-spec/swagger.json").read_bytes())
    definitions = {name: _strict(one) for name, one in described["definitions"].items()}
    definitions |= dict.fromkeys(_LENIENT, _OR_NUMBER)
    references = {name: _references(one) for name, one in definitions.items()}
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            schema = {
                "$ref": _DEFINITION + name,
                "definitions": {n: definitions[n] for n in _reachable(name, references)},
            }
            _save(folder, kind["group"], kind["kind"], kind["version"], schema)
    for module, file in EXTENSIONS:
        spec = yaml.safe_load((_module(module) / file).read_text())["spec"]
        for version in spec["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            _save(folder, spec["group"], spec["names"]["kind"], version["name"], schema)


def _save(folder: Path, group: str, kind: str, version: str, schema: dict[str, Any]) -> None:
    # kubeconform takes the version for the group where there is none.
    (folder / f"{group or version}_{kind.lower()}_{version}.json").write_text(json.dumps(schema))


def _module(module: str) -> Path:
    done = subprocess.run(
        ["go", "mod", "download", "-json", module], capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"])


def _strict(schema: Any) -> Any:
    """Without room for fields that are not named."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    if strict.get("x-kubernetes-int-or-string"):
        return _OR_NUMBER
    open_ended = strict.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(strict.get("properties"), dict) and not open_ended:
        strict.setdefault("additionalProperties", False)
    return strict


def _reachable(start: str, references: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references[name]
    return found


def _references(definition: Any) -> list[str]:
    return [piece.split('"')[0] for piece in json.dumps(definition).split(_DEFINITION)[1:]]
