"""Second replicas of services, started beside a suite that knows nothing of them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from arena_local import parts, processes
from arena_local.layout import SERVICES
from arena_local.processes import ProcessId
from suite import Suite, wait_for


@contextmanager
def second(
    suite: Suite,
    name: str,
    last: signal.Signals = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """One more process of a service, ready inside the block; then it gets the last signal."""
    with seconds(suite, [name], last, environment):
        yield


@contextmanager
def seconds(
    suite: Suite,
    names: Iterable[str],
    last: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """The same for several, all started at once."""
    replicas = [
        parts.replica(suite.layout, service, 2) for service in SERVICES if service.name in names
    ]
    added = environment or {}
    replicas = [replace(part, environment={**part.environment, **added}) for part in replicas]
    with ExitStack() as stack:
        for replica in replicas:
            stack.enter_context(_process(suite, replica, last))
        for replica in replicas:
            wait_for(f"{replica.name} to be ready", replica.is_ready, 180)
        yield


@contextmanager
def _process(suite: Suite, part: parts.Part, last: signal.Signals) -> Iterator[None]:
    with suite.layout.log_of(part.name).open("ab") as log:
        process = subprocess.Popen(
            part.command,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=suite.layout.state,
        )
    identity = ProcessId.of(process.pid)
    try:
        yield
    finally:
        processes.signal_group(identity, last)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            processes.signal_group(identity, signal.SIGKILL)
            process.wait()
        # As the supervisor does: what it had started must not outlive it.
        processes.end(processes.marked(str(suite.layout.state), part.name), grace=0)
