"""What a cluster says of a pod at one moment, and what that means: no clock, no client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Pod = dict[str, Any]

#: What no patience helps against.
_HOPELESS = {
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}
_PULL_FAILED = {"ErrImagePull", "ImagePullBackOff"}
#: How the kubelet tells that a pod was put out for what it used itself, not for others' sake.
_OWN_DISK = re.compile(
    "EmptyDir volume|local ephemeral storage limit|ephemeral local storage usage exceeds"
)
_KILLED = 137


@dataclass(frozen=True)
class Runs:
    """It can be dialled at address."""

    address: str


@dataclass(frozen=True)
class Waits:
    """It may yet run. no_image: for an image that could not be fetched so far."""

    sentence: str
    no_image: bool = False


@dataclass(frozen=True)
class Lost:
    """It will not run, or not any more. kind is the agent's doing, "memory", "disk" or "crash", or
    "platform"."""

    kind: str
    sentence: str


def judge(pod: Pod | None) -> Runs | Waits | Lost:
    """What a pod is good for."""
    if pod is None:
        return Lost("platform", "The pod was removed.")
    status = pod.get("status") or {}
    phase = status.get("phase", "Pending")
    removed = Lost("platform", "The pod was removed.")
    being_removed = bool(pod["metadata"].get("deletionTimestamp"))
    ended = _ended(status)
    if ended or phase in ("Failed", "Succeeded", "Unknown"):
        lost = _lost(status, ended)
        # What it used up it has used up, whoever removes it then; an end may come of the removal.
        return removed if being_removed and lost.kind == "crash" else lost
    if being_removed:
        return removed
    if _is(status, "DisruptionTarget"):
        return Lost("platform", "The pod had to make room, or its machine was lost.")
    waiting = _waiting(status)
    if waiting in _HOPELESS:
        return Lost("platform", f"The cluster cannot start the container: {waiting}.")
    if phase == "Running" and status.get("podIP") and _is_running(status):
        return Runs(status["podIP"])
    if waiting in _PULL_FAILED:
        return Waits("The image could not be fetched.", no_image=True)
    if _is(status, "PodScheduled", "False"):
        return Waits("The cluster has no room for another pod.")
    return Waits("The pod did not start in time.")


def _lost(status: dict[str, Any], ended: dict[str, Any]) -> Lost:
    reason, message = status.get("reason") or "", status.get("message") or ""
    if reason == "Evicted" and _OWN_DISK.search(message):
        return Lost("disk", "It was put out for the disk it used.")
    # A machine that is short of memory puts out whole pods.
    if reason != "Evicted" and ended.get("reason") == "OOMKilled":
        return Lost("memory", "It used more memory than it may.")
    if reason or _is(status, "DisruptionTarget") or status.get("phase") == "Unknown":
        return Lost("platform", f"The pod was put out, or its machine was lost: {reason}.")
    if not ended:
        return Lost("platform", "The pod has ended and nobody knows why.")
    code = ended.get("exitCode")
    if code == _KILLED or ended.get("reason") in ("ContainerStatusUnknown", "StartError"):
        # From inside nobody can kill the first process.
        return Lost("platform", f"The container was killed from outside: {ended.get('reason')}.")
    return Lost("crash", f"The container ended with exit status {code}.")


def ended_at(pod: Pod) -> str | None:
    """When the pod ended, as the cluster writes times; "" if it did and nobody knows when."""
    status = pod.get("status") or {}
    if status.get("phase") not in ("Failed", "Succeeded"):
        return None
    return str(_ended(status).get("finishedAt") or "")


def _states(status: dict[str, Any]) -> list[dict[str, Any]]:
    return [one.get("state") or {} for one in status.get("containerStatuses") or []]


def _ended(status: dict[str, Any]) -> dict[str, Any]:
    return next((one["terminated"] for one in _states(status) if one.get("terminated")), {})


def _waiting(status: dict[str, Any]) -> str:
    found = [one["waiting"].get("reason") for one in _states(status) if one.get("waiting")]
    return str(found[0]) if found and found[0] else ""


def _is_running(status: dict[str, Any]) -> bool:
    states = _states(status)
    return bool(states) and all(one.get("running") is not None for one in states)


def _is(status: dict[str, Any], kind: str, value: str = "True") -> bool:
    conditions = status.get("conditions") or []
    return any(one.get("type") == kind and one.get("status") == value for one in conditions)
