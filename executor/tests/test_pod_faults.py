"""What a cluster does to matches in pods, and what they leave in it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from arena_executor.generated import executor_pb2 as pb
from arena_executor.pods.runners import NotStarted
from conftest import IDLE, Store, eventually, refused
from fake_cluster import Pod, container
from pod_suite import TERMINATED, Suite, at_play, is_agent, mocked, slow

# --- what happens to pods


def test_an_agent_that_used_up_its_memory_loses(patient: Suite, place: Path):
    playing, name = at_play(patient, place)
    status = container("terminated", "agent", exitCode=137, reason="OOMKilled")
    patient.cluster.set_status(name, {"phase": "Failed", "containerStatuses": [status]})
    patient.kubelet.kill(name)

    response = playing.result(60)

    assert response.status == pb.STATUS_SUCCESS, response.error_message
    assert response.agent_results[0].verdict == pb.MEMORY
    assert response.winner_agent_id == "two"


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("Pod ephemeral local storage usage exceeds the total limit", pb.DISK_LIMIT),
        ("The node was low on resource: memory.", pb.PLATFORM_FAULT),
    ],
)
def test_an_agent_that_is_put_out(patient: Suite, place: Path, message: str, verdict: int):
    playing, name = at_play(patient, place)
    patient.cluster.set_status(name, {**TERMINATED, "message": message})
    patient.kubelet.kill(name)

    response = playing.result(60)

    assert response.agent_results[0].verdict == verdict
    assert (response.status == pb.STATUS_SUCCESS) == (verdict == pb.DISK_LIMIT)


def test_a_machine_that_is_lost_is_nobodys_fault(patient: Suite, place: Path):
    playing, name = at_play(patient, place)
    lost = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
    patient.cluster.set_status(name, {"conditions": [lost]})
    patient.kubelet.kill(name)

    response = playing.result(60)

    assert response.status == pb.STATUS_ERROR
    assert {result.verdict for result in response.agent_results} == {pb.PLATFORM_FAULT}


def test_a_machine_that_falls_silent_is_nobodys_fault(
    start_suite: Callable[..., Suite], place: Path
):
    """Its connections stay, and the cluster has not found out: a slow agent looks the same."""
    suite = start_suite(MOVE_SECONDS="4", MOVE_LIMIT_SECONDS="4")
    playing, name = at_play(suite, place)
    suite.kubelet.freeze(name)

    response = playing.result(60)

    assert response.status == pb.STATUS_ERROR
    assert "does not answer any more" in response.error_message


def test_a_pod_that_is_removed_by_hand_is_nobodys_fault(patient: Suite, place: Path):
    playing, name = at_play(patient, place)
    patient.cluster.client.delete(name)

    assert playing.result(60).status == pb.STATUS_ERROR


def test_a_runner_that_is_lost_is_nobodys_fault(patient: Suite, place: Path):
    playing, _ = at_play(patient, place)
    (runner,) = [
        pod["metadata"]["name"]
        for pod in patient.cluster.pods(match=place.name)
        if pod["metadata"]["name"].startswith("runner-")
    ]
    patient.kubelet.kill(runner)

    response = playing.result(60)

    assert response.status == pb.STATUS_ERROR
    assert "the runner was lost" in response.error_message
    eventually(lambda: not patient.cluster.names("agent-"))


def test_a_caller_that_goes_takes_its_pods_along(patient: Suite, place: Path):
    request = patient.client.match(
        patient.agent(slow(place), "one"), patient.agent(IDLE, "two"), match_id="gone"
    )
    call = patient.client.stub.RunMatch.future(request, timeout=60)
    eventually((place / "asked").exists)

    call.cancel()

    eventually(lambda: not patient.cluster.pods(match="gone"))


# --- pods that do not start


def test_an_image_that_cannot_be_fetched_is_a_fault_of_ours(start_suite: Callable[..., Suite]):
    suite = start_suite(KUBERNETES_START_SECONDS="8")
    waiting = container("waiting", "agent", reason="ImagePullBackOff")
    status = {"phase": "Pending", "containerStatuses": [waiting]}
    suite.kubelet.before = lambda pod: status if is_agent(pod) else None

    response = suite.play()

    assert response.status == pb.STATUS_ERROR
    assert "image could not be fetched" in response.error_message
    eventually(lambda: not suite.cluster.names("agent-"))


def test_an_image_that_cannot_be_started_is_not_waited_for(start_suite: Callable[..., Suite]):
    suite = start_suite(KUBERNETES_START_SECONDS="3600")
    waiting = container("waiting", "agent", reason="CreateContainerConfigError")
    status = {"phase": "Pending", "containerStatuses": [waiting]}
    suite.kubelet.before = lambda pod: status if is_agent(pod) else None

    assert suite.play().status == pb.STATUS_ERROR


def test_a_cluster_without_room_is_asked_again_later(start_suite: Callable[..., Suite]):
    suite = start_suite(KUBERNETES_START_SECONDS="8")
    unschedulable = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    status = {"phase": "Pending", "conditions": [unschedulable]}
    suite.kubelet.before = lambda pod: status if is_agent(pod) else None

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "no room"):
        suite.play()
    eventually(lambda: not suite.cluster.names("agent-"))


def test_the_network_has_to_be_closed(start_suite: Callable[..., Suite], store: Store):
    suite = start_suite()
    suite.await_warm()
    suite.backend._runners.open_network = ["10.0.0.1:443"]

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "no network policy is in force"):
        suite.play()
    health = suite.client.stub.HealthCheck(pb.HealthCheckRequest())
    assert not health.healthy
    assert health.metadata["layer.network-policy"].startswith("off: ")


# --- an API server in trouble


@mocked
def test_a_quota_is_waited_out(shaken: Suite):
    api = shaken.cluster.api
    asked = api.asked("POST")
    api.quota = 1
    playing = shaken.begin()
    eventually(lambda: api.asked("POST") > asked + 3)

    api.quota = 1000

    assert playing.result(60).status == pb.STATUS_SUCCESS


@mocked
def test_a_quota_that_stays_is_no_fault(start_suite: Callable[..., Suite]):
    suite = start_suite(KUBERNETES_START_SECONDS="8")
    suite.await_warm()
    suite.cluster.api.quota = 2

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "exceeded quota"):
        suite.play()
    suite.await_warm()


@mocked
def test_a_policy_that_refuses_a_pod_is_a_fault_of_ours(shaken: Suite):
    refusal = (403, "Forbidden", "violates PodSecurity", {})
    shaken.cluster.api.fault = lambda kind, path: refusal if kind == "POST" else None

    response = shaken.play()

    assert response.status == pb.STATUS_ERROR
    assert "violates PodSecurity" in response.error_message


@mocked
@pytest.mark.parametrize(
    "fault",
    [
        (500, "InternalError", "etcd", {}),
        (503, "ServiceUnavailable", "overloaded", {}),
        (429, "TooManyRequests", "slow down", {"Retry-After": "1"}),
        (409, "Conflict", "the object has been modified", {}),
        "drop",
    ],
    ids=["500", "503", "429", "409", "hangs-up"],
)
def test_calls_that_fail_now_and_then_cost_time_alone(shaken: Suite, fault: Any):
    calls = ("POST", "PATCH", "DELETE", *(("GET",) if fault[0] != 409 else ()))
    lock, seen = threading.Lock(), Counter[tuple[str, str]]()

    def every_other(kind: str, path: str) -> Any:
        with lock:
            if kind not in calls or path.endswith("/status"):
                return None
            seen[kind, path] += 1
            return fault if seen[kind, path] % 2 else None

    shaken.cluster.api.fault = every_other

    assert shaken.play().status == pb.STATUS_SUCCESS
    shaken.cluster.api.fault = lambda kind, path: None
    eventually(lambda: not shaken.cluster.names("agent-"))


@mocked
def test_an_answer_that_is_lost_makes_no_second_pod(shaken: Suite):
    api = shaken.cluster.api
    create, lost = api.create, set()

    def losing(pod: Pod) -> Pod:
        made = create(pod)
        if is_agent(made) and made["metadata"]["name"] not in lost:
            lost.add(made["metadata"]["name"])
            raise ConnectionAbortedError
        return made

    api.create = losing

    assert shaken.play().status == pb.STATUS_SUCCESS
    assert len(lost) == 2


@mocked
def test_a_match_goes_on_while_the_api_server_is_away(
    start_suite: Callable[..., Suite], place: Path
):
    suite = start_suite()
    playing, _ = at_play(suite, place)
    suite.cluster.api.go_away()

    (place / "go").touch()

    assert playing.result(60).status == pb.STATUS_SUCCESS
    suite.cluster.api.come_back()
    eventually(lambda: not suite.cluster.names("agent-"))
    suite.await_warm()


@mocked
def test_nothing_is_sent_where_no_api_server_answers(start_suite: Callable[..., Suite]):
    suite = start_suite()
    suite.await_warm()
    suite.cluster.api.go_away()
    eventually(lambda: suite.backend._watch.trouble is not None)
    since, why = suite.backend._watch.trouble
    suite.backend._watch.trouble = (since - 60, why)

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "API server does not answer"):
        suite.play()
    assert not suite.client.stub.HealthCheck(pb.HealthCheckRequest()).healthy

    suite.cluster.api.come_back()
    eventually(lambda: suite.client.stub.HealthCheck(pb.HealthCheckRequest()).healthy)
    assert suite.play().status == pb.STATUS_SUCCESS


@mocked
def test_a_watch_that_breaks_is_taken_up_again(shaken: Suite):
    api = shaken.cluster.api
    eventually(lambda: api.watching == 1)
    watches = api.asked("WATCH")

    api.break_watches()

    eventually(lambda: api.asked("WATCH") > watches and api.watching == 1)
    assert shaken.play().status == pb.STATUS_SUCCESS


@mocked
def test_a_watch_that_is_too_old_begins_anew(shaken: Suite):
    watch, api = shaken.backend._watch, shaken.cluster.api
    eventually(lambda: api.watching == 1)
    lists = watch.lists

    api.forget_history()

    eventually(lambda: watch.lists > lists and api.watching == 1)
    assert shaken.play().status == pb.STATUS_SUCCESS


@mocked
def test_a_watch_that_hears_nothing_costs_time_alone(shaken: Suite):
    shaken.cluster.api.fault = lambda kind, path: (
        (403, "Forbidden", "no watch for you", {}) if kind == "WATCH" else None
    )
    shaken.cluster.api.break_watches()

    assert shaken.play().status == pb.STATUS_SUCCESS


# --- runners that wait, and what is left behind


def test_a_runner_waits_before_it_is_needed(suite: Suite):
    suite.await_warm()
    (waiting,) = suite.cluster.names("runner-")

    taken: list[str] = []
    follow = suite.backend._follow

    def noting(link: Any, job: Any, runner: Any, *rest: Any) -> Any:
        taken.append(runner.name)
        return follow(link, job, runner, *rest)

    suite.backend._follow = noting
    try:
        suite.play()
    finally:
        suite.backend._follow = follow

    assert taken == [waiting]
    eventually(lambda: waiting not in suite.cluster.names())


def test_none_waits_if_none_is_wanted(start_suite: Callable[..., Suite]):
    suite = start_suite(KUBERNETES_WARM_RUNNERS="0")

    assert suite.play().status == pb.STATUS_SUCCESS

    eventually(lambda: not suite.cluster.names())


def test_a_waiting_runner_that_died_is_replaced(suite: Suite):
    suite.await_warm()
    (dead,) = suite.cluster.names("runner-")

    suite.kubelet.kill(dead)

    eventually(lambda: dead not in suite.cluster.names())
    assert suite.play().status == pb.STATUS_SUCCESS


def test_what_a_dead_executor_left_is_swept_when_it_starts_again(
    start_suite: Callable[..., Suite],
):
    suite = start_suite()
    suite.await_warm()
    (runner,) = suite.cluster.names("runner-")
    # It dies without a word: as if its process were gone, nothing is removed.
    suite.backend._runners._closed.set()
    suite.backend._runners._changed.set()
    suite.backend._runners._thread.join()

    again, _ = suite.executor()

    eventually(lambda: runner not in suite.cluster.names())
    eventually(lambda: again._runners.waiting == 1)


def test_another_executors_pods_are_left_alone(start_suite: Callable[..., Suite], place: Path):
    suite = start_suite()
    playing, name = at_play(suite, place)

    other, _ = suite.executor(KUBERNETES_IDENTITY="executor-1")
    eventually(lambda: other._runners.waiting == 1)
    other._runners.sweep()

    assert name in suite.cluster.names()
    (place / "go").touch()
    assert playing.result(60).status == pb.STATUS_SUCCESS


def test_a_runner_whose_executor_is_gone_ends(suite: Suite):
    suite.await_warm()
    (runner,) = suite.cluster.names("runner-")
    process = suite.kubelet.processes[runner]

    suite.backend._runners._idle[0].link._connection.shutdown(2)

    eventually(lambda: suite.kubelet.has_ended(process))


def test_a_stopped_executor_leaves_nothing(start_suite: Callable[..., Suite], place: Path):
    suite = start_suite()
    playing, _ = at_play(suite, place)

    suite.executors.pop().stop()

    with pytest.raises(grpc.RpcError):
        playing.result(60)
    eventually(lambda: not suite.cluster.names())


def test_a_pod_that_will_never_run_says_so(suite: Suite):
    with pytest.raises(NotStarted, match="removed"):
        suite.backend._pods.await_running("none", "none", time.monotonic() + 5, lambda: False)
