"""The summary of a test run: what failed is said again at its end."""

from __future__ import annotations

import sys

import pytest

from arena_local import checks

FAILS = """
print("[INFO] Tests run: 4")
print("[ERROR]   LeaseIT.expires:31 expected: <1> but was: <2>")
print("FAILED tests/test_play.py::test_draw - assert 1 == 2")
print("[ERROR] ")
print("[ERROR]   LeaseIT.expires:31 expected: <1> but was: <2>")
raise SystemExit(1)
"""


def test_the_summary_repeats_what_maven_and_pytest_complained_of(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_part(name: str) -> checks.Check:
        command = [sys.executable, "-c", FAILS]
        return checks.Check(name, lambda: checks._succeeds(command))

    monkeypatch.setattr(checks, "_other", failing_part)
    monkeypatch.setattr(checks.prerequisites, "require_system_packages", lambda: None)

    assert checks.run(["contracts"], only_list=False) == 1

    shown, _, repeated = capfd.readouterr().out.partition("=== what failed in contracts\n")
    assert "[INFO] Tests run: 4" in shown
    assert repeated.split("\n\n")[0].splitlines() == [
        "[ERROR]   LeaseIT.expires:31 expected: <1> but was: <2>",
        "FAILED tests/test_play.py::test_draw - assert 1 == 2",
    ]
