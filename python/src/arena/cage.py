"""What a sandbox lets in and keeps out: limits, and the bubblewrap command line."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arena.agent_python import AgentPython, SandboxUnavailable
from arena.cgroups import Group

_LIBRARY_DIRS = ("/lib", "/lib64", "/usr/lib64")
_NOBODY = "65534"
#: The agent's ends of its two pipes in a sandbox that the zygote made.
ZYGOTE_DESCRIPTORS = (3, 4)
#: All that an agent finds in its environment.
AGENT_ENVIRONMENT = {
    "PATH": "/usr/bin",
    "HOME": "/tmp",  # noqa: S108  (inside, where it is the agent's alone)
    "TMPDIR": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    # One core: more threads only add start-up time and address space.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Limits:
    """What one agent may use. Bytes, counts, seconds of CPU time."""

    memory_bytes: int = 512 << 20
    processes: int = 50
    cpu_seconds: int = 600
    open_files: int = 256
    file_bytes: int = 64 << 20
    tmp_bytes: int = 64 << 20
    output_bytes: int = 1 << 20
    cores: float = 1.0

    def rlimits(self) -> dict[str, int]:
        """Set by the harness before any of the agent's code runs; hard limits."""
        return {
            # Private writable memory of one process, the nearest thing to its memory use. Mapped
            # address space may be larger: thread stacks and libraries reserve much they never use.
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_AS": 2 * self.memory_bytes + (256 << 20),
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_CORE": 0,
        }


@dataclass(frozen=True)
class SandboxSpec:
    """All that a launcher needs to know.

    code_dir is mounted at /agent and package_dirs below /packages, all read-only. player_id is the
    seat, from 0. group is the control group to start in, empty where there is none.
    """

    python: AgentPython
    code_dir: str
    player_id: int
    package_dirs: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    group: Group = field(default_factory=Group)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> SandboxSpec:
        return SandboxSpec(
            python=AgentPython(**value["python"]),
            code_dir=value["code_dir"],
            player_id=value["player_id"],
            package_dirs=tuple(value["package_dirs"]),
            limits=Limits(**value["limits"]),
            group=Group(**value["group"]),
        )


def bwrap_command(
    spec: SandboxSpec,
    request_fd: int,
    reply_fd: int,
    info_fd: int | None,
    seccomp_fd: int | None = None,
) -> list[str]:
    """The whole cage as one command line. Public for the tests that run other programs in it."""
    here = Path(__file__).parent
    site = [f"/opt/site-packages/{i}" for i, _ in enumerate(spec.python.site_packages)]
    config = {"here": "/harness", **_harness_config(spec, request_fd, reply_fd, site)}
    command = [
        bwrap_path(),
        *("--unshare-all", "--unshare-user"),
        *(("--disable-userns",) if supports_disable_userns() else ()),
        *("--uid", _NOBODY, "--gid", _NOBODY, "--cap-drop", "ALL"),
        *("--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"),
        *(("--info-fd", str(info_fd)) if info_fd is not None else ()),
        *(("--seccomp", str(seccomp_fd)) if seccomp_fd is not None else ()),
    ]
    for name, value in AGENT_ENVIRONMENT.items():
        command += ["--setenv", name, value]
    links, shown = _system(spec.python)
    for target, link in links:
        command += ["--symlink", target, link]
    for path_name in shown:
        command += ["--ro-bind-try", path_name, path_name]
    for hidden in _foreign_packages(spec.python):
        command += ["--size", "4096", "--tmpfs", hidden, "--remount-ro", hidden]
    mounts = [
        *zip(spec.python.site_packages, site, strict=True),
        (str(here / "harness.py"), "/harness/harness.py"),
        (str(here / "wire.py"), "/harness/wire.py"),
        *_code(spec),
    ]
    for source, target in mounts:
        command += ["--ro-bind", source, target]
    tmp = str(spec.limits.tmp_bytes)
    command += ["--proc", "/proc", "--size", "65536", "--tmpfs", "/dev"]
    for device in ("null", "zero", "full", "random", "urandom"):
        command += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    command += ["--symlink", "/proc/self/fd", "/dev/fd"]
    command += ["--size", tmp, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    command += ["--size", tmp, "--tmpfs", "/tmp", "--remount-ro", "/"]  # noqa: S108
    command += ["--chdir", "/tmp", "--"]  # noqa: S108
    return [
        *command,
        *(spec.python.executable, "-I", "-S", "-u", "/harness/harness.py", json.dumps(config)),
    ]


def zygote_settings(python: AgentPython, program: bytes) -> dict[str, Any]:
    """What a zygote is told at start: the same root for every agent, and the seccomp filter.

    Packages appear at the paths they were loaded from, or what is imported later would be missing.
    """
    links, shown = _system(python)
    hidden = [path for path in _foreign_packages(python) if path not in python.site_packages]
    return {
        "links": links,
        "shown": [*shown, *python.site_packages],
        "hidden": hidden,
        "site_packages": python.site_packages,
        "program": base64.b64encode(program).decode(),
    }


def zygote_request(spec: SandboxSpec, core: int | None) -> dict[str, Any]:
    """What a zygote is told for one agent; core is where it runs, None for any."""
    own = spec.python.site_packages
    return {
        "groups": spec.group.entrances(),
        "core": core,
        "binds": _code(spec),
        "tmp_bytes": spec.limits.tmp_bytes,
        "harness": _harness_config(spec, *ZYGOTE_DESCRIPTORS, own),
    }


def _harness_config(
    spec: SandboxSpec, request_fd: int, reply_fd: int, own_packages: Sequence[str]
) -> dict[str, Any]:
    return {
        "request_fd": request_fd,
        "reply_fd": reply_fd,
        "code_dir": "/agent",
        "package_dirs": [f"/packages/{i}" for i, _ in enumerate(spec.package_dirs)],
        "own_packages": list(own_packages),
        "player_id": spec.player_id,
        "limits": spec.limits.rlimits(),
    }


def _system(python: AgentPython) -> tuple[list[tuple[str, str]], list[str]]:
    """Links, as target and path, and paths that every sandbox shows where they are."""
    links, shown = [], []
    for directory in _LIBRARY_DIRS:
        path = Path(directory)
        if path.is_symlink():
            links.append((os.readlink(directory), directory))
        elif path.is_dir():
            shown.append(directory)
    return links, [*shown, "/etc/ld.so.cache", *python.paths()]


def _foreign_packages(python: AgentPython) -> list[str]:
    """Packages of the base interpreter, perhaps the executor's own, are none of the agents'."""
    folders = [f"{python.stdlib}/{name}" for name in ("site-packages", "dist-packages")]
    return [folder for folder in folders if Path(folder).is_dir()]


def _code(spec: SandboxSpec) -> list[tuple[str, str]]:
    packages = [(path, f"/packages/{i}") for i, path in enumerate(spec.package_dirs)]
    return [*packages, (spec.code_dir, "/agent")]


_versions: dict[str, tuple[int, ...]] = {}


def bwrap_path() -> str:
    path = shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/bin")
    if path is None:
        raise SandboxUnavailable(
            "bubblewrap is missing. Install it: apt-get install bubblewrap (Debian, Ubuntu), "
            "dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch)."
        )
    if path not in _versions:
        output = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
        _versions[path] = tuple(int(part) for part in output.stdout.split()[-1].split("."))
        if _versions[path] < (0, 7):
            raise SandboxUnavailable(
                f"bubblewrap {output.stdout.split()[-1]} is too old: 0.7.0 or newer is needed, "
                "which limits the size of temporary file systems."
            )
    return path


def supports_disable_userns() -> bool:
    """Whether bubblewrap can forbid further user namespaces inside (0.8.0 and newer)."""
    return _versions.get(bwrap_path(), (0,)) >= (0, 8)


if sys.platform != "linux":
    raise SandboxUnavailable("Sandboxes need Linux; elsewhere run the executor in a container.")
