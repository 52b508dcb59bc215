"""What an operator sets for matches in pods; read with that backend alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from arena.cage import Limits

_BY_DIGEST = re.compile(r"[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*")


class SettingProblem(Exception):
    """A setting that cannot be; setting is its name without the prefix."""

    def __init__(self, setting: str, what: str) -> None:
        super().__init__(what)
        self.setting = setting


@dataclass(frozen=True)
class CosignSettings:
    """How images are verified: public keys, of which one has to have signed."""

    keys: tuple[Path, ...]
    program: str = "cosign"
    #: Beside those that the executor gives it.
    arguments: tuple[str, ...] = ()
    #: Longest time for one image and one key.
    seconds: float = 20.0


@dataclass(frozen=True)
class PodSettings:
    """executor/README.md holds the table with meanings, units and defaults. SettingProblem for
    what cannot be."""

    registry: str
    runner_image: str
    limits: Limits
    #: None takes the executor's own.
    namespace: str | None = None
    instance: str = "arena"
    identity: str = "executor"
    service_account: str = "agent-match"
    pull_secret: str | None = None
    runtime_class: str | None = None
    user_namespace: bool = False
    node_selector: dict[str, str] = field(default_factory=dict)
    agent_cpu: str = "1"
    #: For what a runtime keeps of a container: nothing in it can write to a disk.
    disk_mib: int = 64
    runner_cpu: str = "1"
    runner_memory_mib: int = 1024
    start_seconds: float = 60.0
    #: Longest time of a match.
    match_seconds: float = 330.0
    warm_runners: int = 1
    warm_seconds: float = 1800.0
    sweep_seconds: float = 60.0
    open_network: bool = False
    #: None plays images whether they are signed or not.
    cosign: CosignSettings | None = None

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.registry):
            raise SettingProblem(
                "KUBERNETES_REGISTRY",
                "must name the registry and the path below which each agent has a repository, such "
                "as registry.example.org/agents",
            )
        if not _BY_DIGEST.fullmatch(self.runner_image):
            raise SettingProblem(
                "KUBERNETES_RUNNER_IMAGE",
                "must name the executor's image by digest, such as registry/name@sha256:...",
            )
