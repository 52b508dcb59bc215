"""Agents as they are named on the command line, laid out as the sandbox mounts them."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from arena import environments
from arena.cli.failure import CliError
from arena.playing import Code

#: Agents that need no file.
BUILT_IN = ("random", "quickstart")
_MAX_UNPACKED_BYTES = 512 << 20

_RANDOM = """\
import random


class Agent:
    def act(self, observation):
        if isinstance(observation, dict) and "action_mask" in observation:
            legal = [a for a, allowed in enumerate(observation["action_mask"]) if allowed]
        else:
            legal = range({actions})
        return random.choice(legal)
"""


def name_of(agent: str) -> str:
    """How an agent is called in results."""
    path = Path(agent)
    return path.name if path.is_dir() else path.stem or agent


def stage(agent: str, environment_id: str, target: Path) -> Code:
    """Copies an agent into a new folder that the sandbox's user can read."""
    source = Path(agent)
    if agent in BUILT_IN and not source.exists():
        target.mkdir()
        (target / "agent.py").write_text(_built_in(agent, environment_id), "utf-8")
    elif source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".git"))
    elif zipfile.is_zipfile(source):
        _unpack(source, target)
    elif source.exists():
        target.mkdir()
        shutil.copyfile(source, target / (source.name if source.suffix == ".py" else "agent.py"))
    else:
        raise CliError(f"There is no {agent}.")
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Code(str(target))


def _built_in(agent: str, environment_id: str) -> str:
    environment = environments.create(environment_id)
    if agent == "quickstart":
        return str(environment.spec.config["quickStartCode"])
    return _RANDOM.format(actions=environment.action_count)


def _unpack(source: Path, target: Path) -> None:
    """As the platform does: nothing outside the folder, no links, not without end."""
    with zipfile.ZipFile(source) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > _MAX_UNPACKED_BYTES:
            raise CliError(f"{source} holds more than {_MAX_UNPACKED_BYTES >> 20} MiB.")
        target.mkdir()
        for entry in entries:
            name = PurePosixPath(entry.filename.replace("\\", "/"))
            if name.is_absolute() or ".." in name.parts:
                raise CliError(f"{source}: {entry.filename} leaves its folder.")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise CliError(f"{source}: {entry.filename} is a link.")
            path = target.joinpath(*name.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as content, path.open("wb") as file:
                shutil.copyfileobj(content, file)
