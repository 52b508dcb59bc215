"""Matches of signed images alone: with a cosign that behaves as a test has told it to, and with the
real one, which ARENA_TEST_COSIGN names, and a registry of its own."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from arena_executor import server
from arena_executor.backends import Busy, NotTrusted
from arena_executor.config import ConfigError, Settings
from arena_executor.generated import executor_pb2 as pb
from arena_executor.pods import signatures
from arena_executor.pods.cluster import Cluster
from arena_executor.pods.runners import GivenUp
from arena_executor.pods.settings import CosignSettings, SettingProblem
from arena_executor.pods.signatures import Signatures
from conftest import IDLE, eventually, refused
from pod_suite import RUNNER_IMAGE, Suite

IMAGE = "registry.test/agents/one@sha256:" + "1" * 64
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
SCRIPT = """#!/bin/sh
folder="${0%/*}"
[ "$1" = version ] && { . "$folder/version"; exit; }
env | sort > "$folder/environment"
echo "$*" >> "$folder/calls"
. "$folder/verify"
"""


class FakeCosign:
    """A program that keeps what it was called with, and two keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "cosign"
        self.program.write_text(SCRIPT)
        self.program.chmod(0o755)
        self.keys = (folder / "own.pub", folder / "previous.pub")
        for key in self.keys:
            key.write_text(PUBLIC_KEY)
        (folder / "version").write_text("exit 0\n")
        self.verify("exit 0")

    def verify(self, words: str) -> None:
        """It runs these words of a shell when it is to verify."""
        (self.folder / "verify").write_text(words + "\n")

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def settings(self, keys: int = 1, seconds: float = 20.0, *arguments: str) -> CosignSettings:
        return CosignSettings(self.keys[:keys], str(self.program), arguments, seconds)

    def variables(self) -> dict[str, str]:
        return {
            "KUBERNETES_COSIGN": str(self.program),
            "KUBERNETES_COSIGN_KEYS": str(self.keys[0]),
        }


@pytest.fixture
def cosign(tmp_path: Path) -> FakeCosign:
    folder = tmp_path / "cosign"
    folder.mkdir()
    return FakeCosign(folder)


def never() -> bool:
    return False


# --- what is asked of cosign, and what its answers mean


def test_an_image_is_verified_for_its_agent_with_the_key(cosign: FakeCosign):
    found = Signatures(cosign.settings(1, 20.0, "--registry-cacert=/ca.pem"))

    found.verify(IMAGE, "one", never)

    assert cosign.calls == [
        f"verify --key={cosign.keys[0]} --insecure-ignore-tlog=true "
        f"--annotations=org.rlarena.agent=one --registry-cacert=/ca.pem {IMAGE}"
    ]


def test_cosign_gets_nothing_of_the_executors_environment(
    cosign: FakeCosign, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ARENA_EXECUTOR_TOKEN", "a-token-of-the-executor")
    monkeypatch.setenv("DOCKER_CONFIG", "/etc/arena/registry")

    Signatures(cosign.settings()).verify(IMAGE, "one", never)

    environment = (cosign.folder / "environment").read_text()
    assert "ARENA" not in environment
    assert "DOCKER_CONFIG=/etc/arena/registry\n" in environment
    assert "SIGSTORE_REKOR_PUBLIC_KEY=/dev/null\n" in environment


def test_a_digest_is_verified_once(cosign: FakeCosign):
    found = Signatures(cosign.settings())

    found.verify(IMAGE, "one", never)
    cosign.verify("exit 10")
    found.verify(IMAGE, "one", never)

    assert len(cosign.calls) == 1
    with pytest.raises(NotTrusted):
        found.verify(IMAGE.replace("1111", "2222"), "one", never)


def test_what_is_remembered_is_bounded(cosign: FakeCosign, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signatures, "_MOST_REMEMBERED", 2)
    found = Signatures(cosign.settings())
    images = [f"registry.test/agents/one@sha256:{n}" for n in range(3)]

    for image in (*images, images[2], images[0]):
        found.verify(image, "one", never)

    asked = [call.rpartition(" ")[2] for call in cosign.calls]
    assert asked == [*images, images[0]]


@pytest.mark.parametrize("status", [10, 11, 12, 13])
def test_an_image_that_is_not_signed_is_refused_and_asked_for_again(
    cosign: FakeCosign, status: int
):
    found = Signatures(cosign.settings())
    cosign.verify(f"exit {status}")

    with pytest.raises(NotTrusted, match="agent one is not signed by this platform"):
        found.verify(IMAGE, "one", never)

    cosign.verify("exit 0")
    found.verify(IMAGE, "one", never)


@pytest.mark.parametrize(
    "words", ["echo 'dial tcp: connection refused' >&2; exit 1", "kill -SEGV $$", "exit 127"]
)
def test_what_cannot_be_found_out_is_not_played_and_may_be_later(cosign: FakeCosign, words: str):
    found = Signatures(cosign.settings())
    cosign.verify(words)

    with pytest.raises(Busy, match="cannot be looked up"):
        found.verify(IMAGE, "one", never)

    cosign.verify("exit 0")
    found.verify(IMAGE, "one", never)


def test_a_program_that_is_gone_is_no_answer(cosign: FakeCosign):
    found = Signatures(cosign.settings())
    cosign.program.unlink()

    with pytest.raises(Busy, match="cannot be looked up"):
        found.verify(IMAGE, "one", never)


def test_a_program_that_hangs_is_ended_with_what_it_has_started(cosign: FakeCosign):
    found = Signatures(cosign.settings(seconds=0.5))
    cosign.verify('sleep 600 & echo $! > "$folder/child"; wait')

    with pytest.raises(Busy, match="took too long"):
        found.verify(IMAGE, "one", never)

    child = Path("/proc", (cosign.folder / "child").read_text().strip())
    # One that nobody has waited for yet is still listed.
    eventually(lambda: not child.exists() or "(zombie)" in (child / "status").read_text())


def test_nobody_waits_for_a_match_that_is_given_up(cosign: FakeCosign):
    found = Signatures(cosign.settings())
    cosign.verify('touch "$folder/asked"; sleep 600')

    with pytest.raises(GivenUp):
        found.verify(IMAGE, "one", (cosign.folder / "asked").exists)


def test_any_of_the_keys_is_enough(cosign: FakeCosign):
    """As while keys are changed."""
    found = Signatures(cosign.settings(keys=2))
    cosign.verify('case "$2" in *previous.pub) exit 0;; *) exit 12;; esac')

    found.verify(IMAGE, "one", never)

    assert len(cosign.calls) == 2


def test_two_keys_that_do_not_fit_refuse(cosign: FakeCosign):
    found = Signatures(cosign.settings(keys=2))
    cosign.verify("exit 12")

    with pytest.raises(NotTrusted):
        found.verify(IMAGE, "one", never)


def test_a_key_that_could_not_be_tried_might_have_fitted(cosign: FakeCosign):
    found = Signatures(cosign.settings(keys=2))
    cosign.verify('case "$2" in *own.pub) exit 1;; *) exit 12;; esac')

    with pytest.raises(Busy):
        found.verify(IMAGE, "one", never)


# --- the start


def settings(**variables: str) -> Settings:
    return Settings.from_environment(
        {
            f"ARENA_EXECUTOR_{name}": value
            for name, value in {
                "BACKEND": "kubernetes",
                "KUBERNETES_REGISTRY": "registry.test/agents",
                "KUBERNETES_RUNNER_IMAGE": RUNNER_IMAGE,
                **variables,
            }.items()
        }
    )


def test_nothing_is_verified_by_default():
    pods = settings().pods
    assert pods is not None
    assert pods.cosign is None


def test_the_settings_are_read():
    pods = settings(
        KUBERNETES_COSIGN_KEYS="/keys/own.pub:/keys/previous.pub",
        KUBERNETES_COSIGN_ARGUMENTS="--registry-cacert=/ca.pem, --k8s-keychain",
        KUBERNETES_COSIGN_SECONDS="5",
    ).pods
    assert pods is not None
    assert pods.cosign == CosignSettings(
        (Path("/keys/own.pub"), Path("/keys/previous.pub")),
        "cosign",
        ("--registry-cacert=/ca.pem", "--k8s-keychain"),
        5.0,
    )


def test_it_does_not_start_without_cosign(cosign: FakeCosign, monkeypatch: pytest.MonkeyPatch):
    there = Cluster("http://127.0.0.1:1", "arena-matches", lambda: "")
    monkeypatch.setattr(Cluster, "from_within", lambda *_: there)
    monkeypatch.setenv("PATH", str(cosign.folder / "empty"))

    with pytest.raises(ConfigError, match="ARENA_EXECUTOR_KUBERNETES_COSIGN names cosign, which"):
        server.Server(settings(KUBERNETES_COSIGN_KEYS=str(cosign.keys[0])))


def test_it_does_not_start_with_a_cosign_that_does_not_run(cosign: FakeCosign):
    (cosign.folder / "version").write_text("echo 'cannot execute' >&2; exit 126\n")

    with pytest.raises(SettingProblem, match="does not run here: cannot execute"):
        Signatures(cosign.settings())


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot be read"), ("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----", "no public key")],
)
def test_it_does_not_start_without_a_public_key(
    cosign: FakeCosign, content: str | None, complaint: str
):
    cosign.keys[0].unlink()
    if content is not None:
        cosign.keys[0].write_text(content)

    with pytest.raises(SettingProblem, match=complaint):
        Signatures(cosign.settings())


# --- whole matches


def test_a_signed_image_plays(start_suite: Callable[..., Suite], cosign: FakeCosign):
    suite = start_suite(**cosign.variables())

    response = suite.play()

    assert response.status == pb.STATUS_SUCCESS, response.error_message
    one, two = cosign.calls
    assert "agent=one registry.test/agents/one@sha256:" in one
    assert "agent=two registry.test/agents/two@sha256:" in two
    health = suite.client.stub.HealthCheck(pb.HealthCheckRequest())
    assert health.metadata["layer.signed-images"] == "on"


def test_an_image_that_is_not_signed_is_not_played_and_no_agent_is_blamed(
    start_suite: Callable[..., Suite], cosign: FakeCosign
):
    suite = start_suite(**cosign.variables())
    cosign.verify('case "$*" in *agent=two*) exit 10;; esac')

    response = suite.play()

    assert response.status == pb.STATUS_ERROR
    assert "agent two is not signed by this platform" in response.error_message
    assert {result.verdict for result in response.agent_results} == {pb.PLATFORM_FAULT}
    assert not suite.cluster.names("agent-")
    two = suite.agent(IDLE, "two")
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "agent two is not signed"):
        suite.client.validate(agent_id="two", docker_image=two.docker_image)


def test_a_match_is_put_off_while_the_registry_is_away(
    start_suite: Callable[..., Suite], cosign: FakeCosign
):
    suite = start_suite(**cosign.variables())
    cosign.verify("exit 1")

    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "cannot be looked up"):
        suite.play()

    assert not suite.cluster.names("agent-")
    cosign.verify("exit 0")
    assert suite.play().status == pb.STATUS_SUCCESS


# --- the real one


class Registry:
    """Debian's docker-registry on loopback, in which nothing is but what a test pushes."""

    def __init__(self, program: str, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        config = folder / "registry.yml"
        storage = {"filesystem": {"rootdirectory": str(folder / "images")}}
        config.write_text(
            json.dumps({"version": 0.1, "storage": storage, "http": {"addr": self.address}})
        )
        with (folder / "registry.log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, "serve", str(config)], stdout=log, stderr=log
            )
        eventually(self._answers, 30)

    def push(self, repository: str, author: str) -> str:
        """Pushes an image without files; its digest, which differs with its author."""
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "author": author,
                "rootfs": {"type": "layers", "diff_ids": []},
            }
        ).encode()
        kind = "application/vnd.oci.image"
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{kind}.manifest.v1+json",
                "config": {
                    "mediaType": f"{kind}.config.v1+json",
                    "digest": digest(config),
                    "size": len(config),
                },
                "layers": [],
            }
        ).encode()
        upload = self._call("POST", f"/v2/{repository}/blobs/uploads/")
        mark = "&" if "?" in upload else "?"
        self._call("PUT", f"{upload}{mark}digest={digest(config)}", config)
        self._call(
            *("PUT", f"/v2/{repository}/manifests/{digest(manifest)}", manifest),
            f"{kind}.manifest.v1+json",
        )
        return digest(manifest)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, "docker-registry has ended"
        try:
            self._call("GET", "/v2/")
        except OSError:
            return False
        return True

    def _call(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream"
    ) -> str:
        """Where what was made is to be found, if it was."""
        url = path if path.startswith("http:") else f"http://{self.address}{path}"
        request = urllib.request.Request(
            url, body if method != "GET" else None, {"Content-Type": kind}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers.get("Location", "")


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def free_port() -> int:
    """Below the range of ephemeral ports: nobody gets it before the registry does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[str, Registry, Path]]:
    """The program, a registry, and a folder with the keys own and other."""
    program, registry = os.environ.get("ARENA_TEST_COSIGN"), shutil.which("docker-registry")
    if program is None:
        pytest.skip("ARENA_TEST_COSIGN names no cosign: none is tried")
    if registry is None:
        pytest.skip("docker-registry is not installed: no cosign is tried")
    for name in ("own", "other"):
        run(program, "generate-key-pair", f"--output-key-prefix={tmp_path / name}")
    running = Registry(registry, tmp_path)
    yield program, running, tmp_path
    running.close()


def run(program: str, *arguments: str) -> None:
    environment = {**os.environ, "COSIGN_PASSWORD": "secret of the key"}
    subprocess.run(
        [program, *arguments], env=environment, check=True, timeout=60, capture_output=True
    )


def sign(program: str, key: Path, agent: str, image: str) -> None:
    """With the words of build-service's ImageSigner, whose test verifies with those used here."""
    run(
        *(program, "sign", f"--key={key}", "--tlog-upload=false", "--yes"),
        *(f"--annotations=org.rlarena.agent={agent}", image),
    )


def test_the_real_cosign_verifies_what_is_signed_for_an_agent_and_nothing_else(
    real: tuple[str, Registry, Path],
):
    program, registry, folder = real
    image, changed, others = (
        f"{registry.address}/agents/{name}@{registry.push(f'agents/{name}', author)}"
        for name, author in (("one", "first"), ("one", "changed"), ("two", "second"))
    )
    sign(program, folder / "own.key", "one", image)
    sign(program, folder / "other.key", "two", others)
    found = Signatures(CosignSettings((folder / "own.pub",), program))

    found.verify(image, "one", never)

    for wrong, agent in ((changed, "one"), (others, "two")):
        with pytest.raises(NotTrusted):
            found.verify(wrong, agent, never)
    with pytest.raises(NotTrusted):
        Signatures(CosignSettings((folder / "own.pub",), program)).verify(image, "two", never)
    both = Signatures(CosignSettings((folder / "own.pub", folder / "other.pub"), program))
    both.verify(others, "two", never)

    registry.close()

    found.verify(image, "one", never)
    with pytest.raises(Busy):
        found.verify(changed, "one", never)


def test_threads_may_verify_at_once(cosign: FakeCosign):
    found = Signatures(cosign.settings())
    failures: list[Exception] = []

    def verify(number: int) -> None:
        try:
            found.verify(f"registry.test/agents/one@sha256:{number % 3}", "one", never)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=verify, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert {call.rpartition(":")[2] for call in cosign.calls} == {"0", "1", "2"}
