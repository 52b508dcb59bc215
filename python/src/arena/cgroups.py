"""Control groups, where they are writable: v1 and v2.

They bound what rlimits cannot: the memory and the number of processes of a whole sandbox, and they
tell that a limit was hit. Everything works without them, with weaker limits.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

_CONTROLLERS = ("memory", "pids", "cpu")
_PREFIX = "arena-executor-"


@dataclass(frozen=True)
class Group:
    """One sandbox's control group: a directory per controller (the same one thrice on v2)."""

    directories: dict[str, str] = field(default_factory=dict)

    def entrances(self) -> list[str]:
        """The files to which a process with one thread writes 0 to move in."""
        return [_entrance(directory) for directory in sorted(set(self.directories.values()))]

    def add_current_process(self) -> None:
        """Moves the calling process in; its children follow. Safe between fork and exec."""
        for entrance in self.entrances():
            descriptor = os.open(entrance, os.O_WRONLY)
            try:
                os.write(descriptor, b"0")
            finally:
                os.close(descriptor)

    def memory_kills(self) -> int:
        """How often the kernel killed a process for exceeding the memory limit."""
        directory = self.directories.get("memory")
        if directory is None:
            return 0
        return _counter(directory, "memory.events", "oom_kill") or _counter(
            directory, "memory.oom_control", "oom_kill"
        )

    def refused_forks(self) -> int:
        """How often a new process or thread was refused for exceeding the limit."""
        directory = self.directories.get("pids")
        return _counter(directory, "pids.events", "max") if directory else 0


class CgroupTree:
    """This executor's part of the control group hierarchy. available lists its controllers.

    Created once, before anything runs; close() removes it. Groups of executors that died are
    removed on start. owner is the uid that is to move processes into the groups.
    """

    def __init__(self, owner: int | None = None) -> None:
        self._owner = owner
        self._roots: dict[str, Path] = {}
        name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        parents, unified = _v1_parents(), False
        if "memory" not in parents:
            parents, unified = _v2_parents(), True
        for controller, parent in parents.items():
            root = parent / name
            try:
                _remove_leftovers(parent)
                root.mkdir(exist_ok=True)
                if unified:
                    controllers = " ".join(f"+{c}" for c in parents)
                    (root / "cgroup.subtree_control").write_text(controllers)
                if unified and owner is not None:
                    # Moving a process needs the common ancestor too.
                    for directory in (root, parent):
                        os.chown(_entrance(str(directory)), owner, -1)
            except OSError:
                continue
            self._roots[controller] = root

    @property
    def available(self) -> tuple[str, ...]:
        return tuple(self._roots)

    def create(self, name: str, memory_bytes: int, processes: int, cores: float) -> Group:
        """A group with limits. OSError when the hierarchy was taken away meanwhile."""
        directories = {}
        for controller, root in self._roots.items():
            directory = root / name
            directory.mkdir(exist_ok=True)
            directories[controller] = str(directory)
            if controller == "memory":
                _limit_memory(directory, memory_bytes)
            elif controller == "pids":
                (directory / "pids.max").write_text(str(processes))
            else:
                _limit_cpu(directory, cores)
            if self._owner is not None:
                os.chown(_entrance(str(directory)), self._owner, -1)
        return Group(directories)

    def remove(self, group: Group) -> None:
        """Kills what is left in the group and removes it."""
        for directory in set(group.directories.values()):
            _remove(Path(directory))

    def close(self) -> None:
        for root in set(self._roots.values()):
            for child in root.iterdir():
                if child.is_dir():
                    _remove(child)
            _remove(root)
        self._roots.clear()


def _entrance(directory: str) -> str:
    """Where v1 lets a single thread move by itself, it does so without waiting until no process of
    the whole machine is starting or ending, which takes the kernel milliseconds."""
    single = directory + "/tasks"
    return single if os.path.exists(single) else directory + "/cgroup.procs"


def _limit_memory(directory: Path, limit: int) -> None:
    if (directory / "memory.max").exists():
        (directory / "memory.max").write_text(str(limit))
        with contextlib.suppress(OSError):
            (directory / "memory.swap.max").write_text("0")
    else:
        (directory / "memory.limit_in_bytes").write_text(str(limit))
        with contextlib.suppress(OSError):  # absent without swap accounting
            (directory / "memory.memsw.limit_in_bytes").write_text(str(limit))


def _limit_cpu(directory: Path, cores: float) -> None:
    period = 100_000
    quota = max(1000, int(period * cores))
    if (directory / "cpu.max").exists():
        (directory / "cpu.max").write_text(f"{quota} {period}")
    else:
        (directory / "cpu.cfs_quota_us").write_text(str(quota))


def _counter(directory: str, file: str, key: str) -> int:
    try:
        lines = Path(directory, file).read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        name, _, value = line.partition(" ")
        if name == key:
            return int(value)
    return 0


def _own_paths() -> dict[str, str]:
    """Controller to path of this process's group; the empty name stands for v2."""
    paths = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def _mounts(kind: str) -> list[tuple[Path, set[str]]]:
    mounts = []
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount_point, file_system, options, *_ = line.split(" ")
        if file_system == kind:
            mounts.append((Path(mount_point), set(options.split(","))))
    return mounts


def _v1_parents() -> dict[str, Path]:
    own, parents = _own_paths(), {}
    for mount_point, options in _mounts("cgroup"):
        for controller in options.intersection(_CONTROLLERS):
            # In a container the path in /proc may lie outside what is mounted.
            inside = mount_point / own.get(controller, "/").lstrip("/")
            parent = inside if inside.is_dir() else mount_point
            if os.access(parent, os.W_OK):
                parents[controller] = parent
    return parents


def _v2_parents() -> dict[str, Path]:
    own = _own_paths().get("", "/")
    for mount_point, _ in _mounts("cgroup2"):
        inside = mount_point / own.lstrip("/")
        parent = inside if inside.is_dir() else mount_point
        try:
            offered = set((parent / "cgroup.controllers").read_text().split())
            wanted = [c for c in _CONTROLLERS if c in offered]
            if not wanted or not os.access(parent, os.W_OK):
                continue
            # A group with processes cannot hand controllers down: step aside first.
            leaf = parent / "executor"
            leaf.mkdir(exist_ok=True)
            (leaf / "cgroup.procs").write_text(str(os.getpid()))
            (parent / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in wanted))
        except OSError:
            continue
        return dict.fromkeys(wanted, parent)
    return {}


def _remove_leftovers(parent: Path) -> None:
    for directory in parent.glob(_PREFIX + "*"):
        pid = directory.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            for child in directory.iterdir():
                if child.is_dir():
                    _remove(child)
            _remove(directory)


def _remove(directory: Path) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            directory.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
        kill_file = directory / "cgroup.kill"
        if kill_file.exists():
            with contextlib.suppress(OSError):
                kill_file.write_text("1")
        with contextlib.suppress(OSError):
            for pid in (directory / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        # The kernel empties the group a moment after the last process is gone.
        time.sleep(0.002)
