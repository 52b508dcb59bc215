"""An API server for pods, and a kubelet that runs their containers as processes on loopback.

The server is a small one of its own, or the one that the kubeconfig in ARENA_TEST_KUBECONFIG names,
in a namespace made for the test. That one must have no scheduler: the pods are the tests'.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from arena import remote_link, seat
from arena_executor.pods.cluster import Cluster, ClusterError

KUBECONFIG = os.environ.get("ARENA_TEST_KUBECONFIG")
SOURCE = Path(__file__).resolve().parents[2] / "python" / "src"
Pod = dict[str, Any]
#: Instead of an answer: status, reason, message, headers; "drop" hangs up; None lets it answer.
Fault = Callable[[str, str], "tuple[int, str, str, dict[str, str]] | str | None"]


class ApiServer:
    """Pods of one namespace, as the API serves them: labels, versions, watches, quota, owners."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.fault: Fault = lambda method, path: None
        self.quota = 1000
        self.requests: list[str] = []
        self._pods: dict[str, Pod] = {}
        self._history: list[tuple[int, str, Pod]] = []
        self._version = 1
        self._oldest = 1
        self._changed = threading.Condition(threading.RLock())
        self._watches: set[socket.socket] = set()
        self.port = 0
        self.come_back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- what happens to a server

    def go_away(self) -> None:
        """Takes no connections any more; those there are break."""
        self._server.shutdown()
        self._server.server_close()
        self.break_watches()

    def come_back(self) -> None:
        api = self

        class Handler(_Handler):
            server_part = api

        self._server = self._listen(Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _listen(self, handler: type[_Handler]) -> ThreadingHTTPServer:
        """At the port it had, at first a free one that no connection gets while it is away."""
        while True:
            port = self.port or random.randrange(20_000, 32_000)
            try:
                return ThreadingHTTPServer(("127.0.0.1", port), handler)
            except OSError:
                if self.port:
                    raise

    def break_watches(self) -> None:
        with self._changed:
            for connection in self._watches:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Back to what a new one does."""
        self.fault = lambda method, path: None
        self.quota = 1000
        self.__dict__.pop("create", None)

    def forget_history(self) -> None:
        """As after a compaction: who goes on from before is told 410 Gone."""
        with self._changed:
            self._history.clear()
            self._version += 1
            self._oldest = self._version
            self.break_watches()

    def asked(self, kind: str) -> int:
        """How many requests of this kind there were."""
        return sum(request.startswith(kind) for request in list(self.requests))

    @property
    def watching(self) -> int:
        with self._changed:
            return len(self._watches)

    # --- requests

    def create(self, pod: Pod) -> Pod:
        name = pod["metadata"]["name"]
        with self._changed:
            if name in self._pods:
                raise _Answer(409, "AlreadyExists", f'pods "{name}" already exists')
            if len(self._pods) >= self.quota:
                raise _Answer(403, "Forbidden", f'pods "{name}" is forbidden: exceeded quota: pods')
            pod["metadata"] |= {
                "namespace": self.namespace,
                "uid": str(uuid.uuid4()),
                "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            pod["status"] = {"phase": "Pending"}
            return self._put("ADDED", pod)

    def get(self, name: str) -> Pod:
        with self._changed:
            if name not in self._pods:
                raise _Answer(404, "NotFound", f'pods "{name}" not found')
            return self._pods[name]

    def list(self, selector: dict[str, str]) -> Pod:
        with self._changed:
            items = [pod for pod in self._pods.values() if _matches(pod, selector)]
            return {
                "kind": "PodList",
                "apiVersion": "v1",
                "metadata": {"resourceVersion": str(self._version)},
                "items": items,
            }

    def patch(self, name: str, change: dict[str, Any]) -> Pod:
        with self._changed:
            return self._put("MODIFIED", _merged(self.get(name), change))

    def delete(self, name: str) -> Pod:
        with self._changed:
            pod = self.get(name)
            del self._pods[name]
            self._put("DELETED", pod)
            uid = pod["metadata"]["uid"]
            for other in list(self._pods.values()):
                owners = other["metadata"].get("ownerReferences", [])
                if any(owner["uid"] == uid for owner in owners):
                    self.delete(other["metadata"]["name"])
            return pod

    def watch(self, version: int, selector: dict[str, str], own: socket.socket) -> Iterator[Any]:
        """Events after version; a bookmark whenever nothing else has happened for a while."""
        with self._changed:
            self._watches.add(own)
        try:
            while True:
                with self._changed:
                    if version < self._oldest:
                        yield {"type": "ERROR", "object": _status(410, "Expired", "too old")}
                        return
                    events = [e for e in self._history if e[0] > version]
                    if not events and not self._changed.wait(0.5):
                        version = self._version
                        bookmark = {"kind": "Pod", "metadata": {"resourceVersion": str(version)}}
                        events = [(version, "BOOKMARK", bookmark)]
                for number, kind, pod in events:
                    version = number
                    if kind == "BOOKMARK" or _matches(pod, selector):
                        yield {"type": kind, "object": pod}
        finally:
            with self._changed:
                self._watches.discard(own)

    def _put(self, kind: str, pod: Pod) -> Pod:
        self._version += 1
        pod = json.loads(json.dumps(pod))
        pod["metadata"]["resourceVersion"] = str(self._version)
        if kind != "DELETED":
            self._pods[pod["metadata"]["name"]] = pod
        self._history.append((self._version, kind, pod))
        self._changed.notify_all()
        return pod


class _Answer(Exception):
    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code, self.reason, self.message = code, reason, message


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_part: ApiServer

    def _serve(self) -> None:
        api = self.server_part
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = "WATCH" if "watch" in query else self.command
        api.requests.append(f"{kind} {parts.path}")
        match api.fault(kind, parts.path):
            case "drop":
                self.close_connection = True
                return
            case (code, reason, message, headers):
                self._say(code, _status(code, reason, message), headers)
                return
        prefix = f"/api/v1/namespaces/{api.namespace}/pods"
        assert parts.path.startswith(prefix), self.path
        assert self.headers["Authorization"] == "Bearer secret"
        name, _, part = parts.path[len(prefix) + 1 :].partition("/")
        try:
            match kind:
                case "POST":
                    assert query == {"fieldValidation": "Strict"}
                    self._say(201, api.create(json.loads(body)))
                case "GET" if name:
                    self._say(200, api.get(name))
                case "GET":
                    self._say(200, api.list(_parsed(query["labelSelector"])))
                case "PATCH":
                    assert self.headers["Content-Type"] == "application/merge-patch+json"
                    assert part in ("", "status")
                    self._say(200, api.patch(name, json.loads(body)))
                case "DELETE":
                    assert json.loads(body)["propagationPolicy"] == "Background"
                    self._say(200, api.delete(name))
                case "WATCH":
                    self._watch(query)
        except _Answer as answer:
            self._say(answer.code, _status(answer.code, answer.reason, answer.message))

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def _watch(self, query: dict[str, str]) -> None:
        assert query["allowWatchBookmarks"] == "true"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        selector = _parsed(query["labelSelector"])
        self.close_connection = True
        with suppress(OSError):
            for event in self.server_part.watch(
                int(query["resourceVersion"]), selector, self.connection
            ):
                line = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

    def _say(self, code: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(code)
        for name, text in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _status(code: int, reason: str, message: str) -> dict[str, Any]:
    return {"kind": "Status", "code": code, "reason": reason, "message": message}


def _parsed(selector: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in selector.split(","))


def _matches(pod: Pod, selector: dict[str, str]) -> bool:
    return selector.items() <= pod["metadata"].get("labels", {}).items()


def _merged(old: Any, change: Any) -> Any:
    if not isinstance(change, dict) or not isinstance(old, dict):
        return change
    merged = {**old, **{name: _merged(old.get(name), value) for name, value in change.items()}}
    return {name: value for name, value in merged.items() if value is not None}


class TestCluster:
    """Pods of a test. api is None where the server is a real one."""

    __test__ = False

    def __init__(self) -> None:
        self.namespace = f"arena-test-{uuid.uuid4().hex[:8]}"
        self.api: ApiServer | None = None
        self._closed = threading.Event()
        if KUBECONFIG:
            self.client = _of_kubeconfig(Path(KUBECONFIG), self.namespace)
            level = {"pod-security.kubernetes.io/enforce": "restricted"}
            metadata = {"name": self.namespace, "labels": level}
            self._raw("POST", "/api/v1/namespaces", {"metadata": metadata})
            account = {"metadata": {"name": "agent-match"}}
            accounts = f"/api/v1/namespaces/{self.namespace}/serviceaccounts"
            self._raw("POST", accounts, account)
        else:
            self.api = ApiServer(self.namespace)
            self.client = Cluster(self.api.url, self.namespace, lambda: "secret")

    def pods(self, **labels: str) -> list[Pod]:
        """Those that are there, by the value of a label of ours."""
        wanted = {f"rl-arena.org/{name}": value for name, value in labels.items()}
        found, _ = self.client.list({"app.kubernetes.io/managed-by": "executor", **wanted})
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    def names(self, kind: str = "") -> list[str]:
        names = sorted(pod["metadata"]["name"] for pod in self.pods())
        return [name for name in names if name.startswith(kind)]

    def set_status(self, name: str, status: dict[str, Any]) -> None:
        """Until it is known, or the pod is gone."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{name}/status"
        while not self._closed.is_set():
            try:
                self._raw("PATCH", path, {"status": status}, "application/merge-patch+json")
                return
            except ClusterError as error:
                if error.gone:
                    return
                self._closed.wait(0.2)

    def close(self) -> None:
        self._closed.set()
        if self.api is None:
            self._raw("DELETE", f"/api/v1/namespaces/{self.namespace}", {})
        else:
            with suppress(OSError):
                self.api.go_away()

    def _raw(
        self, method: str, path: str, body: Any, content_type: str = "application/json"
    ) -> None:
        self.client._call(method, path, None, body, content_type)


def _of_kubeconfig(file: Path, namespace: str) -> Cluster:
    config = yaml.safe_load(file.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    tls = ssl.create_default_context()
    if authority := cluster.get("certificate-authority-data"):
        tls.load_verify_locations(cadata=base64.b64decode(authority).decode())
    elif path := cluster.get("certificate-authority"):
        tls.load_verify_locations(file.parent / path)
    elif cluster.get("insecure-skip-tls-verify"):
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return Cluster(cluster["server"], namespace, lambda: user["token"], tls)


def container(state: str, name: str, **details: Any) -> dict[str, Any]:
    """A container's status in one state."""
    return {
        "name": name,
        "image": "image",
        "imageID": "",
        "ready": state == "running",
        "restartCount": 0,
        "state": {state: details},
    }


class Kubelet:
    """Starts what pods ask for as processes of this machine, and tells how they end.

    As root, an agent's container is what one is to the process in it: its user, no privileges, and
    a pid namespace whose first process it is.

    codes: folders with agents' code, by the digest of their image. before is called with each pod
    that is to start; if it returns a status, the pod gets that and nothing is started.
    """

    def __init__(self, cluster: TestCluster, codes: dict[str, Path], python: str) -> None:
        self.cluster = cluster
        self.codes = codes
        self.before: Callable[[Pod], dict[str, Any] | None] = lambda pod: None
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._python = python
        self._ports: dict[str, int] = {}
        self._seen: set[str] = set()
        self._closed = threading.Event()
        #: Held where a process is waited for or killed.
        self._ending = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="arena-kubelet-"))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def dial(self, pod: Pod, port: int) -> tuple[str, int]:
        assert port in (remote_link.PORT, seat.PORT)
        return "127.0.0.1", self._ports[pod["metadata"]["name"]]

    def address(self, name: str) -> tuple[str, int]:
        return "127.0.0.1", self._ports[name]

    def kill(self, name: str) -> None:
        """As when a container is gone: all its processes, without a word."""
        process = self.processes[name]
        with self._ending:
            # Of one that was waited for the number may be anybody's by now.
            if process.poll() is not None:
                return
            # With an agent's first process goes its pid namespace; elsewhere its children are told.
            children = [] if CONTAINED else _descendants(process.pid)[1:]
            os.killpg(process.pid, signal.SIGKILL)
            for pid in children:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(10)

    def freeze(self, name: str) -> None:
        """As when a machine is gone: nobody answers, and nobody hangs up."""
        for pid in _descendants(self.processes[name].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def close(self) -> None:
        self._closed.set()
        self._thread.join(10)
        for name in list(self.processes):
            self.kill(name)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        """Looks at all pods, again and again: a kubelet outlives its API server."""
        while not self._closed.wait(0.05):
            with suppress(ClusterError):
                present = {pod["metadata"]["name"]: pod for pod in self.cluster.pods()}
                for name, pod in present.items():
                    if name not in self._seen:
                        self._seen.add(name)
                        self._begin(name, pod)
                for name, process in list(self.processes.items()):
                    if name not in present:
                        self.kill(name)
                        del self.processes[name]
                    elif self.has_ended(process) and name in self._ports:
                        self._tell_end(name)

    def has_ended(self, process: subprocess.Popen[bytes]) -> bool:
        with self._ending:
            return process.poll() is not None

    def _begin(self, name: str, pod: Pod) -> None:
        status = self.before(pod)
        if status is not None:
            self.cluster.set_status(name, status)
            return
        (spec,) = pod["spec"]["containers"]
        variables = {one["name"]: one["value"] for one in spec["env"]}
        log = self._folder / name
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_contained(pod), *self._command(spec)],
                env={**variables, **_LOCAL, "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        self.processes[name] = process
        waiting = (name, spec["name"], process, log)
        threading.Thread(target=self._await_port, args=waiting, daemon=True).start()

    def _command(self, spec: dict[str, Any]) -> list[str]:
        if spec["name"] == "runner":
            return [sys.executable, *spec["command"][1:]]
        assert spec["command"][1:4] == ["-I", "-u", "/opt/arena/harness/seat.py"]
        code = self.codes[spec["image"].partition("@")[2]]
        return [self._python, "-I", "-u", str(SOURCE / "arena/seat.py"), str(code)]

    def _await_port(
        self, name: str, kind: str, process: subprocess.Popen[bytes], log: Path
    ) -> None:
        while not (found := re.search(r"waits on port (\d+)", log.read_text())):
            if self.has_ended(process) or self._closed.wait(0.02):
                break
        self._ports[name] = int(found[1]) if found else 0
        running = container("running", kind, startedAt=_now())
        address = {"podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}]}
        self.cluster.set_status(
            name, {"phase": "Running", **address, "containerStatuses": [running]}
        )

    def _tell_end(self, name: str) -> None:
        # Read now: what the test has said of it before its end holds.
        pod = self.cluster.client.get(name)
        if pod is None or pod["status"].get("phase") in ("Failed", "Succeeded"):
            return
        code = self.processes[name].returncode
        kind = pod["spec"]["containers"][0]["name"]
        reason = "Error" if code else "Completed"
        exit_code = 128 - code if code < 0 else code
        ended = container(
            *("terminated", kind), exitCode=exit_code, reason=reason, finishedAt=_now()
        )
        phase = "Failed" if code else "Succeeded"
        self.cluster.set_status(name, {"phase": phase, "containerStatuses": [ended]})


_LOCAL = {
    "ARENA_RUNNER_HOST": "127.0.0.1",
    "ARENA_RUNNER_PORT": "0",
    "ARENA_SEAT_HOST": "127.0.0.1",
    "ARENA_SEAT_PORT": "0",
    "PYTHONPATH": str(SOURCE),
}


#: Whether containers are more than processes here.
CONTAINED = os.geteuid() == 0


def _contained(pod: Pod) -> list[str]:
    if not CONTAINED or pod["spec"]["containers"][0]["name"] != "agent":
        return []
    user = str(pod["spec"]["securityContext"]["runAsUser"])
    return [
        *("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"),
        *("setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"),
        *("--inh-caps=-all", "--bounding-set=-all", "--"),
    ]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _descendants(pid: int) -> list[int]:
    children = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True
    ).stdout.split()
    return [pid, *(one for child in children for one in _descendants(int(child)))]


@contextmanager
def raw_connection(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=10) as connection:
        yield connection
