"""Builds what is not built: Maven modules by the age of their sources, virtual environments."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import prerequisites
from .layout import LIBRARIES, ROOT, SERVICES

INFRA_JAR = ROOT / "embedded-infra" / "target" / "embedded-infra.jar"


class BuildFailed(Exception):
    """Maven or pip failed; what they said is already on the screen."""


# --- Java


def newest_source(module: str) -> float:
    """When the youngest source of a Maven module was changed (seconds since the epoch)."""
    folder = ROOT / module
    # Tests do not go into the artifact.
    sources = [folder / "pom.xml", *_files(folder / "src" / "main")]
    if module == "contracts":
        # What its pom packages; its checks are nobody's dependency.
        packaged = ("events", "grpc", "openapi")
        sources += [folder / "asyncapi.yaml", folder / "asyncapi.html"]
        sources += [*(f for p in packaged for f in _files(folder / p))]
    return max((path.stat().st_mtime for path in sources if path.exists()), default=0.0)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def stale_modules() -> list[str]:
    """The runnable modules whose artifact is absent or older than its sources or a library's."""
    libraries = max(newest_source(module) for module in LIBRARIES)
    root_pom = (ROOT / "pom.xml").stat().st_mtime
    artifacts = {"embedded-infra": INFRA_JAR, **{s.name: s.jar for s in SERVICES}}
    return [
        module
        for module, artifact in artifacts.items()
        if not artifact.exists()
        or artifact.stat().st_mtime < max(newest_source(module), libraries, root_pom)
    ]


def maven_environment() -> dict[str, str]:
    home = prerequisites.java_home()
    return {
        **os.environ,
        "JAVA_HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def maven_command(*arguments: str) -> list[str]:
    """Maven without progress bars and downloads' chatter, but with its closing lines."""
    return [prerequisites.maven(), "-B", "-ntp", "-f", str(ROOT / "pom.xml"), *arguments]


def build_java(wanted: Sequence[str] | None = None) -> None:
    """Packages the runnable modules (or those wanted) that are not up to date."""
    stale = [module for module in stale_modules() if not wanted or module in wanted]
    if not stale:
        return
    print(f"Building {', '.join(stale)} (the first time takes a few minutes) ...", flush=True)
    arguments = ("package", "-DskipTests", "-q", "-pl", ",".join(stale), "-am")
    command = maven_command(*arguments)
    done = subprocess.run(command, env=maven_environment(), stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BuildFailed("the Java build failed; Maven's messages are above.")
    for module in stale:
        # Maven leaves an artifact alone that would come out the same: its age must still say "new".
        artifact = INFRA_JAR if module == "embedded-infra" else ROOT / module
        os.utime(artifact if artifact.is_file() else _jar_of(module))


def _jar_of(module: str) -> Path:
    return next(service.jar for service in SERVICES if service.name == module)


# --- Python

# What each environment holds. The agents' one is what submitted code sees: no runner, no gRPC.
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "agent": ("python/requirements-agent.txt",),
    "executor": (
        "python/requirements-agent.txt",
        "python/requirements-games.txt",
        "executor/requirements.txt",
    ),
    "dev": (
        "python/requirements-agent.txt",
        "python/requirements-games.txt",
        "executor/requirements.txt",
        "python/requirements-dev.txt",
        "e2e/requirements.txt",
    ),
}
# Packages of this repository, importable where the environment's code runs.
SOURCE_FOLDERS: dict[str, tuple[str, ...]] = {
    "executor": ("python/src", "executor/src"),
    "dev": ("python/src", "executor/src"),
}


def build_python(names: Sequence[str]) -> None:
    """Makes the virtual environments whose requirements changed since they were made."""
    for name in names:
        folder = ROOT / ".arena" / "venv" / name
        requirements = [ROOT / path for path in ENVIRONMENTS[name]]
        wanted = _digest(requirements)
        stamp = folder / "made-from"
        if not stamp.exists() or stamp.read_text() != wanted:
            _make_venv(name, folder, requirements)
            stamp.write_text(wanted)
        if name in SOURCE_FOLDERS:
            _make_importable(folder, SOURCE_FOLDERS[name])


def _digest(requirements: Sequence[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in requirements:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _make_venv(name: str, folder: Path, requirements: Sequence[Path]) -> None:
    print(f"Making the Python environment {name!r} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", str(folder)], f"making the environment {name!r} failed.")
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
    install += ["--disable-pip-version-check", "--no-input"]
    for path in requirements:
        install += ["-r", str(path)]
    _run(install, f"pip could not install the environment {name!r}.")


def _make_importable(folder: Path, sources: Sequence[str]) -> None:
    """A .pth file: the repository's packages are imported from their sources, never copied."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lines = "".join(f"{ROOT / source}\n" for source in sources)
    target = folder / "lib" / version / "site-packages" / "arena-sources.pth"
    if not target.exists() or target.read_text() != lines:
        target.write_text(lines)


def generate_stubs() -> None:
    """The executor's gRPC stubs, when the contract or the generator is younger than they are."""
    generator = ROOT / "executor" / "generate_stubs.py"
    proto = ROOT / "contracts" / "grpc" / "executor.proto"
    made = ROOT / "executor" / "src" / "arena_executor" / "generated" / "executor_pb2_grpc.py"
    youngest = max(path.stat().st_mtime for path in (generator, proto))
    if made.exists() and made.stat().st_mtime >= youngest:
        return
    python = ROOT / ".arena" / "venv" / "executor" / "bin" / "python"
    _run([str(python), str(generator)], "generating the gRPC stubs failed.")


# --- tools

HELM_VERSION = "v3.19.0"
KUBECONFORM_VERSION = "v0.7.0"
TOXIPROXY_VERSION = "v2.12.0"
COMPOSE_VERSION = "v2.40.3"


def helm() -> str | None:
    """Helm, built once with Go and kept under .arena/tools; None where there is no Go."""
    return _go_tool("helm", f"helm.sh/helm/v3/cmd/helm@{HELM_VERSION}", "helm")


def kubeconform() -> str | None:
    """What holds manifests against the schemas of the Kubernetes API; None where there is no Go."""
    package = f"github.com/yannh/kubeconform/cmd/kubeconform@{KUBECONFORM_VERSION}"
    return _go_tool("kubeconform", package, "kubeconform")


def toxiproxy() -> str | None:
    """The proxy that fault trials put before broker and database; None where there is no Go."""
    package = f"github.com/Shopify/toxiproxy/v2/cmd/server@{TOXIPROXY_VERSION}"
    return _go_tool("toxiproxy", package, "toxiproxy/server")


def _go_tool(name: str, package: str, program: str) -> str | None:
    tool = ROOT / ".arena" / "tools" / program
    go = shutil.which("go")
    if not tool.exists() and go:
        print(f"Building {name} with Go ...", flush=True)
        done = subprocess.run(
            [go, "install", package],
            env={**os.environ, "GOBIN": str(tool.parent)},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise BuildFailed(f"{name} could not be built with Go.")
    return str(tool) if tool.exists() else None


def compose() -> str | None:
    """Docker Compose as a program of its own; None where there is no Go.

    Its go.mod has directives that `go install` refuses: it is built as a module's dependency.
    """
    tool = ROOT / ".arena" / "tools" / "docker-compose"
    go = shutil.which("go")
    if tool.exists() or not go:
        return str(tool) if tool.exists() else None
    print("Building Docker Compose with Go (some minutes) ...", flush=True)
    package = "github.com/docker/compose/v2"
    version = f"-X {package}/internal.Version={COMPOSE_VERSION}"
    steps = (
        [go, "mod", "init", "tool"],
        [go, "get", f"{package}/cmd@{COMPOSE_VERSION}"],
        [go, "build", "-trimpath", f"-ldflags=-s -w {version}", "-o", str(tool), f"{package}/cmd"],
    )
    with tempfile.TemporaryDirectory(prefix="arena-tool-") as folder:
        for step in steps:
            done = subprocess.run(
                step, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
            if done.returncode != 0:
                raise BuildFailed(f"Docker Compose could not be built with Go:\n{done.stderr}")
    return str(tool)


def _run(command: Sequence[str], failure: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, cwd=ROOT)
    if done.returncode != 0:
        raise BuildFailed(f"{failure} What it said is above.")


def build_all() -> None:
    """Everything `up` needs."""
    prerequisites.require_system_packages()
    prerequisites.java_home()
    build_python(("agent", "executor"))
    generate_stubs()
    build_java()
