"""The pods of matches: the same arguments give the same pod. No clock, no client.

Runners and agents are told apart by their labels alone, and so do the network policies: agents are
reached by runners, runners by executors, and nobody else by anybody.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from arena import remote_link, seat
from arena_executor.pods.settings import PodSettings

Pod = dict[str, Any]

RUNNER, AGENT = "runner", "agent"
NAME_LABEL = "app.kubernetes.io/name"
INSTANCE_LABEL = "app.kubernetes.io/instance"
EXECUTOR_LABEL = "rl-arena.org/executor"
#: One try to play a match: joins its pods.
PLAY_LABEL = "rl-arena.org/play"
MATCH_LABEL = "rl-arena.org/match"
ATTEMPT_LABEL = "rl-arena.org/attempt"
SEAT_LABEL = "rl-arena.org/seat"
AGENT_LABEL = "rl-arena.org/agent"

_RUNNER_USER = 10001
_AGENT_USER = 10001
_TMP = "/tmp"  # noqa: S108  (in the pod, where it is its own)
# Beyond what distributions, runtimes and user namespaces hand out.
_FIRST_USER, _USERS = 1_000_000_000, 1_000_000_000
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
# What the first process of an agent's pod needs beside the agent.
_KEEPER_MIB = 32
# The end of a match, its results and the farewell.
_SLACK_SECONDS = 120


@dataclass(frozen=True)
class Play:
    """One try to play a match."""

    id: str
    match_id: str
    attempt_id: str

    def labels(self) -> dict[str, str]:
        return {
            PLAY_LABEL: self.id,
            MATCH_LABEL: label_value(self.match_id),
            ATTEMPT_LABEL: label_value(self.attempt_id),
        }


def label_value(text: str) -> str:
    """text where it may be a label's value, else its digest; nothing for nothing."""
    if not text or _LABEL_VALUE.fullmatch(text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def selector(settings: PodSettings) -> dict[str, str]:
    """What all pods of matches of this suite carry."""
    return {
        INSTANCE_LABEL: settings.instance,
        "app.kubernetes.io/managed-by": "executor",
        "app.kubernetes.io/part-of": "rl-arena",
    }


def longest_life(settings: PodSettings) -> float:
    """Seconds after which no pod of a match can be of use."""
    return settings.warm_seconds + _agent_life(settings)


def runner_pod(settings: PodSettings, name: str, key: str) -> Pod:
    """A runner that waits for its executor; key in hexadecimal."""
    container = {
        "name": RUNNER,
        "image": settings.runner_image,
        "command": ["/opt/executor/venv/bin/python", "-m", "arena.remote_runner"],
        "env": [
            {"name": remote_link.KEY_VARIABLE, "value": key},
            {"name": "HOME", "value": _TMP},
        ],
        "ports": [{"name": "jobs", "containerPort": remote_link.PORT}],
        "resources": _resources(settings.runner_cpu, settings.runner_memory_mib, settings.disk_mib),
        "securityContext": _restricted(),
        "volumeMounts": [{"name": "tmp", "mountPath": _TMP}],
    }
    spec = _pod_spec(settings, container, int(longest_life(settings)), _RUNNER_USER)
    return _pod(settings, name, RUNNER, {}, spec)


def agent_pod(
    settings: PodSettings,
    play: Play,
    number: int,
    agent_id: str,
    image: str,
    key: str,
    owner: tuple[str, str],
) -> Pod:
    """The pod of seat number; owner is name and uid of the runner, with which it goes."""
    name = f"agent-{play.id}-{number}"
    container = {
        "name": AGENT,
        "image": image,
        "command": [
            *("/opt/agent/venv/bin/python", "-I", "-u", "/opt/arena/harness/seat.py"),
            *("/app", "/opt/agent/packages"),
        ],
        "env": [{"name": seat.KEY_VARIABLE, "value": key}],
        "ports": [{"name": "moves", "containerPort": seat.PORT}],
        "resources": _resources(
            settings.agent_cpu,
            (settings.limits.memory_bytes >> 20) + _KEEPER_MIB,
            settings.disk_mib,
        ),
        "securityContext": _restricted(),
        "volumeMounts": [{"name": "tmp", "mountPath": _TMP}],
    }
    # The kernel counts processes by user over the whole machine: in a user namespace of its own
    # each pod is alone, elsewhere it gets a user that no other pod has.
    user = _AGENT_USER if settings.user_namespace else _own_user(name)
    spec = _pod_spec(settings, container, int(_agent_life(settings)), user)
    if settings.runtime_class:
        spec["runtimeClassName"] = settings.runtime_class
    labels = {
        **play.labels(),
        SEAT_LABEL: str(number),
        AGENT_LABEL: label_value(agent_id),
    }
    pod = _pod(settings, name, AGENT, labels, spec)
    pod["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Pod", "name": owner[0], "uid": owner[1]}
    ]
    return pod


def _agent_life(settings: PodSettings) -> float:
    return settings.start_seconds + settings.match_seconds + _SLACK_SECONDS


def _own_user(name: str) -> int:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return _FIRST_USER + number % _USERS


def _pod(
    settings: PodSettings, name: str, kind: str, labels: dict[str, str], spec: dict[str, Any]
) -> Pod:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {
                NAME_LABEL: f"match-{kind}",
                **selector(settings),
                EXECUTOR_LABEL: label_value(settings.identity),
                **labels,
            },
        },
        "spec": spec,
    }


def _pod_spec(
    settings: PodSettings, container: dict[str, Any], deadline: int, user: int
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": deadline,
        "terminationGracePeriodSeconds": 1,
        "serviceAccountName": settings.service_account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # No name is looked up here: everybody is dialled by address, or dialled.
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": ["127.0.0.1"]},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            # Memory: full is full at once, and counts as the container's.
            {
                "name": "tmp",
                "emptyDir": {
                    "medium": "Memory",
                    "sizeLimit": f"{settings.limits.tmp_bytes >> 20}Mi",
                },
            }
        ],
    }
    if settings.user_namespace:
        spec["hostUsers"] = False
    if settings.node_selector:
        spec["nodeSelector"] = dict(sorted(settings.node_selector.items()))
    if settings.pull_secret:
        spec["imagePullSecrets"] = [{"name": settings.pull_secret}]
    return spec


def _resources(cpu: str, memory_mib: int, disk_mib: int) -> dict[str, Any]:
    """Asked for and allowed alike, so that a neighbour takes nothing away."""
    amounts = {"cpu": cpu, "memory": f"{memory_mib}Mi", "ephemeral-storage": f"{disk_mib}Mi"}
    return {"requests": amounts, "limits": dict(amounts)}


def _restricted() -> dict[str, Any]:
    return {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
