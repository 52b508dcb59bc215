"""The steps of a build's Job on Kubernetes, each in a container of its own.

Run with the name of a step: `source` fetches and unpacks the upload, `packages` compiles the code,
collects its packages and writes the context of the image, `hand-over` sends the packages to
build-service. Nothing of the author's is executed: code is compiled, wheels are unpacked.

A step that ends with REFUSED has found a fault of the author's and wrote it to the termination log;
any other status but 0 is a fault of the platform.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

REFUSED = 3
HERE = Path(__file__).resolve().parent
WORKSPACE = Path(os.environ.get("ARENA_WORKSPACE", "/workspace"))
CONTEXT = WORKSPACE / "context"
CODE = CONTEXT / "code"
SITE = CONTEXT / "packages" / "site"
PACKAGES = WORKSPACE / "packages.zip"
TERMINATION_LOG = Path(os.environ.get("ARENA_TERMINATION_LOG", "/dev/termination-log"))
# What a container may leave there is 4096 bytes.
MAX_COMPLAINTS, MAX_COMPLAINT = 12, 240
PATIENCE_SECONDS = 120.0
PIP_SECONDS = {"collect": 600, "unpack": 300}
BLOCK = 1 << 16


class Broken(Exception):
    """A fault of the platform; the message is for the build's log."""


def say(text: str) -> None:
    print(text, flush=True)


def refuse(**told: Any) -> NoReturn:
    """Ends the step for a fault of the author's."""
    TERMINATION_LOG.write_text(json.dumps(told))
    sys.exit(REFUSED)


# --- source


def source() -> None:
    """The upload as a folder of files, exactly as it was announced."""
    upload = WORKSPACE / "upload"
    CODE.mkdir(parents=True, exist_ok=True)
    fetch(upload, int(os.environ["ARENA_BUILD_SOURCE_BYTES"]))
    digest = sha256(upload)
    if digest.hex() != os.environ["ARENA_BUILD_SOURCE_SHA256"]:
        raise Broken("the fetched upload differs from the one that was announced")
    if os.environ["ARENA_BUILD_SOURCE_KIND"] == "zip":
        unpack(upload, CODE)
        upload.unlink()
    else:
        upload.rename(CODE / "agent.py")
    say("Fetched the upload.")


def fetch(target: Path, size: int) -> None:
    with call("GET", "source") as answer, target.open("wb") as file:
        shutil.copyfileobj(answer, file, BLOCK)
    if target.stat().st_size != size:
        raise Broken("the fetched upload has another size than announced")


def unpack(archive: Path, folder: Path) -> None:
    """build-service has judged this very archive by its digest; what it takes is unpacked here."""
    with zipfile.ZipFile(archive) as zipped:
        for entry in zipped.infolist():
            name = entry.filename
            if name.startswith("__MACOSX/") or "/__pycache__/" in f"/{name}":
                continue
            target = (folder / name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise Broken("an entry of the archive leaves its folder")
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(entry) as data, target.open("xb") as file:
                    shutil.copyfileobj(data, file, BLOCK)


# --- packages


def packages() -> None:
    """All that the image and the bundle consist of, besides the code."""
    SITE.mkdir(parents=True, exist_ok=True)
    check_syntax()
    wanted = requirements()
    wheels = collect(wanted) if wanted else []
    manifest = {
        "pythonMinor": f"{sys.version_info.major}.{sys.version_info.minor}",
        "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
        "wheels": wheels,
    }
    # Beside the packages, so that the folder is never empty: not every builder copies those.
    (SITE.parent / "manifest.json").write_text(json.dumps(manifest))
    (CONTEXT / "Dockerfile").write_text(os.environ["ARENA_BUILD_DOCKERFILE"])
    pack()


def check_syntax() -> None:
    try:
        status, lines = script("syntax.py", CODE, 60)
    except subprocess.TimeoutExpired as expired:
        status, lines = 1, (expired.stdout or b"").decode(errors="replace").splitlines()
    found = [json.loads(line) for line in lines]
    errors = [one for one in found if "message" in one]
    for error in errors:
        say(sentence(error))
    if errors:
        refuse(reason="syntax_error", message=f"{sentence(errors[0])}. Mend it and upload again.")
    if status != 0 and not found:
        raise Broken("the code could not be compiled")
    if status != 0:
        too_deep = "cannot be compiled: its code is nested too deeply or too large."
        advice = "Simplify it and upload again."
        refuse(reason="syntax_error", message=f"{found[-1]['file']} {too_deep} {advice}")
    say(f"Compiled {len(found)} Python file{'' if len(found) == 1 else 's'}.")


def sentence(error: dict[str, Any]) -> str:
    place = "" if error["line"] is None else f", line {error['line']}"
    return f"{error['file']}{place}: {error['message']}"


def requirements() -> list[str]:
    file = CODE / "requirements.txt"
    if not file.is_file():
        return []
    if file.stat().st_size > 256 * 1024:
        refuse(
            reason="requirements", message="requirements.txt is larger than 256 KiB. Shorten it."
        )
    status, lines = script("requirements.py", file, 30)
    if status != 0:
        raise Broken("requirements.txt could not be judged")
    verdict = json.loads(lines[0])
    if "error" in verdict:
        refuse(reason="requirements", message=verdict["error"])
    return list(verdict["requirements"])


def script(name: str, argument: Path, seconds: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-I", str(HERE / name), str(argument)],
        stdout=subprocess.PIPE,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace").splitlines()


def collect(wanted: list[str]) -> list[dict[str, str]]:
    """Resolves, downloads and unpacks; returns the wheels that were taken."""
    work = WORKSPACE / "download"
    downloaded = work / "wheels"
    downloaded.mkdir(parents=True, exist_ok=True)
    (work / "wanted.txt").write_text("\n".join(wanted) + "\n")
    say(f"Resolving {len(wanted)} requirement(s).")
    report = work / "report.json"
    index = json.loads(os.environ["ARENA_BUILD_PIP_ARGUMENTS"])
    only_wheels = ["--only-binary=:all:", *index]
    pip(
        *("install", "--dry-run", "--report", str(report)),
        *("--requirement", str(work / "wanted.txt"), *only_wheels),
    )
    missing = {
        normal(item["metadata"]["name"]): item
        for item in json.loads(report.read_bytes())["install"]
    }
    if not missing:
        return []
    most = int(os.environ["ARENA_BUILD_MAX_PACKAGES"])
    if len(missing) > most:
        told = f"The requirements need {len(missing)} packages, and at most {most} are allowed."
        refuse(reason="requirements", message=f"{told} Ask for fewer.")
    pinned = [f"{m['metadata']['name']}=={m['metadata']['version']}" for m in missing.values()]
    (work / "pinned.txt").write_text("\n".join(pinned) + "\n")
    say(f"Downloading {len(missing)} package(s).")
    pip(
        *("download", "--no-deps", "--dest", str(downloaded)),
        *("--requirement", str(work / "pinned.txt"), *only_wheels),
    )
    files = sorted(downloaded.iterdir())
    wheels = [wheel(file) for file in files]
    if {normal(one["name"]) for one in wheels} != set(missing):
        raise Broken("the package index changed while it was read")
    check_size(files)
    pip(
        *("install", "--no-index", "--no-deps", "--no-compile", "--quiet", "--target", str(SITE)),
        *map(str, files),
        phase="unpack",
    )
    # Nothing runs the scripts that packages bring.
    shutil.rmtree(SITE / "bin", ignore_errors=True)
    shutil.rmtree(work)
    say("Installed the packages.")
    return wheels


def normal(name: str) -> str:
    """Names compare as PEP 503 says."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wheel(file: Path) -> dict[str, str]:
    parts = file.name.split("-")
    if not file.name.endswith(".whl") or len(parts) < 5:
        refuse(reason="requirements", message=f"The package file '{file.name}' is not a wheel.")
    digest = sha256(file).hex()
    say(f"  {parts[0]} {parts[1]} sha256 {digest}")
    return {"name": parts[0].replace("_", "-"), "version": parts[1], "sha256": digest}


def check_size(files: list[Path]) -> None:
    most = int(os.environ["ARENA_BUILD_MAX_PACKAGE_BYTES"])
    total = 0
    for file in files:
        try:
            with zipfile.ZipFile(file) as zipped:
                total += sum(entry.file_size for entry in zipped.infolist())
        except zipfile.BadZipFile:
            refuse(reason="requirements", message=f"The package file '{file.name}' is damaged.")
    if total > most:
        told = f"The packages of requirements.txt unpack to more than {most >> 20} MiB."
        refuse(reason="requirements", message=f"{told} Ask for smaller ones.")


def pip(*arguments: str, phase: str = "collect") -> None:
    command = [sys.executable, "-I", "-m", "pip", *arguments]
    command += ["--no-input", "--no-color", "--disable-pip-version-check"]
    command += ["--root-user-action=ignore"] if arguments[0] == "install" else []
    command += ["--progress-bar=off"] if phase == "collect" else ["--no-cache-dir"]
    complaints: list[str] = []
    begun = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            say(line.rstrip())
            if line.startswith(("ERROR", "WARNING")) or "conflict" in line:
                complaints.append(line.strip()[:MAX_COMPLAINT])
            if time.monotonic() - begun > PIP_SECONDS[phase]:
                running.kill()
                told = f"The packages took longer than {PIP_SECONDS[phase] // 60} min to {phase}."
                refuse(reason="timeout", message=f"{told} Ask for fewer.")
    if running.returncode == 0:
        return
    if phase == "unpack":
        told = "A package of requirements.txt could not be installed. The build log says why."
        refuse(reason="requirements", message=told)
    # Whose fault it is build-service tells, as it does for builds of its own.
    half = MAX_COMPLAINTS // 2
    kept = complaints if len(complaints) <= 2 * half else complaints[:half] + complaints[-half:]
    refuse(pip=kept)


def pack() -> None:
    """What build-service makes the bundle of: plain files alone, no links."""
    with zipfile.ZipFile(PACKAGES, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        for path in sorted(SITE.parent.rglob("*")):
            if path.is_file() and not path.is_symlink():
                zipped.write(path, path.relative_to(SITE.parent).as_posix())


# --- hand-over


def hand_over() -> None:
    """Sends the packages, for the bundle."""
    digest = base64.b64encode(sha256(PACKAGES)).decode()
    headers = {
        "Content-Type": "application/zip",
        "Content-Length": str(PACKAGES.stat().st_size),
        "Content-Digest": f"sha-256=:{digest}:",
    }
    with call("PUT", "packages", headers, PACKAGES):
        say("Handed over the packages.")


# --- build-service


def call(method: str, what: str, headers: dict[str, str] | None = None, file: Path | None = None):
    """An answer of build-service; one that is away or overloaded is asked again for a while."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    pause = 0.5
    while True:
        try:
            return urllib.request.urlopen(request(method, what, headers or {}, file), timeout=60)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                detail = error.read(2000).decode(errors="replace")
                raise Broken(f"build-service answers {error.code}: {detail}") from None
            problem = f"build-service answers {error.code}"
        except OSError as error:
            problem = f"build-service cannot be reached: {type(error).__name__}"
        if time.monotonic() > give_up:
            raise Broken(problem)
        say(f"{problem}; trying again.")
        time.sleep(pause)
        pause = min(2 * pause, 10.0)


def request(
    method: str, what: str, headers: dict[str, str], file: Path | None
) -> urllib.request.Request:
    body: BinaryIO | None = file.open("rb") if file else None
    token = os.environ["ARENA_BUILD_TOKEN"]
    return urllib.request.Request(
        f"{os.environ['ARENA_BUILD_URL']}/internal/builds/{what}",
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {token}", **headers},
    )


def sha256(file: Path) -> bytes:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").digest()


def main() -> None:
    step = {"source": source, "packages": packages, "hand-over": hand_over}[sys.argv[1]]
    try:
        step()
    except Broken as broken:
        say(f"{broken}.")
        sys.exit(1)


main()
