"""Who a process is, and that ending one never hits another."""

import os
import subprocess
import sys
import time
from pathlib import Path

from arena_local import processes
from arena_local.processes import MARKER, PART_MARKER, ProcessId

WAITS = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


def test_should_not_signal_a_process_that_took_over_the_number():
    # Given
    other = subprocess.Popen(WAITS, start_new_session=True)
    recycled = ProcessId(other.pid, "1")
    # When
    processes.end([recycled], grace=0)
    # Then
    assert not recycled.is_alive()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_should_count_a_zombie_as_gone():
    # Given: an ended child that nobody has waited for yet
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    identity = ProcessId.of(child.pid)
    # When
    gone = processes.wait_gone([identity], 10)
    # Then
    assert gone
    child.wait()


def test_should_kill_what_ignores_the_request_to_stop():
    # Given
    child = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    # When
    processes.end([ProcessId.of(child.pid)], grace=0.2)
    # Then
    assert child.wait(10) == -9


def test_should_find_marked_processes_of_one_suite_and_one_part(tmp_path):
    # Given
    def start(suite, part):
        environment = {**os.environ, MARKER: suite, PART_MARKER: part}
        child = subprocess.Popen(WAITS, env=environment, start_new_session=True)
        # For a moment after it was executed a program has no environment yet.
        while not Path(f"/proc/{child.pid}/environ").read_bytes():
            time.sleep(0.01)
        return child

    mine = str(tmp_path)
    children = {key: start(*key) for key in ((mine, "a"), (mine, "b"), (mine + "2", "a"))}
    try:
        # When
        of_suite = {process.pid for process in processes.marked(mine)}
        of_part = {process.pid for process in processes.marked(mine, "a")}
        # Then
        assert of_suite == {children[mine, "a"].pid, children[mine, "b"].pid}
        assert of_part == {children[mine, "a"].pid}
    finally:
        for child in children.values():
            child.kill()
            child.wait()
