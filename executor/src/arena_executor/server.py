"""Puts the executor together, starts it and stops it."""

from __future__ import annotations

import hmac
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from arena import environments
from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import bwrap_path
from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.playing import Player
from arena_executor import selftest, telemetry
from arena_executor.backends import Backend, SandboxBackend
from arena_executor.code_store import CodeStore
from arena_executor.config import ConfigError, Settings
from arena_executor.generated import executor_pb2_grpc as pb_grpc
from arena_executor.pods.backend import PodBackend
from arena_executor.pods.cluster import Cluster
from arena_executor.pods.settings import SettingProblem
from arena_executor.service import ExecutorService, Parts
from arena_executor.transfer import Transfer

_log = logging.getLogger(__name__)
_MAX_MESSAGE_BYTES = 16 << 20


class Server:
    """A running executor. Construction plays the self-test; SandboxUnavailable if it fails.

    backend plays the matches; the one that the settings ask for unless it is given.
    """

    def __init__(self, settings: Settings, backend: Backend | None = None) -> None:
        self._settings = settings
        self._temporary = settings.work_dir is None
        self._work_dir = settings.work_dir or Path(tempfile.mkdtemp(prefix="arena-executor-"))
        self._work_dir.mkdir(parents=True, exist_ok=True)
        for leftover in self._work_dir.glob("*"):
            # From an executor that died; replays alone are kept.
            if leftover.name == "code" or leftover.name.startswith(
                ("match-", "validation-", "selftest-")
            ):
                shutil.rmtree(leftover, ignore_errors=True)
        replay_dir = settings.replay_dir or self._work_dir / "replays"
        replay_dir.mkdir(parents=True, exist_ok=True)
        transfer = Transfer(settings.allowed_hosts)
        try:
            self._backend = backend or _backend(settings, self._work_dir, transfer)
        except BaseException:
            self._remove_folder()
            raise
        self.service = ExecutorService(
            Parts(
                settings=settings,
                environments={spec.id: spec for spec in environments.specs()},
                backend=self._backend,
                transfer=transfer,
                replay_dir=replay_dir,
            )
        )
        # Calls beyond slots and queue are answered at once: a few threads more serve them all.
        workers = settings.slots + settings.validation_slots + settings.queue + 8
        self._grpc = grpc.server(
            ThreadPoolExecutor(workers, thread_name_prefix="rpc"),
            interceptors=[_RequireToken(settings.token)] if settings.token else [],
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
            ],
        )
        pb_grpc.add_ExecutorServicer_to_server(self.service, self._grpc)
        try:
            self.port = self._grpc.add_insecure_port(f"{settings.host}:{settings.port}")
        except RuntimeError:
            self._clean()
            raise ConfigError(
                f"ARENA_EXECUTOR_PORT: {settings.host}:{settings.port} cannot be bound; "
                "is another executor running?"
            ) from None
        self._grpc.start()

    def stop(self) -> None:
        """Refuses new calls, waits for running ones up to the drain time, then cancels them."""
        self.service.drain()
        stopped = self._grpc.stop(self._settings.drain_seconds)
        stopped.wait(self._settings.drain_seconds)
        self.service.cancel_all()
        stopped.wait()
        self.service.wait_until_idle()
        self._clean()

    def _clean(self) -> None:
        self._backend.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self._temporary:
            shutil.rmtree(self._work_dir, ignore_errors=True)


def _backend(settings: Settings, work_dir: Path, transfer: Transfer) -> Backend:
    if settings.pods is None:
        return _sandboxes(settings, work_dir, transfer)
    try:
        cluster = Cluster.from_within(os.environ, settings.pods.namespace)
    except OSError as error:
        raise ConfigError(
            "ARENA_EXECUTOR_BACKEND=kubernetes needs a pod with an account of its own, as the "
            f"chart makes it: {error}."
        ) from None
    try:
        return PodBackend(cluster, settings.pods)
    except SettingProblem as problem:
        raise ConfigError(f"ARENA_EXECUTOR_{problem.setting} {problem}.") from None


def _sandboxes(settings: Settings, work_dir: Path, transfer: Transfer) -> SandboxBackend:
    bwrap_path()
    python = AgentPython.probe(settings.agent_python)
    launcher = Launcher(python, work_dir, settings.uid, settings.launcher)
    cgroups = CgroupTree(launcher.uid)
    try:
        launcher.warm_up()
        player = Player(launcher, cgroups, settings.limits)
        layers = selftest.check(player, launcher, cgroups, settings.sandbox_require)
        codes = CodeStore(
            work_dir / "code",
            settings.local_roots,
            transfer,
            python,
            settings.max_code_bytes,
            settings.max_unpacked_bytes,
        )
    except BaseException:
        launcher.close()
        cgroups.close()
        raise
    selftest.report(launcher, layers)
    return SandboxBackend(launcher, cgroups, player, codes, work_dir, layers)


class _RequireToken(grpc.ServerInterceptor):  # type: ignore[misc]
    """Answers UNAUTHENTICATED unless the metadata holds `authorization: Bearer <token>`."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

        def refuse(_: Any, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "A valid bearer token is needed.")

        self._refusal = grpc.unary_unary_rpc_method_handler(refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        given = dict(details.invocation_metadata).get("authorization", "")
        if isinstance(given, str):
            given = given.encode()
        return (
            continuation(details) if hmac.compare_digest(given, self._expected) else self._refusal
        )


def main() -> int:
    """Runs until SIGTERM or SIGINT. Exit status 2: the settings or the machine do not allow it."""
    try:
        telemetry.set_up_log()
    except telemetry.UnknownLogFormat as error:
        print(f"The executor cannot start. {error}", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.from_environment()
        server = Server(settings)
    except (ConfigError, SandboxUnavailable) as error:
        _log.error("The executor cannot start. %s", error)
        return 2
    telemetry.set_up_tracing()
    _log.info("executor ready on %s:%d", settings.host, server.port)
    stop.wait()
    server.stop()
    return 0
