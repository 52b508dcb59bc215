"""Where things are: folders, ports and the parts that make up the suite."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LIBRARIES = (
    *("contracts", "embedded-infra", "telemetry", "telemetry-deployment", "outbox", "access"),
    *("problems", "objects"),
)


@dataclass(frozen=True)
class Service:
    """A Quarkus service, one JVM.

    name: Maven module and application name. port: before the offset. heap_mb: -Xmx.
    database: whether it owns one.
    """

    name: str
    port: int
    heap_mb: int
    database: bool = True

    @property
    def database_name(self) -> str:
        return self.name.replace("-", "_")

    @property
    def jar(self) -> Path:
        return ROOT / self.name / "target" / "quarkus-app" / "quarkus-run.jar"


SERVICES = (
    # Argon2id takes 19 MiB per hash that runs.
    Service("auth-service", 8081, 160),
    Service("agent-service", 8082, 112),
    Service("submission-service", 8083, 144),
    Service("build-service", 8084, 144),
    Service("matchmaking-service", 8085, 112),
    Service("match-service", 8086, 144),
    Service("rating-service", 8087, 112),
    Service("webhook-service", 8088, 96),
    Service("gateway", 8080, 112, database=False),
)

EXECUTOR_PORT = 50051
# Not 5432 and 9092: a developer's machine often has those. Below the range of ephemeral ports.
POSTGRES_PORT = 15432
KAFKA_PORT = 19092

PART_NAMES = ("infra", "executor", *(service.name for service in SERVICES))


@dataclass(frozen=True)
class Layout:
    """One suite on this machine: its state folder and its shift of all ports."""

    state: Path
    port_offset: int = 0

    @staticmethod
    def of(state: str | None, port_offset: int | None) -> Layout:
        """Options win over ARENA_STATE and ARENA_PORT_OFFSET, those over the defaults."""
        folder = state or os.environ.get("ARENA_STATE") or str(ROOT / ".arena")
        offset = port_offset
        if offset is None:
            text = os.environ.get("ARENA_PORT_OFFSET", "0")
            try:
                offset = int(text)
            except ValueError:
                message = f"arena: ARENA_PORT_OFFSET must be a number, not {text!r}"
                raise SystemExit(message) from None
        if not 0 <= offset <= 65535 - EXECUTOR_PORT:
            raise SystemExit(f"arena: a port offset is 0 to {65535 - EXECUTOR_PORT}, not {offset}")
        return Layout(Path(folder).resolve(), offset)

    def port(self, base: int) -> int:
        return base + self.port_offset

    @property
    def kafka_client_port(self) -> int:
        """Where clients reach the broker: ARENA_KAFKA_CLIENT_PORT, of a proxy before it, if set."""
        return int(os.environ.get("ARENA_KAFKA_CLIENT_PORT") or self.port(KAFKA_PORT))

    @property
    def postgres_client_port(self) -> int:
        """Likewise of the database: ARENA_POSTGRES_CLIENT_PORT."""
        return int(os.environ.get("ARENA_POSTGRES_CLIENT_PORT") or self.port(POSTGRES_PORT))

    def service_port(self, name: str) -> int:
        return self.port(next(s.port for s in SERVICES if s.name == name))

    def ports(self) -> dict[str, int]:
        """Every TCP port the suite listens on, by a name for messages."""
        named = {"infra (PostgreSQL)": POSTGRES_PORT, "infra (Kafka)": KAFKA_PORT}
        named["executor"] = EXECUTOR_PORT
        named.update({service.name: service.port for service in SERVICES})
        return {name: self.port(base) for name, base in named.items()}

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.service_port('gateway')}"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def objects(self) -> Path:
        return self.state / "objects"

    @property
    def infra_ready(self) -> Path:
        return self.run / "infra.json"

    def held(self, part: str) -> Path:
        """While this file exists the supervisor does not start the part again when it has ended."""
        return self.run / "held" / part

    def log_of(self, part: str) -> Path:
        return self.logs / f"{part}.log"

    def make_folders(self) -> None:
        # The executor started as root plays as another uid and must be able to reach the bundles.
        for folder in (self.state, self.logs, self.run, self.objects, self.state / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        self.secrets.chmod(0o700)


def venv_python(name: str) -> Path:
    """The interpreter of a virtual environment. All suites of this checkout share them."""
    return ROOT / ".arena" / "venv" / name / "bin" / "python"
