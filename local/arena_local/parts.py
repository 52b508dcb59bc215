"""What each part of the suite is started with, and how it is asked whether it is ready."""

from __future__ import annotations

import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import prerequisites, processes
from .build import INFRA_JAR
from .layout import EXECUTOR_PORT, KAFKA_PORT, POSTGRES_PORT, SERVICES, Layout, Service, venv_python
from .secret_files import CALLING_SERVICES, client_secret, secret

DATABASE_USER = "postgres"
# Between the ports of two replicas of a service.
REPLICA_SHIFT = 20
# Started JVMs are many and small: one collector thread, the quick compiler, capped areas.
JVM_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=48m",
    "-XX:MaxMetaspaceSize=160m",
    "-Xss512k",
    # A process out of memory is of no use; the supervisor starts another.
    "-XX:+ExitOnOutOfMemoryError",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


@dataclass(frozen=True)
class Part:
    """One process of the suite.

    foundation: the others cannot work without it, so it starts first and stops last.
    """

    name: str
    port: int
    command: list[str]
    environment: dict[str, str]
    is_ready: Callable[[], bool]
    foundation: bool = False


def all_parts(layout: Layout) -> list[Part]:
    """Every part of the suite in start order."""
    java = str(prerequisites.java_home() / "bin" / "java")
    parts = [_infra(layout, java), _executor(layout)]
    parts += [_service(layout, java, service) for service in SERVICES]
    return parts


def _environment(layout: Layout, part: str, settings: dict[str, str]) -> dict[str, str]:
    """The caller's environment passes through, so that any setting can be given on the way."""
    marks = {processes.MARKER: str(layout.state), processes.PART_MARKER: part}
    return {**os.environ, **settings, **marks}


def _infra(layout: Layout, java: str) -> Part:
    databases = ",".join(service.database_name for service in SERVICES if service.database)
    ready_file = layout.infra_ready
    command = [java, "-Xms64m", "-Xmx320m", *JVM_OPTIONS, "-jar", str(INFRA_JAR)]
    command += ["--data", str(layout.state / "data")]
    command += ["--kafka-port", str(layout.port(KAFKA_PORT))]
    command += ["--kafka-client-port", str(layout.kafka_client_port)]
    command += ["--postgres-port", str(layout.port(POSTGRES_PORT))]
    command += ["--databases", databases, "--ready-file", str(ready_file)]
    settings = {"ARENA_POSTGRES_PASSWORD": secret(layout, "postgres-password")}

    def is_ready() -> bool:
        ports = (layout.port(KAFKA_PORT), layout.port(POSTGRES_PORT))
        return ready_file.exists() and all(accepts(port) for port in ports)

    return Part(
        "infra",
        layout.port(POSTGRES_PORT),
        command,
        _environment(layout, "infra", settings),
        is_ready,
        foundation=True,
    )


def _executor(layout: Layout) -> Part:
    port = layout.port(EXECUTOR_PORT)
    settings = {
        "ARENA_EXECUTOR_HOST": "127.0.0.1",
        "ARENA_EXECUTOR_PORT": str(port),
        "ARENA_EXECUTOR_LOCAL_ROOTS": str(layout.objects / "bundles"),
        "ARENA_EXECUTOR_ALLOWED_HOSTS": ",".join(_upload_hosts(layout)),
        "ARENA_EXECUTOR_AGENT_PYTHON": str(venv_python("agent")),
        "ARENA_EXECUTOR_WORK_DIR": str(layout.state / "executor" / "work"),
        "ARENA_EXECUTOR_REPLAY_DIR": str(layout.state / "executor" / "replays"),
        # Matches that are cut off are played again; stopping the suite should not wait for them.
        "ARENA_EXECUTOR_DRAIN_SECONDS": "2",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Part(
        "executor",
        port,
        [str(venv_python("executor")), "-m", "arena_executor"],
        _environment(layout, "executor", settings),
        lambda: accepts(port),
    )


def _upload_hosts(layout: Layout) -> list[str]:
    """Where match-service takes replays: its own process, and a second one if there is any."""
    port = layout.service_port("match-service")
    return [f"127.0.0.1:{port}", f"127.0.0.1:{port + REPLICA_SHIFT}"]


def _service(layout: Layout, java: str, service: Service) -> Part:
    return _jvm(layout, java, service, service.name, layout.port(service.port), {})


def replica(layout: Layout, service: Service, number: int) -> Part:
    """One more process of a service beside the suite's own, which is the first; from 2 on."""
    java = str(prerequisites.java_home() / "bin" / "java")
    name = f"{service.name}-{number}"
    port = layout.port(service.port) + REPLICA_SHIFT * (number - 1)
    own = {
        "QUARKUS_HTTP_PORT": str(port),
        "ARENA_ACCESS_JWKS_CACHE": str(layout.run / f"jwks-{name}.json"),
        # Only match-service reads it. No balancer stands before the two: each takes what it asked
        # for, as long as it lives.
        "ARENA_MATCH_UPLOAD_BASE_URL": f"http://127.0.0.1:{port}",
    }
    return _jvm(layout, java, service, name, port, own)


def _jvm(
    layout: Layout, java: str, service: Service, name: str, port: int, settings: dict[str, str]
) -> Part:
    command = [java, "-Xms24m", f"-Xmx{service.heap_mb}m", *JVM_OPTIONS]
    command += ["-jar", str(_own_copy(layout, service, name) / service.jar.name)]
    return Part(
        name,
        port,
        command,
        _environment(layout, name, service_settings(layout, service) | settings),
        lambda: answers_ok(f"http://127.0.0.1:{port}/q/health/ready"),
    )


def _own_copy(layout: Layout, service: Service, name: str) -> Path:
    """The service's files as they are now: a build may replace those in target/ while it runs."""
    copy = layout.state / "apps" / name
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(service.jar.parent, copy, copy_function=_link))


def _link(source: str, target: str) -> None:
    """A hard link where the file system allows one: builds write new files, never into old ones."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def service_settings(layout: Layout, service: Service) -> dict[str, str]:
    """A service's settings as environment variables."""
    auth_url = f"http://127.0.0.1:{layout.service_port('auth-service')}"
    cache = layout.run / f"jwks-{service.name}.json"
    settings = {
        "QUARKUS_HTTP_HOST": "127.0.0.1",
        "QUARKUS_HTTP_PORT": str(layout.port(service.port)),
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{layout.kafka_client_port}",
        "ARENA_ACCESS_JWKS_LOCATION": f"{auth_url}/.well-known/jwks.json",
        "ARENA_ACCESS_JWKS_CACHE": str(cache),
        "ARENA_ACCESS_AUTH_URL": auth_url,
    }
    if service.name in CALLING_SERVICES:
        settings["ARENA_ACCESS_CLIENT_SECRET"] = client_secret(layout, service.name)
    if service.database:
        postgres = f"127.0.0.1:{layout.postgres_client_port}"
        settings |= {
            "QUARKUS_DATASOURCE_JDBC_URL": f"jdbc:postgresql://{postgres}/{service.database_name}",
            "QUARKUS_DATASOURCE_USERNAME": DATABASE_USER,
            "QUARKUS_DATASOURCE_PASSWORD": secret(layout, "postgres-password"),
        }
    return settings | _own_settings(layout, service.name)


def _own_settings(layout: Layout, name: str) -> dict[str, str]:
    """What only one service is told."""
    executor = f"127.0.0.1:{layout.port(EXECUTOR_PORT)}"
    objects = {"ARENA_OBJECTS_ROOT": str(layout.objects)}
    match name:
        case "auth-service":
            own = {
                "ARENA_AUTH_SIGNING_KEY_FILE": str(layout.secrets / "signing-key.pem"),
                "ARENA_AUTH_CREATE_SIGNING_KEY": "true",
                "ARENA_AUTH_FIRST_ADMIN_USERNAME": "admin",
                "ARENA_AUTH_FIRST_ADMIN_EMAIL": "admin@localhost.localdomain",
                "ARENA_AUTH_FIRST_ADMIN_PASSWORD_FILE": str(layout.secrets / "admin-password"),
            }
            secret(layout, "admin-password")
            for client in CALLING_SERVICES:
                variable = f"ARENA_AUTH_CLIENTS_{client.upper().replace('-', '_')}_SECRET"
                own[variable] = client_secret(layout, client)
            return own
        case "submission-service":
            return objects | _url_of(layout, "agent-service")
        case "build-service":
            return objects | {
                "ARENA_BUILD_AGENT_PYTHON": str(venv_python("agent")),
                "ARENA_BUILD_WORK_DIR": str(layout.state / "builds"),
                "ARENA_BUILD_SUBMISSION_SERVICE_URL": (
                    f"http://127.0.0.1:{layout.service_port('submission-service')}"
                ),
                "ARENA_EXECUTOR_ADDRESSES": executor,
            }
        case "match-service":
            own_url = f"http://127.0.0.1:{layout.service_port('match-service')}"
            return (
                objects
                | _url_of(layout, "agent-service")
                | _url_of(layout, "submission-service")
                | {
                    "ARENA_EXECUTOR_ADDRESSES": executor,
                    "ARENA_MATCH_UPLOAD_KEY": secret(layout, "upload-key"),
                    "ARENA_MATCH_UPLOAD_BASE_URL": own_url,
                }
            )
        case "webhook-service":
            return {"ARENA_WEBHOOK_SECRET_KEY": secret(layout, "webhook-key")}
        case "gateway":
            return _roomy_limits() | {
                f"ARENA_GATEWAY_SERVICES_{service.name.upper().replace('-', '_')}": (
                    f"http://127.0.0.1:{layout.port(service.port)}"
                )
                for service in SERVICES
                if service.name != "gateway"
            }
        case _:
            return {}


def _roomy_limits() -> dict[str, str]:
    """On one machine everybody has the same address: the gateway's limits are for the public.

    What the caller's environment says counts, so that they can be tried here as well.
    """
    names = ("AUTH", "SUBMISSIONS", "MATCHES", "REPLAYS", "ADDRESS", "USER")
    variables = (f"ARENA_GATEWAY_LIMITS_{name}_REQUESTS" for name in names)
    return {variable: os.environ.get(variable, "100000") for variable in variables}


def _url_of(layout: Layout, name: str) -> dict[str, str]:
    """The REST client's address of a neighbour that is asked for what a command names."""
    variable = f"QUARKUS_REST_CLIENT_{name.upper().replace('-', '_')}_URL"
    return {variable: f"http://127.0.0.1:{layout.service_port(name)}"}


def accepts(port: int) -> bool:
    """Whether something listens on that loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def answers_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def busy_ports(layout: Layout) -> list[str]:
    """Which of the suite's ports something else holds, in words."""
    busy = []
    for name, port in layout.ports().items():
        with socket.socket() as probe:
            # Connections of the last run that linger in TIME_WAIT do not make a port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                busy.append(f"port {port}, wanted by {name}")
    return busy


def log_tail(path: Path, lines: int) -> str:
    """The last lines of a log, for messages about what went wrong."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
