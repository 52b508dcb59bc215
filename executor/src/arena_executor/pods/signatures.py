"""Whether this platform has signed an image, by the operator's cosign."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from arena_executor.backends import Busy, NotTrusted
from arena_executor.pods.runners import GivenUp
from arena_executor.pods.settings import CosignSettings, SettingProblem

_log = logging.getLogger(__name__)
#: Annotation with the agent's id, which build-service signs along.
_AGENT = "org.rlarena.agent"
#: Exit statuses of cosign that are an answer: no signature, no such image, none of this key (or of
#: this agent), none with a certificate. All others say that it could not find out.
_REFUSALS = {10, 11, 12, 13}
_MOST_REMEMBERED = 10_000
_GLANCE_SECONDS = 0.05
_KEPT_BYTES = 2000
_PASSED = {
    *("PATH", "HOME", "DOCKER_CONFIG", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
}


class Signatures:
    """Verifies images by their digests, each once: what a digest names cannot change.

    SettingProblem if it could never verify. Thread-safe.
    """

    def __init__(self, settings: CosignSettings) -> None:
        self._settings = settings
        self._verified: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        for key in settings.keys:
            _check_key(key)
        program = shutil.which(settings.program)
        if program is None:
            raise SettingProblem(
                "KUBERNETES_COSIGN",
                f"names {settings.program}, which is not installed, and KUBERNETES_COSIGN_KEYS asks"
                " for signed images: put cosign 2 on the PATH of the executor's image",
            )
        self._program = program
        status, complaint = self._run(["version"], lambda: False)
        if status != 0:
            raise SettingProblem(
                "KUBERNETES_COSIGN", f"names {program}, which does not run here: {complaint}"
            )

    def verify(self, image: str, agent_id: str, given_up: Callable[[], bool]) -> None:
        """Returns if one of the keys has signed this image, named by digest, for this agent.
        NotTrusted if none has; Busy if that could not be found out."""
        with self._lock:
            if image in self._verified:
                self._verified.move_to_end(image)
                return
        unknown = ""
        for key in self._settings.keys:
            status, complaint = self._run(self._arguments(key, image, agent_id), given_up)
            if status == 0:
                self._remember(image)
                return
            _log.warning("image %s is not verified by %s: %s", image, key.name, complaint)
            if status not in _REFUSALS:
                unknown = "cosign took too long" if status is None else f"cosign says {status}"
        if unknown:
            raise Busy(f"The signature of an agent's image cannot be looked up: {unknown}.")
        raise NotTrusted(
            f"The image of agent {agent_id} is not signed by this platform, so it is not played. "
            "That is not the agent's fault: the platform's operator has to sign the image, or the "
            "version has to be built again."
        )

    def _arguments(self, key: Path, image: str, agent_id: str) -> list[str]:
        return [
            *("verify", f"--key={key}", "--insecure-ignore-tlog=true"),
            f"--annotations={_AGENT}={agent_id}",
            *self._settings.arguments,
            image,
        ]

    def _remember(self, image: str) -> None:
        with self._lock:
            self._verified[image] = None
            if len(self._verified) > _MOST_REMEMBERED:
                self._verified.popitem(last=False)

    def _run(self, arguments: list[str], given_up: Callable[[], bool]) -> tuple[int | None, str]:
        """Exit status, None if it took too long, and what it said last."""
        environment = {name: value for name, value in os.environ.items() if name in _PASSED}
        # Only of the world's log of signatures, which is not asked. Without it cosign would first
        # try to fetch such keys from the internet, each time.
        environment["SIGSTORE_REKOR_PUBLIC_KEY"] = os.devnull
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    [self._program, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    cwd="/",
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                return -1, f"it cannot be started: {error}"
            try:
                status = self._await(process, given_up)
            finally:
                if process.returncode is None:
                    # With what it has started; and not left behind as a zombie.
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            said.seek(max(0, said.seek(0, os.SEEK_END) - _KEPT_BYTES))
            return status, " | ".join(said.read().decode(errors="replace").split("\n")).strip(" |")

    def _await(self, process: subprocess.Popen[bytes], given_up: Callable[[], bool]) -> int | None:
        deadline = time.monotonic() + self._settings.seconds
        while time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(_GLANCE_SECONDS)
            if given_up():
                raise GivenUp
        return None


def _check_key(key: Path) -> None:
    try:
        text = key.read_text("ascii")
    except (OSError, ValueError) as error:
        raise SettingProblem(
            "KUBERNETES_COSIGN_KEYS", f"names {key}, which cannot be read: {error}"
        ) from None
    if "BEGIN PUBLIC KEY" not in text:
        raise SettingProblem(
            "KUBERNETES_COSIGN_KEYS",
            f"names {key}, which is no public key, such as cosign.pub of cosign generate-key-pair",
        )
