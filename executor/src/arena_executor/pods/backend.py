"""Plays matches in pods."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from arena import handshake, seat
from arena.playing import MatchCancelled, Played, RunnerFailed, RunnerOverran
from arena.remote_link import Link, LinkBroken, RemoteJob
from arena.remote_sandbox import RemoteSeat
from arena_executor.backends import Busy, CodeRefused, Game, Source
from arena_executor.pods import manifests, state
from arena_executor.pods.cluster import Cluster, Pod
from arena_executor.pods.runners import Dial, GivenUp, NoRoom, NotStarted, Pods, Runner, Runners
from arena_executor.pods.settings import PodSettings
from arena_executor.pods.signatures import Signatures
from arena_executor.pods.watch import PodWatch

_log = logging.getLogger(__name__)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_SLACK_SECONDS = 30.0
_GLANCE_SECONDS = 0.2
#: A machine is declared dead after 40 s, as clusters are set up; a pod on it is put out later.
_FINDING_OUT_SECONDS = 60.0
#: An API server that is away for less is nobody's concern.
_TROUBLE_SECONDS = 15.0
_MOST_RESULT_BYTES = 256 << 20
_FILES = ("result.json", "replay.json", "replay.html")


class PodBackend:
    """Thread-safe; every call may run beside others. SettingProblem if it could never play."""

    launcher = "pods"

    def __init__(self, cluster: Cluster, settings: PodSettings, dial: Dial | None = None) -> None:
        self._settings = settings
        self._signatures = Signatures(settings.cosign) if settings.cosign else None
        self._watch = PodWatch(cluster, manifests.selector(settings))
        self._pods = Pods(cluster, self._watch, dial or _pod_address)
        self._runners = Runners(self._pods, settings)
        self._cleaning = ThreadPoolExecutor(4, thread_name_prefix="cleaning")

    @property
    def layers(self) -> Mapping[str, str]:
        settings = self._settings
        reached = self._runners.open_network
        policies = f"off: {_policies_remedy(reached)}" if reached else "on"
        return {
            "own-pod": "on",
            "network-policy": "off: not known yet" if reached is None else policies,
            "user-namespace": "on" if settings.user_namespace else "off: user namespaces for pods",
            "signed-images": "on" if self._signatures else "off: cosign, and keys to verify with",
            "runtime-class": "on" if settings.runtime_class else "off: a RuntimeClass as gVisor's",
        }

    @property
    def problem(self) -> str | None:
        """Why no match should be sent here for the moment."""
        trouble = self._watch.trouble
        if trouble and time.monotonic() - trouble[0] > _TROUBLE_SECONDS:
            return f"The cluster's API server does not answer: {trouble[1]}"
        reached = self._runners.open_network
        if reached and not self._settings.open_network:
            return _policies_remedy(reached)
        return None

    def play(
        self,
        game: Game,
        sources: Sequence[Source],
        take_slot: Callable[[], int | None],
        cancelled: threading.Event,
        ended: Callable[[], object],
    ) -> Played:
        """Plays to the end. Busy if it could not begin and nobody is to blame; NotTrusted if an
        image is not signed."""
        images = [self._image(source) for source in sources]
        if game.rules.match_seconds > self._settings.match_seconds:
            raise CodeRefused(
                f"timeout_sec is above what pods live here, {self._settings.match_seconds:g} s: "
                "raise ARENA_EXECUTOR_MATCH_SECONDS with it."
            )
        if self._signatures is not None:
            try:
                for source, image in zip(sources, images, strict=True):
                    self._signatures.verify(image, source.agent_id, cancelled.is_set)
            except GivenUp:
                raise MatchCancelled from None
        take_slot()
        play = manifests.Play(uuid.uuid4().hex[:20], game.match_id, game.attempt_id)
        deadline = time.monotonic() + self._settings.start_seconds
        names = [f"agent-{play.id}-{number}" for number in range(len(sources))]
        runner: Runner | None = None
        try:
            try:
                runner = self._runners.take(play, deadline, cancelled.is_set)
                keys = [secrets.token_hex(handshake.KEY_BYTES) for _ in sources]
                for number, (source, image, key) in enumerate(
                    zip(sources, images, keys, strict=True)
                ):
                    self._runners.known(names[number])
                    owner = (runner.name, runner.uid)
                    pod = manifests.agent_pod(
                        self._settings, play, number, source.agent_id, image, key, owner
                    )
                    self._pods.create(pod, deadline, cancelled.is_set)
                seats = [
                    self._seat(name, number, key, play, deadline, cancelled, game)
                    for number, (name, key) in enumerate(zip(names, keys, strict=True))
                ]
                link = self._runners.connect(runner, play.id, deadline, cancelled.is_set)
            except NoRoom as error:
                raise Busy(str(error)) from None
            except NotStarted as error:
                raise RunnerFailed(str(error)) from None
            if self._runners.open_network and not self._settings.open_network:
                raise RunnerFailed(_policies_remedy(self._runners.open_network))
            job = RemoteJob(
                game.match_id,
                play.id,
                game.environment,
                game.seed,
                game.participants,
                seats,
                game.rules,
                game.record,
            )
            played = self._follow(link, job, runner, names, play, cancelled)
            ended()
            return played
        except GivenUp:
            raise MatchCancelled from None
        finally:
            self._cleaning.submit(self._clean, runner, names, play)

    def close(self) -> None:
        self._cleaning.shutdown(wait=True)
        self._runners.close()
        self._watch.close()

    def _image(self, source: Source) -> str:
        """By digest, from the repository that is the agent's own: a request cannot name another."""
        if not _DIGEST.fullmatch(source.image):
            raise CodeRefused(
                f"Agent {source.agent_id[:100]!r} has no image: docker_image is not the digest of "
                "one. Versions built by a local builder have none; upload it again where builds "
                "run on Kubernetes."
            )
        if not _REPOSITORY.fullmatch(source.agent_id):
            raise CodeRefused("agent_id cannot be the name of a repository of images.")
        return f"{self._settings.registry}/{source.agent_id}@{source.image}"

    def _seat(
        self,
        name: str,
        number: int,
        key: str,
        play: manifests.Play,
        deadline: float,
        cancelled: threading.Event,
        game: Game,
    ) -> RemoteSeat:
        pod = self._pods.await_running(name, play.id, deadline, cancelled.is_set)
        host, port = self._pods.address(pod, seat.PORT)
        limits = replace(
            self._settings.limits,
            cpu_seconds=int(game.rules.match_seconds + game.rules.load_seconds) + 1,
        )
        return RemoteSeat(number, host, port, limits, key)

    def _follow(
        self,
        link: Link,
        job: RemoteJob,
        runner: Runner,
        names: Sequence[str],
        play: manifests.Play,
        cancelled: threading.Event,
    ) -> Played:
        """Hands the job over and takes the results, from the runner and nobody else."""
        files: dict[str, bytearray] = {}
        give_up = time.monotonic() + job.rules.match_seconds + _SLACK_SECONDS
        try:
            link.send("play", job.to_json())
            while True:
                while not link.wait(_GLANCE_SECONDS):
                    if cancelled.is_set():
                        raise MatchCancelled
                    if time.monotonic() > give_up:
                        raise RunnerOverran("the runner did not end in time")
                match link.receive():
                    case ["lost?", int(number)] if 0 <= number < len(names):
                        give_up += _FINDING_OUT_SECONDS
                        end = self._find_out(names[number], play, cancelled)
                        link.send("lost", number, end.kind, end.sentence)
                    case ["file", str(name), bytes(piece)] if name in _FILES:
                        files.setdefault(name, bytearray()).extend(piece)
                        if sum(map(len, files.values())) > _MOST_RESULT_BYTES:
                            raise RunnerFailed("the runner's results are too large")
                    case ["done", job.attempt]:
                        return _played(files, job)
                    case ["fault", job.attempt, str(sentence)]:
                        raise RunnerFailed(sentence)
                    case other:
                        raise RunnerFailed(f"the runner says {str(other)[:100]}")
        except LinkBroken as broken:
            end = self._find_out(runner.name, play, cancelled)
            raise RunnerFailed(f"the runner was lost: {broken}. {end.sentence}") from None

    def _find_out(self, name: str, play: manifests.Play, cancelled: threading.Event) -> state.Lost:
        deadline = time.monotonic() + _FINDING_OUT_SECONDS
        end = self._pods.end_of(name, play.id, deadline, cancelled.is_set)
        _log.info("pod %s of match %s: %s", name, play.match_id, end.sentence)
        return end

    def _clean(self, runner: Runner | None, names: Sequence[str], play: manifests.Play) -> None:
        try:
            if runner is not None:
                self._runners.discard(runner)
            for name in names:
                # They go with the runner; so they go at once.
                self._pods.remove(name)
        except Exception:
            _log.exception("match %s: pods not removed; the next sweep does it", play.match_id)
        finally:
            for name in names:
                self._runners.forget(name)
            self._pods.forget(play.id)


def _played(files: Mapping[str, bytearray], job: RemoteJob) -> Played:
    try:
        result: dict[str, Any] = json.loads(files["result.json"])
        if len(result["seats"]) != len(job.seats):
            raise ValueError("seats are missing")
        if not job.record:
            return Played(result, None, None)
        return Played(result, bytes(files["replay.json"]), bytes(files["replay.html"]))
    except (KeyError, ValueError, TypeError) as error:
        raise RunnerFailed(f"the runner left no result: {error!r}") from error


def _pod_address(pod: Pod, port: int) -> tuple[str, int]:
    return pod["status"]["podIP"], port


def _policies_remedy(reached: Sequence[str]) -> str:
    return (
        f"A runner's pod can reach {', '.join(reached)}, so no network policy is in force and "
        "agents could reach anything. Install the chart's policies in the namespace of matches and "
        "a network plugin that enforces them. If the network is closed in another way, set "
        "ARENA_EXECUTOR_KUBERNETES_OPEN_NETWORK=true."
    )
