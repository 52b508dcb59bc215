"""Finding a JDK: by what each one says of itself, not by its folder's name."""

import pytest

from arena_local import prerequisites


def jdk(folder, release):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "javac").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')
    return folder


def test_should_pass_over_older_ones_and_those_without_a_compiler(tmp_path, monkeypatch):
    # Given
    old = jdk(tmp_path / "jdk-17", "17.0.15")
    runtime_only = jdk(tmp_path / "jre-25", "25.0.1")
    (runtime_only / "bin" / "javac").unlink()
    wanted = jdk(tmp_path / "jdk-x", "25.0.1")
    candidates = [old, runtime_only, tmp_path / "absent", wanted]
    monkeypatch.setattr(prerequisites, "_java_candidates", lambda: iter(candidates))
    # When / Then
    assert prerequisites.java_home() == wanted


def test_should_say_how_to_get_one(monkeypatch):
    monkeypatch.setattr(prerequisites, "_java_candidates", lambda: iter(()))
    with pytest.raises(prerequisites.Missing, match=r"(?s)JDK 25.*Debian"):
        prerequisites.java_home()
