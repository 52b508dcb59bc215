"""Single objects by HTTP: code in, replays and logs out."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

_TIMEOUT_SECONDS = 30
_CHUNK = 1 << 18


class TransferError(Exception):
    """The other side did not take or give the object."""


class HostNotAllowed(Exception):
    """The URL is none that this executor may use."""


class Transfer:
    """Speaks with allowed hosts only: names or name:port, in lower case. Thread-safe.

    Redirects are not followed and no proxy is used, so a URL leads where it says.
    """

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed = allowed_hosts
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _RefuseRedirects()
        )

    def check(self, url: str) -> None:
        """HostNotAllowed unless url is an http(s) URL of an allowed host."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise HostNotAllowed("The URL is malformed.") from None
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise HostNotAllowed("The URL is not a plain http or https URL.")
        if port is None:
            port = 443 if parts.scheme == "https" else 80
        if host not in self._allowed and f"{host}:{port}" not in self._allowed:
            raise HostNotAllowed(f"The host {host}:{port} is not allowed here.")

    def fetch(self, url: str, limit: int) -> Iterator[bytes]:
        """The object's bytes. TransferError if it cannot be had or is larger than limit."""
        self.check(url)
        try:
            with self._opener.open(url, timeout=_TIMEOUT_SECONDS) as response:
                left = limit
                while chunk := response.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise TransferError(f"The object is larger than {limit >> 20} MiB.")
                    yield chunk
        except (OSError, HTTPException) as error:
            raise TransferError(f"{without_query(url)} cannot be read: {_reason(error)}") from None

    def put(self, url: str, content: bytes, content_type: str) -> None:
        """Stores content. Tried three times, since a put repeats safely."""
        self.check(url)
        request = urllib.request.Request(  # noqa: S310  (the scheme is checked above)
            url, data=content, method="PUT", headers={"Content-Type": content_type}
        )
        for attempt in (1, 2, 3):
            try:
                with self._opener.open(request, timeout=_TIMEOUT_SECONDS):
                    return
            except (OSError, HTTPException) as error:
                final = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if final or attempt == 3:
                    raise TransferError(
                        f"{without_query(url)} was not accepted: {_reason(error)}"
                    ) from None


def without_query(url: str) -> str:
    """Without what may be a signature."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


class _RefuseRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__
