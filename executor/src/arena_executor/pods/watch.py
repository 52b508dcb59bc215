"""Wakes whoever waits for pods when one of them has changed."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Mapping

from arena_executor.pods.cluster import Cluster, ClusterError
from arena_executor.pods.manifests import PLAY_LABEL

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0


class PodWatch:
    """A thread that watches all pods with these labels, for as long as it takes.

    It tells that something has changed, not what: whoever is woken reads the pod for itself, and
    looks from time to time without being woken. So a watch that breaks, is told that it is too old
    or hears nothing costs time and nothing else.
    """

    def __init__(self, cluster: Cluster, labels: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._labels = labels
        self._bells: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        #: Since when (time.monotonic()) the API server has not answered, and what it says; None
        #: while it does.
        self.trouble: tuple[float, str] | None = (time.monotonic(), "it was not asked yet")
        #: How often it had to list anew, as after a watch that broke.
        self.lists = 0
        threading.Thread(target=self._run, name="pod-watch", daemon=True).start()

    def bell(self, key: str) -> threading.Event:
        """Set whenever a pod of this play, or of this name, has changed. To be forgotten after."""
        with self._lock:
            return self._bells.setdefault(key, threading.Event())

    def forget(self, key: str) -> None:
        with self._lock:
            self._bells.pop(key, None)

    def close(self) -> None:
        """It ends with its next word from the server; nobody is woken any more."""
        self._closed.set()

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closed.is_set():
            try:
                _, version = self._cluster.list(self._labels)
                self.trouble = None
                self.lists += 1
                self._ring_all()
                self._follow(version)
                pause = _FIRST_PAUSE
            except ClusterError as error:
                if error.expired:
                    continue
                if self.trouble is None:
                    self.trouble = (time.monotonic(), str(error))
                    _log.info("The pods are not watched for the moment: %s", error)
                # Many executors lose an API server together; they should not come back so.
                self._closed.wait(max(error.after, pause * random.uniform(0.5, 1.5)))
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception:
                _log.exception("The pods are not watched for the moment")
                self._closed.wait(_LONGEST_PAUSE)

    def _follow(self, version: str) -> None:
        """Watches on from version, over as many watches as the server ends in good order."""
        while not self._closed.is_set():
            for kind, pod in self._cluster.watch(self._labels, version):
                version = pod["metadata"]["resourceVersion"]
                if self._closed.is_set():
                    return
                if kind != "BOOKMARK":
                    metadata = pod["metadata"]
                    self._ring(metadata.get("labels", {}).get(PLAY_LABEL, ""))
                    self._ring(metadata["name"])

    def _ring(self, key: str) -> None:
        with self._lock:
            if bell := self._bells.get(key):
                bell.set()

    def _ring_all(self) -> None:
        with self._lock:
            for bell in self._bells.values():
                bell.set()
