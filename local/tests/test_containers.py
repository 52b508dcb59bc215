"""The compose file and the Dockerfiles: who is in them, and what nobody in them may do."""

import json
import re
from types import SimpleNamespace

import pytest
import yaml

from arena_local import images
from arena_local.layout import EXECUTOR_PORT, ROOT, SERVICES

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
PARTS = COMPOSE["services"]
EXAMPLE = (ROOT / ".env.example").read_text()
UPSTREAM = {"postgresql", "kafka"}
OURS = sorted(PARTS.keys() - UPSTREAM)
SANDBOXED = {"executor", "build-service"}
ONE_SHOT = {"topics"}


def dockerfile(part):
    return (ROOT / PARTS[part]["build"]["dockerfile"]).read_text()


def default_of(variable):
    return re.search(rf"\$\{{{variable}:-([^}}]+)\}}", TEXT)[1]


def test_should_hold_the_parts_that_the_launcher_starts():
    services = {service.name for service in SERVICES}
    assert PARTS.keys() == services | UPSTREAM | ONE_SHOT | {"executor"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_should_build_each_service_from_its_own_files_and_with_its_port(service):
    part = PARTS[service.name]
    arguments = part["build"]["args"]
    assert arguments["PORT"] == service.port
    if service.name == "build-service":
        assert "COPY build-service/target/quarkus-app/" in dockerfile("build-service")
    else:
        assert arguments["SERVICE"] == service.name
    assert part["image"] == f"${{ARENA_IMAGES:-rl-arena}}/{service.name}"
    url = part["environment"].get("QUARKUS_DATASOURCE_JDBC_URL")
    expected = f"jdbc:postgresql://postgresql:5432/{service.database_name}"
    assert url == (expected if service.database else None)


def test_should_make_every_database():
    made = re.findall(r"create database (\w+);", (ROOT / "docker" / "databases.sql").read_text())
    assert sorted(made) == sorted(one.database_name for one in SERVICES if one.database)


def test_should_tell_the_gateway_of_every_service_and_open_it_last():
    gateway = PARTS["gateway"]
    others = [service for service in SERVICES if service.name != "gateway"]
    for service in others:
        variable = f"ARENA_GATEWAY_SERVICES_{service.name.upper().replace('-', '_')}"
        assert gateway["environment"][variable] == f"http://{service.name}:{service.port}"
    waits_for = {service.name for service in others} | {"executor"}
    assert gateway["depends_on"] == {name: {"condition": "service_healthy"} for name in waits_for}


@pytest.mark.parametrize("part", sorted(PARTS.keys() - ONE_SHOT))
def test_should_know_whether_a_part_is_well(part):
    assert "healthcheck" in PARTS[part] or "\nHEALTHCHECK " in dockerfile(part)
    assert PARTS[part]["restart"] == "unless-stopped"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_should_limit_every_part_and_make_none_privileged(part):
    one = PARTS[part]
    assert "mem_limit" in one
    assert one["pids_limit"] <= 1024
    assert one["logging"]["options"]["max-size"]
    assert not one.keys() & {"privileged", "cap_add", "pid", "network_mode", "devices"}
    assert any(option.startswith("no-new-privileges") for option in one["security_opt"])
    own = {option for option in one["security_opt"] if not option.startswith("no-new-privileges")}
    wanted = {"seccomp=docker/sandbox-seccomp.json", "systempaths=unconfined"}
    assert own == (wanted | {"apparmor=unconfined"} if part in SANDBOXED else set())


@pytest.mark.parametrize("part", OURS)
def test_should_let_our_parts_write_to_volumes_alone_and_not_be_root(part):
    assert PARTS[part]["read_only"] is True
    assert PARTS[part]["cap_drop"] == ["ALL"]
    assert "\nUSER 10001:10001\n" in dockerfile(part)


def test_should_publish_the_gateway_alone_and_on_loopback():
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}
    assert published == {"gateway": ["127.0.0.1:${ARENA_PORT:-8080}:8080"]}


def test_should_keep_the_executor_from_all_but_its_callers():
    assert PARTS["executor"]["networks"] == ["execution"]
    assert COMPOSE["networks"]["execution"] == {"internal": True}
    callers = {name for name, part in PARTS.items() if "execution" in part.get("networks", ())}
    assert callers == {"executor", "build-service", "match-service"}
    assert PARTS["match-service"]["environment"]["ARENA_EXECUTOR_ADDRESSES"] == (
        f"executor:{EXECUTOR_PORT}"
    )
    assert PARTS["executor"]["volumes"][0].endswith(":ro")


def test_should_keep_data_in_volumes_that_down_leaves():
    used = {
        volume.split(":")[0]
        for part in PARTS.values()
        for volume in part.get("volumes", ())
        if not volume.startswith(".")
    }
    assert used == COMPOSE["volumes"].keys()
    assert {"postgresql", "kafka", "keys", "objects"} <= used


def test_should_want_every_secret_and_name_every_variable_in_the_example():
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    left_empty = set(re.findall(r"^(\w+)=$", EXAMPLE, re.M))
    assert required == left_empty
    assert all(re.search("PASSWORD|SECRET|TOKEN|KEY", name) for name in required)
    assert used == set(re.findall(r"^(?:# )?(\w+)=", EXAMPLE, re.M))
    for name, value in re.findall(r"^(?:# )?(\w+)=(\S+)$", EXAMPLE, re.M):
        if name != "ARENA_IMAGES":
            assert value == default_of(name), name


def test_should_fill_in_a_secret_of_its_own_for_each():
    made = images.settings({"JAVA_IMAGE": "mine"})
    secrets = [made[name] for name in re.findall(r"^(\w+)=$", EXAMPLE, re.M)]
    assert all(len(secret) >= 32 for secret in secrets)
    assert len(set(secrets)) == len(secrets)
    assert made["JAVA_IMAGE"] == "mine"


@pytest.mark.parametrize("part", OURS)
def test_should_build_on_bases_that_can_be_replaced(part):
    text = dockerfile(part)
    declared = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.M))
    stages = re.findall(r"^FROM (\S+)", text, re.M)
    assert stages
    named = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.M))
    for stage in [stage for stage in stages if stage not in named]:
        variable = stage.strip("${}")
        assert declared[variable] == default_of(variable)
        assert f"${{{variable}:-" in PARTS[part]["build"]["args"][variable]


def test_should_push_images_of_services_that_stand_on_what_the_others_do(monkeypatch):
    ran = []
    monkeypatch.setattr(images.build, "maven_command", lambda *words: list(words))
    monkeypatch.setattr(images.build, "maven_environment", dict)
    done = SimpleNamespace(returncode=0)
    monkeypatch.setattr(images.subprocess, "run", lambda words, **_: ran.append(words) or done)

    images.push("registry.example.org:5000/teams/arena", None, "1.2.3", insecure=False)

    (words,) = ran
    given = dict(word[2:].split("=", 1) for word in words if word.startswith("-Dquarkus"))
    assert given == {
        "quarkus.container-image.push": "true",
        "quarkus.container-image.registry": "registry.example.org:5000",
        "quarkus.container-image.group": "teams/arena",
        "quarkus.container-image.tag": "1.2.3",
        "quarkus.container-image.insecure": "false",
        "quarkus.jib.base-jvm-image": "registry.example.org:5000/teams/arena/service-base",
    }
    assert words[words.index("-pl") + 1].split(",") == [service.name for service in SERVICES]


def test_should_start_pushed_images_as_the_others():
    pom = (ROOT / "pom.xml").read_text()
    text = (ROOT / "docker" / "service.Dockerfile").read_text()
    user, folder = re.findall(r"<quarkus.jib.(?:user|working-directory)>([^<]+)<", pom)
    assert f"\nUSER {user}\n" in text
    assert f"\nWORKDIR {folder}\n" in text
    stage = text.split("\nFROM base\n")[0]
    assert "HEALTHCHECK" in stage
    assert "JAVA_TOOL_OPTIONS" in stage


def test_should_have_a_stand_in_for_every_image_from_elsewhere():
    assert images.STAND_INS.keys() == set(re.findall(r"\$\{(\w+_IMAGE):-", TEXT))
    recipes = {path.name.removesuffix(".Dockerfile") for path in images.RECIPES.glob("*.Docker*")}
    assert {f"rl-arena-stand-in/{name}" for name in recipes} == set(images.STAND_INS.values())


def test_should_refuse_what_no_sandbox_needs():
    profile = json.loads((ROOT / "docker" / "sandbox-seccomp.json").read_text())
    refused = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert {"bpf", "ptrace", "keyctl", "init_module", "kexec_load", "io_uring_setup"} <= refused
    assert not refused & {"unshare", "clone", "mount", "umount2", "pivot_root"}
