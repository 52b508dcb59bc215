"""Finds the JDK, Maven and the system packages; says what is missing and how to get it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

JAVA_RELEASE = 25


class Missing(Exception):
    """Something this machine lacks; the message says how to get it."""


def java_home() -> Path:
    """The home of a JDK 25 or later. `java` on the path is often an older one."""
    for candidate in _java_candidates():
        if _java_release(candidate) >= JAVA_RELEASE and (candidate / "bin" / "javac").exists():
            return candidate
    raise Missing(
        f"no JDK {JAVA_RELEASE} was found (looked at JAVA_HOME, the path, /usr/lib/jvm, SDKMAN).\n"
        "  Debian, Ubuntu:  https://adoptium.net/installation/linux (package temurin-25-jdk)\n"
        "  SDKMAN:          sdk install java 25-tem\n"
        "  macOS:           brew install --cask temurin@25\n"
        "Installed in an unusual place? JAVA_HOME=/path/to/jdk ./arena ..."
    )


def _java_candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parents[1]
    folders = (
        ("/usr/lib/jvm", "*"),
        ("/opt", "*j*dk*"),
        (str(Path.home() / ".sdkman/candidates/java"), "*"),
        (str(Path.home() / ".jdks"), "*"),
        ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
    )
    for folder, pattern in folders:
        if Path(folder).is_dir():
            yield from sorted(Path(folder).glob(pattern))


def _java_release(home: Path) -> int:
    """The feature release a JDK's own `release` file names, 0 when there is none to read."""
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        return 0
    found = re.search(r'JAVA_VERSION="(\d+)', text)
    return int(found.group(1)) if found else 0


def maven() -> str:
    found = shutil.which("mvn")
    if not found:
        raise Missing(
            "no Maven (mvn) was found.\n"
            "  Debian, Ubuntu:  apt-get install maven\n"
            "  SDKMAN:          sdk install maven\n"
            "  macOS:           brew install maven"
        )
    return found


def require_system_packages() -> None:
    """bubblewrap for the sandboxes, venv for the Python environments.

    As root on Debian and its kin they are installed, saying so.
    """
    if sys.platform != "linux":
        raise Missing(
            "the sandboxes in which agents play need Linux (bubblewrap).\n"
            "  Elsewhere: docker compose up"
        )
    packages = []
    if not shutil.which("bwrap"):
        packages.append("bubblewrap")
    # A Debian Python has venv but not ensurepip until python3-venv is installed.
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        packages.append("python3-venv")
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(
            f"missing on this machine: {names}\n"
            f"  Debian, Ubuntu:  sudo apt-get install {names}\n"
            f"  Fedora:          sudo dnf install bubblewrap python3\n"
            f"  Arch:            sudo pacman -S bubblewrap python"
        )
    print(f"Installing {names} with apt-get (needed for sandboxes and Python environments)")
    if not _apt_install(packages):
        raise Missing(f"`apt-get install {names}` failed; its messages are above.")


def _apt_install(packages: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]

    def run(command: list[str]) -> bool:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
        return done.returncode == 0

    # Package lists of a fresh image are empty or stale; only then is an update worth its time.
    return run(install) or (run(["apt-get", "update", "-qq"]) and run(install))
