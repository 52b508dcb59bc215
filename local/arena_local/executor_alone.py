"""./arena executor: the executor by itself, for any gRPC client on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from . import build, prerequisites
from .layout import ROOT, venv_python


class NoSuchFolder(prerequisites.Missing):
    """A folder that was named is not there."""


def run(roots: Sequence[str], hosts: Sequence[str], port: int) -> None:
    """Becomes the executor, which runs until Ctrl-C. Its settings in the environment stay."""
    environment = {**os.environ, **settings(roots, hosts, port)}
    prerequisites.require_system_packages()
    build.build_python(("agent", "executor"))
    build.generate_stubs()
    python = str(venv_python("executor"))
    os.execve(python, [python, "-m", "arena_executor"], environment)


def settings(roots: Sequence[str], hosts: Sequence[str], port: int) -> dict[str, str]:
    """The variables of what was asked for. NoSuchFolder for a root that is none."""
    folders = [str(Path(root).resolve()) for root in roots or [str(ROOT / "python" / "samples")]]
    for folder in folders:
        if not Path(folder).is_dir():
            raise NoSuchFolder(f"--local-root {folder}: there is no such folder.")
    return {
        "ARENA_EXECUTOR_HOST": "127.0.0.1",
        "ARENA_EXECUTOR_PORT": str(port),
        "ARENA_EXECUTOR_LOCAL_ROOTS": ":".join(folders),
        "ARENA_EXECUTOR_ALLOWED_HOSTS": ",".join(hosts),
        "ARENA_EXECUTOR_AGENT_PYTHON": str(venv_python("agent")),
    }
