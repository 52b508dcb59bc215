"""What a cluster says of a pod, and what is made of it."""

from __future__ import annotations

from typing import Any

import pytest

from arena_executor.pods.state import Lost, Runs, Waits, ended_at, judge
from fake_cluster import container

RUNNING = container("running", "agent")
PULLING = container("waiting", "agent", reason="ImagePullBackOff")
HOPELESS = container("waiting", "agent", reason="InvalidImageName")


def ended(code: int, reason: str = "Error") -> dict[str, Any]:
    return container("terminated", "agent", exitCode=code, reason=reason, finishedAt="2026-01-01Z")


def condition(kind: str, status: str = "True") -> dict[str, Any]:
    return {"type": kind, "status": status}


def pod(removed: bool = False, **status: Any) -> dict[str, Any]:
    metadata = {"name": "a"} | ({"deletionTimestamp": "2026-01-01Z"} if removed else {})
    return {"metadata": metadata, "status": status}


DISK = "Pod ephemeral local storage usage exceeds the total limit of containers 64Mi."
CASES = {
    "new": (pod(), Waits),
    "without a status": ({"metadata": {"name": "a"}}, Waits),
    "no room": (pod(phase="Pending", conditions=[condition("PodScheduled", "False")]), Waits),
    "no image yet": (pod(phase="Pending", containerStatuses=[PULLING]), Waits),
    "never an image": (pod(phase="Pending", containerStatuses=[HOPELESS]), "platform"),
    "no address yet": (pod(phase="Running", containerStatuses=[RUNNING]), Waits),
    "runs": (pod(phase="Running", podIP="10.0.0.1", containerStatuses=[RUNNING]), Runs),
    "removed": (None, "platform"),
    "being removed": (
        pod(removed=True, phase="Running", podIP="10.0.0.1", containerStatuses=[RUNNING]),
        "platform",
    ),
    "its machine is lost": (
        pod(phase="Running", podIP="10.0.0.1", conditions=[condition("DisruptionTarget")]),
        "platform",
    ),
    "unknown": (pod(phase="Unknown", reason="NodeLost"), "platform"),
    "too long": (pod(phase="Failed", reason="DeadlineExceeded"), "platform"),
    "memory": (pod(phase="Failed", containerStatuses=[ended(137, "OOMKilled")]), "memory"),
    "memory, then removed": (
        pod(removed=True, phase="Running", containerStatuses=[ended(137, "OOMKilled")]),
        "memory",
    ),
    "ended, being removed": (
        pod(removed=True, phase="Running", containerStatuses=[ended(143)]),
        "platform",
    ),
    "memory of the machine": (
        pod(
            phase="Failed",
            reason="Evicted",
            message="The node was low on resource: memory.",
            containerStatuses=[ended(137, "OOMKilled")],
        ),
        "platform",
    ),
    "its own disk": (pod(phase="Failed", reason="Evicted", message=DISK), "disk"),
    "killed": (pod(phase="Failed", containerStatuses=[ended(137)]), "platform"),
    "not started": (pod(phase="Failed", containerStatuses=[ended(128, "StartError")]), "platform"),
    "ended": (pod(phase="Failed", containerStatuses=[ended(1)]), "crash"),
    "ended in good order": (
        pod(phase="Succeeded", containerStatuses=[ended(0, "Completed")]),
        "crash",
    ),
    "ended, nobody knows why": (pod(phase="Failed"), "platform"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_pod_is_judged(name: str):
    said, expected = CASES[name]

    judged = judge(said)

    if isinstance(expected, str):
        assert isinstance(judged, Lost)
        assert judged.kind == expected
        assert judged.sentence.endswith(".")
    else:
        assert isinstance(judged, expected)


def test_an_image_that_is_missing_is_told_from_a_lack_of_room():
    assert judge(CASES["no image yet"][0]).no_image
    assert not judge(CASES["no room"][0]).no_image


def test_when_it_ended():
    assert ended_at(pod(phase="Running")) is None
    assert ended_at(pod(phase="Failed")) == ""
    assert ended_at(CASES["ended"][0]) == "2026-01-01Z"
