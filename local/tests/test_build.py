"""What is stale: by the age of sources and artifacts."""

import os

import pytest

from arena_local import build, layout


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A source tree of empty modules whose artifacts are a minute younger than the sources."""
    services = (layout.Service("a-service", 1, 64), layout.Service("b-service", 2, 64))
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "SERVICES", services)
    infra_jar = tmp_path / "embedded-infra" / "target" / "embedded-infra.jar"
    monkeypatch.setattr(build, "INFRA_JAR", infra_jar)
    files = [tmp_path / "pom.xml", tmp_path / "contracts" / "asyncapi.yaml"]
    for name in (*build.LIBRARIES, "a-service", "b-service"):
        files.append(tmp_path / name / "src" / "main" / "java" / "A.java")
        files.append(tmp_path / name / "src" / "test" / "java" / "ATest.java")
    for file in files:
        touch(file, 1000)
    for artifact in (infra_jar, *(service.jar for service in services)):
        touch(artifact, 1060)
    return tmp_path


def touch(file, seconds):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.utime(file, (seconds, seconds))


def test_should_build_nothing_that_is_up_to_date(modules):
    assert build.stale_modules() == []


def test_should_build_what_was_never_built(modules):
    (modules / "b-service" / "target" / "quarkus-app" / "quarkus-run.jar").unlink()
    assert build.stale_modules() == ["b-service"]


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ("a-service/src/main/java/A.java", ["a-service"]),
        ("a-service/src/test/java/ATest.java", []),
        ("embedded-infra/src/main/java/A.java", ["embedded-infra", "a-service", "b-service"]),
        ("contracts/asyncapi.yaml", ["embedded-infra", "a-service", "b-service"]),
        ("pom.xml", ["embedded-infra", "a-service", "b-service"]),
    ],
)
def test_should_build_what_a_change_reaches(modules, changed, stale):
    touch(modules / changed, 2000)
    assert build.stale_modules() == stale
