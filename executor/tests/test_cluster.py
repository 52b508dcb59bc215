"""The client of the API server, against a small one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from arena_executor.pods.cluster import Cluster, ClusterError
from fake_cluster import ApiServer

LABELS = {"app.kubernetes.io/managed-by": "executor"}


def pod(name: str) -> dict:
    return {"metadata": {"name": name, "labels": dict(LABELS)}, "spec": {}}


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer("matches")
    yield api
    api.go_away()


@pytest.fixture
def cluster(api: ApiServer) -> Cluster:
    return Cluster(api.url, "matches", lambda: "secret")


def test_a_pod_is_made_read_labelled_listed_and_removed(cluster: Cluster):
    made = cluster.create(pod("one"))
    cluster.label("one", {"rl-arena.org/match": "m"})

    found = cluster.get("one")
    assert found is not None
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
    assert found["metadata"]["labels"] == {**LABELS, "rl-arena.org/match": "m"}
    assert [p["metadata"]["name"] for p in cluster.list({"rl-arena.org/match": "m"})[0]] == ["one"]
    assert cluster.list({"rl-arena.org/match": "other"})[0] == []
    cluster.delete("one")
    cluster.delete("one")
    assert cluster.get("one") is None


def test_a_watch_tells_what_has_changed_since(cluster: Cluster):
    cluster.create(pod("before"))
    _, version = cluster.list(LABELS)
    cluster.create(pod("one"))
    cluster.delete("one")

    events = cluster.watch(LABELS, version)

    assert [(kind, p["metadata"]["name"]) for kind, p in (next(events), next(events))] == [
        *(("ADDED", "one"), ("DELETED", "one"))
    ]
    assert next(events)[0] == "BOOKMARK"
    events.close()


def test_a_watch_from_too_long_ago_says_so(api: ApiServer, cluster: Cluster):
    _, version = cluster.list(LABELS)
    api.forget_history()

    with pytest.raises(ClusterError) as caught:
        next(cluster.watch(LABELS, version))
    assert caught.value.expired


def test_a_watch_that_breaks_ends(api: ApiServer, cluster: Cluster):
    _, version = cluster.list(LABELS)
    events = cluster.watch(LABELS, version)
    assert next(events)[0] == "BOOKMARK"
    breaking = threading.Thread(target=api.break_watches)
    breaking.start()

    # In good order or not: it ends.
    with suppress(ClusterError):
        assert all(kind == "BOOKMARK" for kind, _ in events)
    breaking.join()


@pytest.mark.parametrize(
    ("code", "reason", "message", "kind"),
    [
        (403, "Forbidden", 'pods "a" is forbidden: exceeded quota: q', "no_room"),
        (404, "NotFound", "", "gone"),
        (409, "AlreadyExists", "", "exists"),
        (409, "Conflict", "", "conflict"),
        (410, "Expired", "", "expired"),
        (429, "TooManyRequests", "", "passes"),
        (500, "InternalError", "", "passes"),
        (503, "", "", "passes"),
        (504, "Timeout", "", "passes"),
        (401, "Unauthorized", "", None),
        (403, "Forbidden", "violates PodSecurity", None),
        (422, "Invalid", "", None),
    ],
)
def test_an_error_is_of_one_kind(
    api: ApiServer, cluster: Cluster, code: int, reason: str, message: str, kind: str | None
):
    api.fault = lambda method, path: (code, reason, message, {})

    with pytest.raises(ClusterError) as caught:
        cluster.create(pod("a"))

    kinds = ("no_room", "gone", "exists", "conflict", "expired", "passes")
    assert [name for name in kinds if getattr(caught.value, name)] == ([kind] if kind else [])


def test_how_long_the_server_wants_to_be_left_alone(api: ApiServer, cluster: Cluster):
    api.fault = lambda method, path: (429, "TooManyRequests", "", {"Retry-After": "7"})

    with pytest.raises(ClusterError) as caught:
        cluster.list(LABELS)
    assert caught.value.after == 7


def test_nobody_there_is_an_error_that_passes(api: ApiServer, cluster: Cluster):
    api.fault = lambda method, path: "drop"
    with pytest.raises(ClusterError) as hung_up:
        cluster.list(LABELS)
    assert hung_up.value.passes


def test_the_token_is_read_anew_for_every_call(api: ApiServer):
    tokens = iter(["secret", "secret", "other"])
    asked: list[str] = []

    def token() -> str:
        asked.append(next(tokens))
        return asked[-1]

    cluster = Cluster(api.url, "matches", token)
    cluster.list(LABELS)
    cluster.get("none")
    assert asked == ["secret", "secret"]


def test_outside_of_a_cluster_there_is_none():
    with pytest.raises(OSError, match="KUBERNETES_SERVICE_HOST"):
        Cluster.from_within({}, None)
