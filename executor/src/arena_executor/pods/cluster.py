"""The few calls of the Kubernetes API that matches in pods need.

Kubernetes' own Python client is 126 MB of generated code; these are five requests.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

Pod = dict[str, Any]

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_CALL_SECONDS = 10.0
#: How long the server keeps a watch; and how long a watch may be silent, bookmarks included, before
#: it is taken for dead.
_WATCH_SECONDS = 300
_SILENCE_SECONDS = 120.0
_MOST_BYTES = 32 << 20


class ClusterError(Exception):
    """A call that failed. status is the answer's, 0 if there was none."""

    def __init__(self, status: int, reason: str, message: str, after: float = 0.0) -> None:
        super().__init__(f"{reason or status or 'no answer'}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        #: Seconds after which the server wants to be asked again; 0 if it did not say.
        self.after = after

    @property
    def passes(self) -> bool:
        """Whether the same call may work later, the server being away or busy."""
        return self.status in (0, 408, 429) or self.status >= 500

    @property
    def no_room(self) -> bool:
        return self.status == 403 and "exceeded quota" in self.message

    @property
    def exists(self) -> bool:
        return self.status == 409 and self.reason == "AlreadyExists"

    @property
    def conflict(self) -> bool:
        return self.status == 409 and self.reason != "AlreadyExists"

    @property
    def gone(self) -> bool:
        return self.status == 404

    @property
    def expired(self) -> bool:
        """The resource version is too old to watch from."""
        return self.status == 410


class Cluster:
    """Pods of one namespace. Thread-safe: every call has a connection of its own.

    token is asked before every call, since mounted tokens are replaced while they are used.
    """

    def __init__(
        self,
        server: str,
        namespace: str,
        token: Callable[[], str],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(server)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._token = token
        self._tls = tls
        self.namespace = namespace
        self._pods = f"{parts.path.rstrip('/')}/api/v1/namespaces/{namespace}/pods"

    @staticmethod
    def from_within(environment: Mapping[str, str], namespace: str | None) -> Cluster:
        """With the account of this pod. OSError if it has none."""
        host = environment.get("KUBERNETES_SERVICE_HOST", "")
        port = environment.get("KUBERNETES_SERVICE_PORT", "443")
        if not host:
            raise OSError("KUBERNETES_SERVICE_HOST is not set")
        own = namespace or (_ACCOUNT / "namespace").read_text().strip()
        (_ACCOUNT / "token").read_text()
        return Cluster(
            f"https://{f'[{host}]' if ':' in host else host}:{port}",
            own,
            lambda: (_ACCOUNT / "token").read_text().strip(),
            ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt")),
        )

    def create(self, pod: Pod) -> Pod:
        # An older server would drop fields that it does not know, some of which protect.
        return self._call("POST", self._pods, {"fieldValidation": "Strict"}, pod)

    def get(self, name: str) -> Pod | None:
        """The pod; None if there is none."""
        try:
            return self._call("GET", f"{self._pods}/{name}")
        except ClusterError as error:
            if error.gone:
                return None
            raise

    def list(self, labels: Mapping[str, str]) -> tuple[list[Pod], str]:
        """All with these labels, and the resource version to watch from."""
        answer = self._call("GET", self._pods, {"labelSelector": _selector(labels)})
        return answer.get("items") or [], answer["metadata"]["resourceVersion"]

    def label(self, name: str, labels: Mapping[str, str]) -> Pod:
        return self._call(
            *("PATCH", f"{self._pods}/{name}", None, {"metadata": {"labels": dict(labels)}}),
            content_type="application/merge-patch+json",
        )

    def delete(self, name: str) -> None:
        """With all that it owns, which the cluster removes after it. Nothing if it is gone."""
        try:
            self._call("DELETE", f"{self._pods}/{name}", None, {"propagationPolicy": "Background"})
        except ClusterError as error:
            if not error.gone:
                raise

    def watch(self, labels: Mapping[str, str], version: str) -> Iterator[tuple[str, Pod]]:
        """Kinds and objects of changes after version, until the server ends it: ADDED, MODIFIED,
        DELETED, and BOOKMARK, whose object has nothing but a version. ClusterError if it breaks;
        expired if version is too old."""
        query = {
            "labelSelector": _selector(labels),
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        connection = self._connect(_SILENCE_SECONDS)
        try:
            answer = self._send(connection, "GET", self._pods, query)
            while line := answer.readline():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise ClusterError(
                        status.get("code", 500),
                        status.get("reason", ""),
                        str(status.get("message")),
                    )
                yield event["type"], event["object"]
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise ClusterError(0, "", f"the watch broke: {error!r}") from None
        finally:
            connection.close()

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        connection = self._connect(_CALL_SECONDS)
        try:
            answer = self._send(connection, method, path, query, body, content_type)
            value = json.loads(answer.read(_MOST_BYTES))
            if not isinstance(value, dict):
                raise ValueError("no object")
            return value
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ClusterError(0, "", f"{error!r}") from None
        finally:
            connection.close()

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=seconds, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        target = f"{path}?{urlencode(query)}" if query else path
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status >= 300:
            raise _error(answer)
        return answer


def _error(answer: http.client.HTTPResponse) -> ClusterError:
    text = answer.read(1 << 16).decode("utf-8", "replace")
    try:
        status = json.loads(text)
        reason, message = str(status.get("reason", "")), str(status.get("message", ""))
    except (ValueError, AttributeError):
        reason, message = "", text[:500]
    after = answer.headers.get("Retry-After", "")
    return ClusterError(answer.status, reason, message, float(after) if after.isdecimal() else 0.0)


def _selector(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
