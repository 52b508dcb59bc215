"""Runners' pods: some that wait for a match, with all games loaded, and those that play."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from arena import handshake, remote_link
from arena.remote_link import Link, LinkBroken
from arena_executor.pods import manifests, state
from arena_executor.pods.cluster import Cluster, ClusterError, Pod
from arena_executor.pods.settings import PodSettings
from arena_executor.pods.watch import PodWatch

_log = logging.getLogger(__name__)
_RECHECK_SECONDS = 5.0
_GLANCE_SECONDS = 0.2
_RETRY_SECONDS = 0.5
_DIAL_SECONDS = 30.0
_STALL_SECONDS = 30.0
#: For looking at a pod that has ended, before it is swept by whichever executor.
_KEPT_SECONDS = 60.0


class NoRoom(Exception):
    """The pods of a match did not all start, and nobody is to blame: ask again later."""


class NotStarted(Exception):
    """A pod will not run, however long one waits."""


class GivenUp(Exception):
    """Whoever waits does not want it any more."""


GiveUp = Callable[[], bool]
#: Where a pod is dialled: address and port.
Dial = Callable[[Pod, int], tuple[str, int]]


class Pods:
    """Makes and removes pods, and waits for them; patient with an API server that is away."""

    def __init__(self, cluster: Cluster, watch: PodWatch, dial: Dial) -> None:
        self.cluster = cluster
        self._watch = watch
        self._dial = dial

    def create(self, pod: Pod, deadline: float, given_up: GiveUp) -> Pod:
        """NoRoom if the cluster does not take it until the deadline (time.monotonic()); NotStarted
        if it never will."""
        name = pod["metadata"]["name"]
        while True:
            try:
                return self.cluster.create(pod)
            except ClusterError as error:
                if error.exists:
                    # The answer to an earlier try was lost on its way: names are drawn once.
                    with suppress(ClusterError):
                        if found := self.cluster.get(name):
                            return found
                elif not (error.passes or error.no_room or error.conflict):
                    raise NotStarted(f"The cluster refuses the pod: {error}") from None
                if time.monotonic() + error.after >= deadline:
                    raise NoRoom(f"The cluster does not take another pod: {error}") from None
                self._pause(max(error.after, _RETRY_SECONDS), given_up)

    def await_running(self, name: str, bell: str, deadline: float, given_up: GiveUp) -> Pod:
        """The pod, when it runs. NoRoom if it does not until the deadline."""
        sentence, no_image = "The cluster does not answer.", False
        ringing = self._watch.bell(bell)
        while True:
            ringing.clear()
            try:
                pod = self.cluster.get(name)
                match state.judge(pod):
                    case state.Runs():
                        assert pod is not None
                        return pod
                    case state.Lost(_, sentence):
                        raise NotStarted(sentence)
                    case state.Waits(sentence, no_image):
                        pass
            except ClusterError as error:
                if not error.passes:
                    raise NotStarted(f"The cluster does not show the pod: {error}") from None
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotStarted(sentence) if no_image else NoRoom(sentence)
            self._await(ringing, min(left, _RECHECK_SECONDS), given_up)

    def end_of(self, name: str, bell: str, deadline: float, given_up: GiveUp) -> state.Lost:
        """How a pod came to its end that does not answer any more. It may take the cluster a while
        to learn of it; what it does not know until the deadline is the platform's fault."""
        ringing = self._watch.bell(bell)
        while True:
            ringing.clear()
            try:
                if isinstance(found := state.judge(self.cluster.get(name)), state.Lost):
                    return found
            except ClusterError as error:
                _log.debug("pod %s not read: %s", name, error)
            left = deadline - time.monotonic()
            if left <= 0:
                return state.Lost("platform", "Its machine does not answer.")
            self._await(ringing, min(left, _RETRY_SECONDS), given_up)

    def address(self, pod: Pod, port: int) -> tuple[str, int]:
        return self._dial(pod, port)

    def forget(self, bell: str) -> None:
        self._watch.forget(bell)

    def remove(self, name: str) -> None:
        """Now if the API server is there, else by the next sweep."""
        try:
            self.cluster.delete(name)
        except ClusterError as error:
            _log.info("pod %s not removed; the next sweep does it: %s", name, error)

    def _await(self, ringing: threading.Event, seconds: float, given_up: GiveUp) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if given_up():
                raise GivenUp
            if ringing.wait(min(left, _GLANCE_SECONDS)):
                return

    def _pause(self, seconds: float, given_up: GiveUp) -> None:
        self._await(threading.Event(), seconds, given_up)


class Runner:
    """A runner's pod; link is None until it has been dialled."""

    def __init__(self, pod: Pod, key: str) -> None:
        self.name: str = pod["metadata"]["name"]
        self.uid: str = pod["metadata"]["uid"]
        self.key = key
        self.link: Link | None = None
        self.made_at = time.monotonic()

    def sound(self) -> bool:
        """Whether it waits for a match: one that has hung up has something to be read."""
        return self.link is not None and not self.link.wait(0)

    def close(self) -> None:
        if self.link is not None:
            self.link.close()


class Runners:
    """Keeps as many runners waiting as the settings ask for, and sweeps what others left behind.

    open_network is what a runner's pod has reached although no policy allows it, None until one has
    told. Thread-safe; close() ends those that wait.
    """

    def __init__(self, pods: Pods, settings: PodSettings) -> None:
        self._pods = pods
        self._settings = settings
        self._idle: list[Runner] = []
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._changed = threading.Event()
        self.open_network: list[str] | None = None
        self._thread = threading.Thread(target=self._tend, name="runners", daemon=True)
        self._thread.start()

    def take(self, play: manifests.Play, deadline: float, given_up: GiveUp) -> Runner:
        """A runner for this play: one that waits, else a new one, which is not dialled yet."""
        while runner := self._pop():
            if runner.sound():
                try:
                    self._pods.cluster.label(runner.name, play.labels())
                    return runner
                except ClusterError as error:
                    if error.passes or error.conflict:
                        # The labels are for people to read; the match is not held up for them.
                        _log.info("pod %s not labelled: %s", runner.name, error)
                        return runner
            self.discard(runner)
        return self._make(deadline, given_up, play)

    def connect(self, runner: Runner, bell: str, deadline: float, given_up: GiveUp) -> Link:
        """The link to a runner, which it is waited for unless it has one."""
        if runner.link is None:
            pod = self._pods.await_running(runner.name, bell, deadline, given_up)
            address = self._pods.address(pod, remote_link.PORT)
            runner.link = self._dial(address, runner.key, given_up)
        return runner.link

    def discard(self, runner: Runner) -> None:
        """Hangs up, removes the pod and, by way of the cluster, those that it owns."""
        runner.close()
        self._pods.remove(runner.name)
        self.forget(runner.name)

    def known(self, name: str) -> None:
        """This pod is in use until forget(): no sweep takes it."""
        with self._lock:
            self._known.add(name)

    def forget(self, name: str) -> None:
        with self._lock:
            self._known.discard(name)

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._idle)

    def close(self) -> None:
        self._closed.set()
        self._changed.set()
        self._thread.join(5)
        while runner := self._pop():
            self.discard(runner)

    def _pop(self) -> Runner | None:
        with self._lock:
            self._changed.set()
            return self._idle.pop() if self._idle else None

    def _make(
        self, deadline: float, given_up: GiveUp, play: manifests.Play | None = None
    ) -> Runner:
        name, key = f"runner-{secrets.token_hex(8)}", secrets.token_hex(handshake.KEY_BYTES)
        pod = manifests.runner_pod(self._settings, name, key)
        if play is not None:
            pod["metadata"]["labels"].update(play.labels())
        # Known before it is there, or a sweep might take it for a stranger.
        self.known(name)
        try:
            return Runner(self._pods.create(pod, deadline, given_up), key)
        except BaseException:
            self._pods.remove(name)
            self.forget(name)
            raise

    def _dial(self, address: tuple[str, int], key: str, given_up: GiveUp) -> Link:
        """A runner listens once it has imported all games, some seconds after its start."""
        give_up = time.monotonic() + _DIAL_SECONDS
        while True:
            try:
                connection = handshake.dial(address, bytes.fromhex(key), remote_link.STREAM, 5.0)
                # For the rest of what has begun to come; that something comes is polled for.
                connection.settimeout(_STALL_SECONDS)
                link = Link(connection)
                try:
                    match link.receive():
                        case ["ready", list(reached)]:
                            self.open_network = [str(one) for one in reached]
                            return link
                        case other:
                            raise NotStarted(f"The runner says {other[0]!r}.")
                except BaseException:
                    link.close()
                    raise
            except (OSError, handshake.Refused, LinkBroken) as error:
                if time.monotonic() > give_up:
                    raise NoRoom(f"The runner cannot be reached: {error}") from None
            if given_up():
                raise GivenUp
            threading.Event().wait(_GLANCE_SECONDS)

    # --- what is done beside the matches

    def _tend(self) -> None:
        swept_at = 0.0
        while not self._closed.is_set():
            self._changed.clear()
            try:
                if swept_at == 0.0 or time.monotonic() - swept_at > self._settings.sweep_seconds:
                    self.sweep()
                    swept_at = time.monotonic()
                self._drop_old()
                while self._wanting() and not self._closed.is_set():
                    self._add()
            except (ClusterError, NoRoom, NotStarted) as error:
                _log.warning("No runner is kept waiting for the moment: %s", error)
                self._closed.wait(_RECHECK_SECONDS)
            except GivenUp:
                return
            except Exception:
                _log.exception("Runners are not looked after for the moment")
                self._closed.wait(_RECHECK_SECONDS)
            self._changed.wait(min(_RECHECK_SECONDS, self._settings.sweep_seconds))

    def _wanting(self) -> bool:
        """One is made at start in any case: it tells whether policies hold."""
        return self.waiting < self._settings.warm_runners or self.open_network is None

    def _add(self) -> None:
        deadline = time.monotonic() + self._settings.start_seconds
        runner = self._make(deadline, self._closed.is_set)
        try:
            self.connect(runner, runner.name, deadline, self._closed.is_set)
        except BaseException:
            self.discard(runner)
            raise
        finally:
            self._pods.forget(runner.name)
        with self._lock:
            if len(self._idle) < self._settings.warm_runners and not self._closed.is_set():
                self._idle.append(runner)
                return
        self.discard(runner)

    def _drop_old(self) -> None:
        now = time.monotonic()
        with self._lock:
            old = [
                runner
                for runner in self._idle
                if now - runner.made_at > self._settings.warm_seconds or not runner.sound()
            ]
            self._idle = [runner for runner in self._idle if runner not in old]
        for runner in old:
            self.discard(runner)

    def sweep(self) -> None:
        """Removes pods that nobody needs: this executor's own that it does not know, being those of
        one that died in its place; and anybody's that have ended or are past all use. Runners of an
        executor that died elsewhere end by themselves when it hangs up."""
        # Listed first: a pod that appears later may belong to a match that is not known yet.
        pods, _ = self._pods.cluster.list(manifests.selector(self._settings))
        with self._lock:
            known = set(self._known)
        own = manifests.label_value(self._settings.identity)
        now = datetime.now(UTC)
        for pod in pods:
            metadata = pod["metadata"]
            if metadata["name"] in known or metadata.get("deletionTimestamp"):
                continue
            mine = metadata.get("labels", {}).get(manifests.EXECUTOR_LABEL) == own
            if mine or self._is_over(pod, now):
                _log.info("Removing pod %s that no match needs", metadata["name"])
                self._pods.remove(metadata["name"])

    def _is_over(self, pod: Pod, now: datetime) -> bool:
        created = pod["metadata"]["creationTimestamp"]
        ended = state.ended_at(pod)
        if ended is not None and _age(ended or created, now) > _KEPT_SECONDS:
            return True
        return _age(created, now) > manifests.longest_life(self._settings) + _KEPT_SECONDS


def _age(time_text: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(time_text)).total_seconds()
