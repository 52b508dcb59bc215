"""`./arena images`: what the compose file runs, and bases for it where no registry answers."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import build, engines, prerequisites
from .engines import Engine, EngineFailed, Project
from .layout import ROOT, SERVICES

#: Images that are not built here, by the compose file's variables, and what stands in for them:
#: made of Debian's packages, this machine's JDK and the broker that the suite embeds.
STAND_INS = {
    "JAVA_IMAGE": "rl-arena-stand-in/java",
    "PYTHON_IMAGE": "rl-arena-stand-in/python",
    "POSTGRES_IMAGE": "rl-arena-stand-in/postgresql",
    "KAFKA_IMAGE": "rl-arena-stand-in/kafka",
}
DEBIAN = "rl-arena-stand-in/debian"
# The release that python:3.11 has as its own.
SUITE = "bookworm"
RECIPES = ROOT / "docker" / "stand-ins"


def run(stand_ins: bool) -> None:
    """Builds all images with the engine that answers; makes .env if there is none."""
    engine = engines.running()
    file = ROOT / ".env"
    given = STAND_INS if stand_ins else {}
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(settings_text(given))
        print(f"Made {file} with new secrets.")
    elif given:
        print("For `docker compose up`, .env needs:\n  " + "\n  ".join(_lines(given)))
    build_all(Project(engine, "rl-arena", given), stand_ins)
    print("The images are built: docker compose up")


def push(place: str, base: str | None, tag: str, insecure: bool) -> None:
    """Builds the images of services and pushes them to place, a registry and a path in it, without
    an engine. base: an image of the stage `base` of docker/service.Dockerfile, by default there."""
    registry, _, group = place.partition("/")
    if not registry or not group:
        raise prerequisites.Missing(
            "--jib wants a registry and a path in it, such as registry.example.org/rl-arena."
        )
    print(f"Building the images of all services and pushing them to {place} ...", flush=True)
    command = build.maven_command(
        *("package", "-DskipTests", "-q", "-am"),
        *("-pl", ",".join(service.name for service in SERVICES)),
        "-Dquarkus.container-image.push=true",
        f"-Dquarkus.container-image.registry={registry}",
        f"-Dquarkus.container-image.group={group}",
        f"-Dquarkus.container-image.tag={tag}",
        f"-Dquarkus.container-image.insecure={str(insecure).lower()}",
        f"-Dquarkus.jib.base-jvm-image={base or f'{place}/service-base'}",
    )
    done = subprocess.run(command, env=build.maven_environment(), stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise build.BuildFailed("the images were not all pushed; Maven's messages are above.")
    print("They are pushed.")


def settings_text(more: dict[str, str]) -> str:
    """.env.example with a secret of its own for every variable that it leaves empty."""
    text = (ROOT / ".env.example").read_text()
    filled = re.sub(r"^(\w+=)$", lambda m: m[1] + secrets.token_hex(32), text, flags=re.M)
    return filled + "".join(f"{line}\n" for line in _lines(more))


def settings(more: dict[str, str]) -> dict[str, str]:
    """The same as variables."""
    lines = settings_text(more).splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _lines(variables: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in variables.items()]


def build_all(project: Project, stand_ins: bool) -> None:
    """The images of the project's compose file, and first the bases that it is to stand on."""
    build.build_java()
    engine = project.engine
    if stand_ins:
        _make_bases(engine)
    # One after the other: each starts its service once, and all at once would only slow each other.
    for name in ("topics", "executor", *(service.name for service in SERVICES)):
        project.compose("build", name)
    if stand_ins:
        # Its jars are those of an image that was just built.
        topics = f"{os.environ.get('ARENA_IMAGES', 'rl-arena')}/topics"
        _make(engine, "kafka", RECIPES, "--build-arg", f"TOPICS_IMAGE={topics}")


def have_upstream(engine: Engine) -> bool:
    """Whether the images that the compose file names by default are there or can be fetched."""
    text = (ROOT / "docker-compose.yml").read_text()
    for name in STAND_INS:
        found = re.search(rf"\$\{{{name}:-([^}}]+)\}}", text)
        assert found, name
        image = os.environ.get(name) or found[1]
        try:
            if not engine.has_image(image):
                engine.docker("pull", "--quiet", image)
        except EngineFailed:
            return False
    return True


def can_make_bases() -> bool:
    return os.geteuid() == 0 and shutil.which("debootstrap") is not None


def _make_bases(engine: Engine) -> None:
    if not engine.has_image(DEBIAN):
        _import_debian(engine)
    _make(engine, "java", prerequisites.java_home())
    for name in ("python", "postgresql"):
        _make(engine, name, RECIPES)


def _make(engine: Engine, name: str, context: Path, *arguments: str) -> None:
    print(f"Making a stand-in for the image of {name} ...", flush=True)
    recipe = RECIPES / f"{name}.Dockerfile"
    image = f"rl-arena-stand-in/{name}"
    engine.docker("build", "-q", "-t", image, "-f", str(recipe), *arguments, str(context))


def _import_debian(engine: Engine) -> None:
    if not can_make_bases():
        raise prerequisites.Missing(
            "base images without a registry are made by debootstrap, as root.\n"
            "  Debian, Ubuntu:  sudo apt-get install debootstrap"
        )
    print(f"Making a base image of Debian {SUITE} (some minutes) ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="arena-debian-") as folder:
        root = Path(folder) / "root"
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", SUITE, str(root)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise EngineFailed(f"debootstrap failed:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
        certificates = Path("/etc/ssl/certs/ca-certificates.crt")
        if certificates.exists():
            shutil.copy(certificates, root / "etc" / "host-certificates.pem")
        archive = Path(folder) / "root.tar"
        subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        engine.docker("import", "--change", 'CMD ["bash"]', str(archive), DEBIAN)
