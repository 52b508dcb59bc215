"""A supervisor with real processes: starts, restarts, stops, and leaves nothing behind."""

import os
import signal

import pytest

from arena_local import commands, processes
from arena_local.layout import Layout
from arena_local.processes import ProcessId
from conftest import STEADY, WITH_GRANDCHILD


def living(suite):
    return processes.marked(str(suite.layout.state))


def test_should_start_the_foundation_before_the_others(suite):
    # Given a part that ends at once unless the foundation is ready
    needs_infra = "import pathlib, sys\n"
    needs_infra += "sys.exit(3) if not pathlib.Path(sys.argv[1]).with_name('infra.ready').exists() "
    needs_infra += "else None\n" + STEADY
    # When
    suite.start(infra=STEADY, a=needs_infra)
    # Then
    assert suite.part("a").restarts == 0


def test_should_start_a_killed_part_again_and_end_what_it_left(suite):
    # Given
    suite.start(infra=STEADY, a=WITH_GRANDCHILD)
    before = suite.part("a")
    old = set(processes.marked(str(suite.layout.state), "a"))
    assert len(old) == 2
    # When
    os.kill(before.pid, signal.SIGKILL)
    # Then
    suite.wait_until(lambda: suite.part("a").restarts == 1 and suite.part("a").ready_after)
    suite.wait_until(lambda: not any(process.is_alive() for process in old))
    assert suite.part("a").pid != before.pid
    assert suite.part("infra").restarts == 0


def test_should_not_start_a_part_again_while_it_is_held(suite):
    # Given
    suite.start(infra=STEADY, a=STEADY)
    held = suite.layout.held("a")
    held.parent.mkdir()
    held.touch()
    os.kill(suite.part("a").pid, signal.SIGKILL)
    suite.wait_until(lambda: suite.part("a").pid == 0)
    # When another part has died and come back meanwhile
    os.kill(suite.part("infra").pid, signal.SIGKILL)
    suite.wait_until(lambda: suite.part("infra").restarts == 1 and suite.part("infra").ready_after)
    # Then
    assert suite.part("a").pid == 0
    held.unlink()
    suite.wait_until(lambda: suite.part("a").restarts == 1 and suite.part("a").ready_after)


def test_should_leave_nothing_after_ctrl_c(suite):
    # Given
    suite.start(infra=STEADY, a=WITH_GRANDCHILD)
    # When
    os.kill(suite.supervisor.pid, signal.SIGINT)
    # Then
    assert suite.supervisor.wait(30) == 0
    assert living(suite) == []


def test_an_interrupted_start_should_leave_no_supervisor(tmp_path, monkeypatch):
    # Given a supervisor that has not written down yet who it is
    layout = Layout(tmp_path, 0)
    layout.make_folders()
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 1000\n")
    slow.chmod(0o755)
    monkeypatch.setattr(commands.sys, "executable", str(slow))

    def interrupted(_layout):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"):
            raise KeyboardInterrupt

    monkeypatch.setattr(commands.records, "load", interrupted)
    # When
    with pytest.raises(KeyboardInterrupt):
        commands.start_detached(layout)
    # Then
    pid = int((tmp_path / "pid").read_text())
    assert not ProcessId.of(pid).is_alive()


def test_down_should_end_everything_after_the_supervisor_was_killed(suite):
    # Given
    suite.start(infra=STEADY, a=WITH_GRANDCHILD)
    suite.supervisor.kill()
    suite.supervisor.wait()
    assert len(living(suite)) == 3
    # When
    commands.down(suite.layout)
    # Then
    assert living(suite) == []


def test_a_second_start_should_clear_what_a_killed_supervisor_left(suite):
    # Given
    suite.start(infra=STEADY, a=WITH_GRANDCHILD)
    suite.supervisor.kill()
    suite.supervisor.wait()
    left = living(suite)
    # When
    suite.start(infra=STEADY, a=STEADY)
    # Then
    assert not any(process.is_alive() for process in left)
    assert len(living(suite)) == 2


def test_should_refuse_a_second_supervisor_of_the_same_state(suite):
    # Given
    suite.start(infra=STEADY)
    # When
    try:
        commands.supervise(suite.layout)
        refusal = ""
    except commands.CommandFailed as failure:
        refusal = str(failure)
    # Then
    assert "another supervisor" in refusal
    assert suite.part("infra").process.is_alive()


def test_should_stop_a_part_that_ignores_the_request(suite, monkeypatch):
    # Given
    stubborn = STEADY.replace("signal.sigwait", "signal.signal(15, signal.SIG_IGN)\nsignal.sigwait")
    stubborn = stubborn.replace("{signal.SIGTERM, signal.SIGINT}", "{signal.SIGUSR1}")
    suite.start(infra=STEADY, a=stubborn)
    identity = suite.part("a").process
    suite.supervisor.kill()
    suite.supervisor.wait()
    monkeypatch.setattr(commands, "LEFTOVER_GRACE", 0.3)
    # When
    commands.down(suite.layout)
    # Then
    assert not identity.is_alive()
