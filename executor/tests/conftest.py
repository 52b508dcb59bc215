"""One executor in this process for most tests, a tiny object store, and executors on their own."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest

from arena_executor.config import Settings
from arena_executor.generated import executor_pb2 as pb
from arena_executor.generated import executor_pb2_grpc as pb_grpc
from arena_executor.server import Server

pytest_plugins = ["pod_suite"]

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "python" / "samples"
IDLE = "def act(observation):\n    return 1\n"
FOLLOWER = (SAMPLES / "pong" / "predictor.py").read_text()
SLEEPER = "import time\ndef act(observation):\n    time.sleep(1000)\n"
CRASHING = "import os\ndef act(observation):\n    os._exit(1)\n"


def agent_python() -> str:
    return os.environ.get("ARENA_EXECUTOR_AGENT_PYTHON", sys.executable)


class Store:
    """Keeps what is PUT and serves it again; paths below /broken answer 503, /moved redirects, and
    what lies below /held comes when it is released."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.released = threading.Event()
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.startswith("/broken"):
                    self._answer(503)
                    return
                store.objects[self.path] = body
                store.types[self.path] = self.headers["Content-Type"]
                self._answer(200)

            def do_GET(self) -> None:
                if self.path.startswith("/moved"):
                    self._answer(302, location="/agent.py")
                else:
                    if self.path.startswith("/held"):
                        store.released.wait(30)
                    body = store.objects.get(self.path)
                    self._answer(404 if body is None else 200, body or b"")

            def _answer(self, status: int, body: bytes = b"", location: str = "") -> None:
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class Client:
    """A stub, and the code folder of the executor it speaks to."""

    def __init__(self, address: str, code: Path, server: Server | None = None) -> None:
        self.channel = grpc.insecure_channel(address)
        self.stub = pb_grpc.ExecutorStub(self.channel)
        self.code = code
        self.server = server
        self.python_version = "{}.{}".format(*sys.version_info)
        self._number = 0

    def agent(self, source: str | bytes, name: str = "agent.py", **metadata: str) -> Any:
        """An agent whose code lies below the executor's local root."""
        self._number += 1
        folder = self.code / str(self._number)
        folder.mkdir()
        path = folder / name
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        return pb.AgentData(agent_id=f"agent-{self._number}", code_url=str(path), metadata=metadata)

    def match(self, *agents: Any, environment: str = "pong", **fields: Any) -> Any:
        return pb.MatchRequest(
            **{"match_id": "match-1", "environment": environment, "agents": agents, **fields}
        )

    def run(self, *agents: Any, **fields: Any) -> Any:
        return self.stub.RunMatch(self.match(*agents, **fields), timeout=100)

    def validate(self, **fields: Any) -> Any:
        request = pb.ValidationRequest(**{"agent_id": "a", "environment": "pong", **fields})
        return self.stub.ValidateAgent(request, timeout=100)


@contextmanager
def refused(code: grpc.StatusCode, text: str = "") -> Iterator[None]:
    with pytest.raises(grpc.RpcError) as caught:
        yield
    assert caught.value.code() == code, caught.value.details()
    assert text in caught.value.details()


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def settings(code: Path, **variables: str) -> dict[str, str]:
    return {
        "ARENA_EXECUTOR_PORT": "0",
        "ARENA_EXECUTOR_SLOTS": "2",
        "ARENA_EXECUTOR_QUEUE": "1",
        "ARENA_EXECUTOR_LOCAL_ROOTS": str(code),
        "ARENA_EXECUTOR_AGENT_PYTHON": agent_python(),
        "ARENA_EXECUTOR_MOVE_LIMIT_SECONDS": "2",
        "ARENA_EXECUTOR_LOAD_SECONDS": "10",
        **{f"ARENA_EXECUTOR_{name}": value for name, value in variables.items()},
    }


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture(scope="session")
def executor(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[Client]:
    code = tmp_path_factory.mktemp("code")
    server = Server(Settings.from_environment(settings(code, ALLOWED_HOSTS=store.host)))
    yield Client(f"127.0.0.1:{server.port}", code, server)
    server.stop()


class Process:
    """An executor in a process of its own."""

    def __init__(self, folder: Path, path: str = "", **variables: str) -> None:
        self.code = folder / "code"
        self.code.mkdir(exist_ok=True)
        self.log = folder / "log"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ARENA_EXECUTOR_")}
        sources = (ROOT / "python" / "src", ROOT / "executor" / "src")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "arena_executor"],
                env={
                    **inherited,
                    **settings(self.code, **variables),
                    "PYTHONPATH": os.pathsep.join(map(str, sources)),
                    "PATH": f"{path}:{os.environ['PATH']}".lstrip(":"),
                },
                stderr=log,
                stdout=log,
                cwd="/",
            )

    def client(self) -> Client:
        """A client, as soon as the executor is ready."""
        eventually(lambda: "executor ready on" in self.output() or self.process.poll() is not None)
        assert self.process.poll() is None, self.output()
        address = self.output().rpartition("executor ready on ")[2].split()[0]
        return Client(address, self.code)

    def output(self) -> str:
        return self.log.read_text()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts executors in processes of their own; none outlives the test."""
    started: list[Process] = []

    def start(**variables: str) -> Process:
        started.append(Process(tmp_path, **variables))
        return started[-1]

    yield start
    for executor in started:
        executor.stop()


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for a condition that something else is to make true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.02)
