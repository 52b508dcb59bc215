"""Settings, all from environment variables called ARENA_EXECUTOR_..."""

from __future__ import annotations

import ipaddress
import logging
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from arena.cage import Limits
from arena.launch import DEFAULT_UID, LAUNCHERS
from arena.match import Rules
from arena_executor.pods.settings import CosignSettings, PodSettings, SettingProblem
from arena_executor.selftest import LAYERS

_log = logging.getLogger(__name__)
_PREFIX = "ARENA_EXECUTOR_"
_KNOWN = {
    *("HOST", "PORT", "SLOTS", "VALIDATION_SLOTS", "LOCAL_ROOTS", "ALLOWED_HOSTS", "TOKEN"),
    *("TOKEN_FILE", "WORK_DIR", "REPLAY_DIR", "AGENT_PYTHON", "UID", "PIN", "DRAIN_SECONDS"),
    *("MEMORY_MIB", "PROCESSES", "TMP_MIB", "OUTPUT_KIB", "MAX_CODE_MIB", "MAX_UNPACKED_MIB"),
    *("SANDBOX_REQUIRE", "LAUNCHER", "QUEUE", "QUEUE_SECONDS"),
    *("MOVE_SECONDS", "MOVE_LIMIT_SECONDS", "BANK_SECONDS", "LOAD_SECONDS", "MATCH_SECONDS"),
    *("BACKEND", "KUBERNETES_NAMESPACE", "KUBERNETES_INSTANCE", "KUBERNETES_IDENTITY"),
    *("KUBERNETES_REGISTRY", "KUBERNETES_RUNNER_IMAGE", "KUBERNETES_PULL_SECRET"),
    *("KUBERNETES_SERVICE_ACCOUNT", "KUBERNETES_RUNTIME_CLASS", "KUBERNETES_USER_NAMESPACE"),
    *("KUBERNETES_NODE_SELECTOR", "KUBERNETES_AGENT_CPU", "KUBERNETES_DISK_MIB"),
    *("KUBERNETES_RUNNER_CPU", "KUBERNETES_RUNNER_MEMORY_MIB", "KUBERNETES_START_SECONDS"),
    *("KUBERNETES_WARM_RUNNERS", "KUBERNETES_WARM_SECONDS", "KUBERNETES_SWEEP_SECONDS"),
    *("KUBERNETES_OPEN_NETWORK", "KUBERNETES_COSIGN", "KUBERNETES_COSIGN_KEYS"),
    *("KUBERNETES_COSIGN_ARGUMENTS", "KUBERNETES_COSIGN_SECONDS"),
}
BACKENDS = ("sandbox", "kubernetes")


class ConfigError(Exception):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Everything that can be set; README.md holds the table with meanings, units and defaults.

    pods is None unless matches are played in pods.
    """

    host: str
    port: int
    slots: int
    validation_slots: int
    local_roots: tuple[Path, ...]
    allowed_hosts: frozenset[str]
    token: str | None = field(repr=False)
    work_dir: Path | None
    replay_dir: Path | None
    agent_python: str
    uid: int
    pin: bool
    drain_seconds: float
    max_code_bytes: int
    max_unpacked_bytes: int
    launcher: str | None
    queue: int
    queue_seconds: float
    sandbox_require: frozenset[str]
    limits: Limits
    rules: Rules
    pods: PodSettings | None

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
        """ConfigError for values that are malformed or unsafe."""
        given = {
            k.removeprefix(_PREFIX): v for k, v in environment.items() if k.startswith(_PREFIX)
        }
        unknown = sorted(given.keys() - _KNOWN)
        for name in unknown:
            # Not an error: services that call executors have settings with this prefix too.
            _log.warning("%s%s is not a setting of the executor.", _PREFIX, name)
        read = _Reader(given)
        slots = read.integer("SLOTS", len(os.sched_getaffinity(0)))
        rules = Rules(
            move_seconds=read.number("MOVE_SECONDS", 1.0),
            move_limit_seconds=read.number("MOVE_LIMIT_SECONDS", 5.0),
            bank_seconds=read.number("BANK_SECONDS", 30.0, least=0.0),
            load_seconds=read.number("LOAD_SECONDS", 30.0),
            match_seconds=read.number("MATCH_SECONDS", 300.0),
        )
        limits = Limits(
            memory_bytes=read.integer("MEMORY_MIB", 512, least=64) << 20,
            processes=read.integer("PROCESSES", 50, least=4),
            tmp_bytes=read.integer("TMP_MIB", 64) << 20,
            file_bytes=read.integer("TMP_MIB", 64) << 20,
            output_bytes=read.integer("OUTPUT_KIB", 1024) << 10,
        )
        in_pods = read.choice("BACKEND", BACKENDS) == "kubernetes"
        settings = Settings(
            host=given.get("HOST") or "127.0.0.1",
            port=read.integer("PORT", 50051, least=0, most=65535),
            slots=slots,
            validation_slots=read.integer("VALIDATION_SLOTS", 1),
            local_roots=tuple(
                Path(os.path.realpath(part))
                for part in given.get("LOCAL_ROOTS", "").split(":")
                if part
            ),
            allowed_hosts=frozenset(
                part.strip().lower()
                for part in given.get("ALLOWED_HOSTS", "").split(",")
                if part.strip()
            ),
            token=read.token(),
            work_dir=read.path("WORK_DIR"),
            replay_dir=read.path("REPLAY_DIR"),
            agent_python=given.get("AGENT_PYTHON") or sys.executable,
            uid=read.integer("UID", DEFAULT_UID),
            pin=read.boolean("PIN", True),
            drain_seconds=read.number("DRAIN_SECONDS", 30.0, least=0.0),
            max_code_bytes=read.integer("MAX_CODE_MIB", 512) << 20,
            max_unpacked_bytes=read.integer("MAX_UNPACKED_MIB", 2048) << 20,
            launcher=read.choice("LAUNCHER", LAUNCHERS),
            queue=read.integer("QUEUE", slots, least=0),
            queue_seconds=read.number("QUEUE_SECONDS", 10.0, least=0.0),
            sandbox_require=read.names("SANDBOX_REQUIRE", LAYERS),
            limits=limits,
            rules=rules,
            pods=read.pods(limits, rules, environment) if in_pods else None,
        )
        if not is_loopback(settings.host) and settings.token is None:
            raise ConfigError(
                f"{_PREFIX}HOST is {settings.host}, which others can reach, and no bearer token is "
                f"set. Set {_PREFIX}TOKEN_FILE (or {_PREFIX}TOKEN), or bind to 127.0.0.1."
            )
        return settings


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class _Reader:
    given: Mapping[str, str]

    def number(self, name: str, default: float, least: float = 0.01) -> float:
        text = self.given.get(name)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            raise ConfigError(f"{_PREFIX}{name} must be a number, not {text!r}.") from None
        if not least <= value < float("inf"):
            raise ConfigError(f"{_PREFIX}{name} must be at least {least:g}, not {text}.")
        return value

    def integer(self, name: str, default: int, least: int = 1, most: int = 1 << 31) -> int:
        text = self.given.get(name)
        if not text:
            return default
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ConfigError(
                f"{_PREFIX}{name} must be an integer from {least} to {most}, not {text!r}."
            )
        return int(text)

    def boolean(self, name: str, default: bool) -> bool:
        text = self.given.get(name, "").strip().lower()
        return text not in ("false", "0", "no") if text else default

    def labels(self, name: str) -> dict[str, str]:
        """A list of name=value, separated by commas."""
        found = {}
        for part in filter(None, (one.strip() for one in self.given.get(name, "").split(","))):
            label, equals, value = part.partition("=")
            if not label or not equals:
                raise ConfigError(f"{_PREFIX}{name} must list name=value, not {part!r}.")
            found[label] = value
        return found

    def pods(self, limits: Limits, rules: Rules, environment: Mapping[str, str]) -> PodSettings:
        def text(name: str) -> str:
            return self.given.get(f"KUBERNETES_{name}", "").strip()

        try:
            return PodSettings(
                registry=text("REGISTRY"),
                runner_image=text("RUNNER_IMAGE"),
                limits=limits,
                namespace=text("NAMESPACE") or None,
                instance=text("INSTANCE") or "arena",
                # A pod's host name is its own.
                identity=text("IDENTITY") or environment.get("HOSTNAME") or "executor",
                service_account=text("SERVICE_ACCOUNT") or "agent-match",
                pull_secret=text("PULL_SECRET") or None,
                runtime_class=text("RUNTIME_CLASS") or None,
                user_namespace=self.boolean("KUBERNETES_USER_NAMESPACE", False),
                node_selector=self.labels("KUBERNETES_NODE_SELECTOR"),
                agent_cpu=text("AGENT_CPU") or "1",
                disk_mib=self.integer("KUBERNETES_DISK_MIB", 64),
                runner_cpu=text("RUNNER_CPU") or "1",
                runner_memory_mib=self.integer("KUBERNETES_RUNNER_MEMORY_MIB", 1024, least=256),
                start_seconds=self.number("KUBERNETES_START_SECONDS", 60.0),
                # A validation has the time of a game after that for loading.
                match_seconds=rules.match_seconds + rules.load_seconds,
                warm_runners=self.integer("KUBERNETES_WARM_RUNNERS", 1, least=0),
                warm_seconds=self.number("KUBERNETES_WARM_SECONDS", 1800.0),
                sweep_seconds=self.number("KUBERNETES_SWEEP_SECONDS", 60.0),
                open_network=self.boolean("KUBERNETES_OPEN_NETWORK", False),
                cosign=self.cosign(),
            )
        except SettingProblem as problem:
            raise ConfigError(f"{_PREFIX}{problem.setting} {problem}.") from None

    def cosign(self) -> CosignSettings | None:
        keys = [part for part in self.given.get("KUBERNETES_COSIGN_KEYS", "").split(":") if part]
        if not keys:
            return None
        arguments = self.given.get("KUBERNETES_COSIGN_ARGUMENTS", "").split(",")
        return CosignSettings(
            keys=tuple(Path(key).absolute() for key in keys),
            program=self.given.get("KUBERNETES_COSIGN", "").strip() or "cosign",
            arguments=tuple(part.strip() for part in arguments if part.strip()),
            seconds=self.number("KUBERNETES_COSIGN_SECONDS", 20.0),
        )

    def path(self, name: str) -> Path | None:
        text = self.given.get(name)
        return Path(text).absolute() if text else None

    def choice(self, name: str, known: Collection[str]) -> str | None:
        """One of the words known; None if there is none."""
        text = self.given.get(name, "").strip()
        if text and text not in known:
            raise ConfigError(f"{_PREFIX}{name} must be {' or '.join(known)}, not {text!r}.")
        return text or None

    def names(self, name: str, known: Collection[str]) -> frozenset[str]:
        """A list separated by commas, each of it known."""
        listed = {part.strip() for part in self.given.get(name, "").split(",") if part.strip()}
        for word in sorted(listed.difference(known)):
            raise ConfigError(f"{_PREFIX}{name} may list {', '.join(known)}; not {word!r}.")
        return frozenset(listed)

    def token(self) -> str | None:
        text, file = self.given.get("TOKEN"), self.given.get("TOKEN_FILE")
        if file:
            try:
                text = Path(file).read_text("utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{_PREFIX}TOKEN_FILE cannot be read: {error}") from None
        if text is not None and len(text) < 16:
            raise ConfigError(f"The token of {_PREFIX}TOKEN must have at least 16 characters.")
        return text
