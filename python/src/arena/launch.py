"""Starts runner processes, never as root.

The kernel exempts processes of root from the process limit, so a program that runs as root gives
each runner an unprivileged uid of its own. That uid may be unable to reach the installation, say
below /root: the runner then gets a view of the file system in which just the needed folders appear.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cage import bwrap_path

#: The uid and gid of runners started by root; outside the ranges that distributions hand out.
DEFAULT_UID = 64217

# PR_SET_PDEATHSIG first: imports take a moment, in which the parent may die.
_START = (
    "import ctypes, sys; ctypes.CDLL(None).prctl(1, 9); sys.path.insert(0, sys.argv[1]); "
    "from arena.runner import main; main(sys.argv[2:])"
)


class Launcher:
    """Knows how to start a runner on this machine. Thread-safe.

    work_dir is where jobs and results live; it is created if need be. SandboxUnavailable if the
    unprivileged uid could not read the installation.
    """

    def __init__(self, python: AgentPython, work_dir: Path, uid: int = DEFAULT_UID) -> None:
        self.python = python
        self.work_dir = work_dir.resolve()
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.uid = uid if os.geteuid() == 0 else None
        self._source = str(Path(__file__).resolve().parent.parent)
        #: Put before a command, runs it as that uid, with a view of what it needs.
        self.prefix = self._drop_prefix() if self.uid is not None else []

    def prepare(self, directory: Path) -> None:
        """Makes a folder the runner's own."""
        directory.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(directory, self.uid, self.uid)

    def start(self, job_file: Path, result_dir: Path, log_file: Path) -> subprocess.Popen[bytes]:
        """Starts a runner in a session of its own; its messages go to log_file."""
        parent = "0" if self.prefix else str(os.getpid())
        with log_file.open("wb") as log:
            return subprocess.Popen(
                [
                    *self.prefix,
                    *(sys.executable, "-I", "-c", _START, self._source),
                    *(str(job_file), str(result_dir), parent),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=result_dir if not self.prefix else "/",
                # No secret of the parent's reaches the runner.
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"},
                start_new_session=True,
            )

    def _drop_prefix(self) -> list[str]:
        assert self.uid is not None
        reading = [sys.prefix, sys.base_prefix, self._source, *self.python.paths()]
        reading += [self.python.base_prefix, *self.python.site_packages]
        reading += [os.path.dirname(os.path.realpath(sys.executable))]
        hidden: dict[str, list[str]] = {}
        for path in dict.fromkeys([*map(os.path.realpath, reading), *reading]):
            barrier = _barrier(path, self.uid)
            if barrier == path:
                raise SandboxUnavailable(
                    f"The folder {path} cannot be read by others than its owner, so no "
                    f"unprivileged process can play matches: chmod -R a+rX {path}"
                )
            if barrier is not None:
                hidden.setdefault(barrier, []).append(path)
        work = str(self.work_dir)
        work_barrier = _barrier(work, self.uid)
        if work_barrier == work:
            os.chmod(work, 0o711)  # noqa: S103  (its folders guard themselves)
            work_barrier = _barrier(work, self.uid)
        if work_barrier is not None:
            hidden.setdefault(work_barrier, [])
        command = [bwrap_path(), "--dev-bind", "/", "/", "--die-with-parent"]
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        for barrier, paths in hidden.items():
            command += ["--perms", "0755", "--tmpfs", barrier]
            for path in paths:
                command += [*_folders(barrier, path), "--ro-bind", path, path]
        if work_barrier is not None:
            command += [*_folders(work_barrier, work), "--bind", work, work]
        identity = str(self.uid)
        return [
            *command,
            *("--", "setpriv", "--reuid", identity, "--regid", identity),
            *("--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"),
        ]


def _folders(barrier: str, path: str) -> list[str]:
    """Creates what lies between; left to itself bubblewrap would make it private to root."""
    between = [str(p) for p in reversed(Path(path).parents) if str(p).startswith(barrier + "/")]
    return [word for folder in between for word in ("--perms", "0755", "--dir", folder)]


def _barrier(path: str, uid: int) -> str | None:
    """The first folder on the way to path, path included, that uid cannot pass; None if none."""
    for directory in [*reversed(Path(path).parents), Path(path)]:
        try:
            status = directory.stat()
        except OSError:
            return None
        bit = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
        if stat.S_ISDIR(status.st_mode) and not status.st_mode & bit:
            return str(directory)
    return None
