"""A proxy before broker and database: toxiproxy, built with Go and kept under .arena/tools."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from arena_local import build
from arena_local.layout import KAFKA_PORT, POSTGRES_PORT, Layout
from suite import wait_for

# Beside the ports of what they stand before.
BEFORE = {"broker": KAFKA_PORT, "database": POSTGRES_PORT}
SETTINGS = {"broker": "ARENA_KAFKA_CLIENT_PORT", "database": "ARENA_POSTGRES_CLIENT_PORT"}
SHIFT = 100
CONTROL_PORT = 18474


class Network:
    """Stands between the services and what they stand on. Sound until told otherwise."""

    def __init__(self, control: httpx.Client) -> None:
        self._control = control

    @contextmanager
    def toxic(self, place: str, kind: str, **attributes: int) -> Iterator[None]:
        """A fault of the connections to `broker` or `database` for as long as the block lasts."""
        body = {"name": kind, "type": kind, "attributes": attributes}
        self._control.post(f"/proxies/{place}/toxics", json=body).raise_for_status()
        try:
            yield
        finally:
            self._control.delete(f"/proxies/{place}/toxics/{kind}").raise_for_status()


@contextmanager
def network(layout: Layout) -> Iterator[Network | None]:
    """A proxy that runs inside the block, where a suite is told to use it; None without Go."""
    server = build.toxiproxy()
    if server is None:
        yield None
        return
    port = layout.port(CONTROL_PORT)
    # Not marked as the suite's: a supervisor that starts ends what bears its mark.
    process = subprocess.Popen(
        [server, "-host", "127.0.0.1", "-port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as control:
            wait_for("the proxy to answer", lambda: _answers(control), 20)
            proxies = [
                {
                    "name": place,
                    "listen": f"127.0.0.1:{layout.port(base) + SHIFT}",
                    "upstream": f"127.0.0.1:{layout.port(base)}",
                    "enabled": True,
                }
                for place, base in BEFORE.items()
            ]
            control.post("/populate", json=proxies).raise_for_status()
            for place, base in BEFORE.items():
                os.environ[SETTINGS[place]] = str(layout.port(base) + SHIFT)
            yield Network(control)
    finally:
        process.terminate()
        process.wait(20)


def _answers(control: httpx.Client) -> bool:
    try:
        return control.get("/version").status_code == 200
    except httpx.HTTPError:
        return False
