"""The first process of an agent's pod: waits for the runner, then starts the agent for it.

Started as python -I -u seat.py CODE_DIR [PACKAGE_DIR...]. The runner dials it; it dials nobody.
Four streams, each a connection of its own: m, moves, and o and e, output and errors, become the
agent's; c, control, stays here. Agents' images hold this file beside handshake.py, harness.py and
wire.py.

The agent runs under the same uid. It cannot read this process, which is not dumpable, nor end it:
the kernel keeps from the first process of a namespace all signals of that namespace that it has no
handler for. So there must be none here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import sysconfig
import time
from typing import Any

KEY_VARIABLE = "ARENA_SEAT_KEY"
MOVES, OUTPUT, ERRORS, CONTROL = b"m", b"o", b"e", b"c"
STREAMS = MOVES + OUTPUT + ERRORS + CONTROL
PORT = 7100
#: How long the runner may take to dial, and to hang up once the agent has ended.
_PATIENCE_SECONDS = 300.0
_FAREWELL_SECONDS = 30.0
_GREETING_SECONDS = 1.0
_PR_SET_DUMPABLE = 4
_MEMORY_EVENTS = "/sys/fs/cgroup/memory.events"
_ENVIRONMENT = {
    "PATH": "/usr/bin",
    "HOME": "/tmp",  # noqa: S108  (in the pod, where it is the agent's alone)
    "TMPDIR": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def main() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Python's own handler would let the agent end this process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import handshake

    key = bytes.fromhex(os.environ.pop(KEY_VARIABLE))
    listener = handshake.listen(
        os.environ.get("ARENA_SEAT_HOST", ""), int(os.environ.get("ARENA_SEAT_PORT", PORT))
    )
    # For whoever starts this on a port that the kernel chooses.
    print(f"seat waits on port {listener.getsockname()[1]}", flush=True)
    streams = accept(listener, key, handshake)
    control = streams[CONTROL]
    agent = start(here, streams, json.loads(read_line(control)))
    for name in (MOVES, OUTPUT, ERRORS):
        streams[name].close()
    see_through(agent, control)


def accept(listener: socket.socket, key: bytes, handshake: Any) -> dict[bytes, socket.socket]:
    """One connection of each kind, from whoever holds the key. Nobody comes in afterwards."""
    found: dict[bytes, socket.socket] = {}
    give_up = time.monotonic() + _PATIENCE_SECONDS
    with listener:
        while len(found) < len(STREAMS):
            left = give_up - time.monotonic()
            if left <= 0:
                sys.exit("no runner has come")
            listener.settimeout(left)
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            missing = bytes(kind for kind in STREAMS if bytes([kind]) not in found)
            try:
                found[handshake.answer(connection, key, missing, _GREETING_SECONDS)] = connection
            except (OSError, handshake.Refused):
                connection.close()
    return found


def read_line(control: socket.socket) -> str:
    text = b""
    while not text.endswith(b"\n"):
        # No further than the line: what follows is for see_through().
        piece = control.recv(1)
        if not piece:
            sys.exit("the runner hung up")
        text += piece
    return text.decode()


def start(here: str, streams: dict[bytes, socket.socket], wanted: dict[str, Any]) -> int:
    """Starts the harness with the agent; its process id."""
    moves, output, errors = (streams[name].fileno() for name in (MOVES, OUTPUT, ERRORS))
    paths = sysconfig.get_paths()
    config = {
        "here": here,
        "request_fd": moves,
        "reply_fd": moves,
        "code_dir": sys.argv[1],
        "package_dirs": sys.argv[2:],
        "own_packages": sorted({paths["purelib"], paths["platlib"]}),
        "player_id": wanted["player_id"],
        "limits": wanted["limits"],
    }
    os.set_inheritable(moves, True)
    command = [sys.executable, "-I", "-S", "-u", f"{here}/harness.py", json.dumps(config)]
    return os.posix_spawn(
        sys.executable,
        command,
        _ENVIRONMENT,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, errors, 2),
        ],
        setsid=True,
    )


def see_through(agent: int, control: socket.socket) -> None:
    """Answers the runner's questions until it hangs up, and tells when the agent has ended."""
    ended = os.pidfd_open(agent)
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    waiting.register(ended, select.POLLIN)
    give_up: float | None = None
    try:
        while give_up is None or time.monotonic() < give_up:
            happened = {descriptor for descriptor, _ in waiting.poll(1000)}
            if ended in happened:
                waiting.unregister(ended)
                kills = memory_kills()
                kill_all(agent)
                say(control, {"ended": exit_status(agent), "memory_kills": kills})
                give_up = time.monotonic() + _FAREWELL_SECONDS
            if control.fileno() in happened:
                asked = control.recv(4096)
                if not asked:
                    return
                for _ in range(asked.count(b"\n")):
                    say(control, {"alive": 1})
            reap(agent if give_up is None else None)
    except OSError:
        # The runner is gone.
        return
    finally:
        kill_all(agent)


def say(control: socket.socket, value: dict[str, int]) -> None:
    control.sendall(json.dumps(value).encode() + b"\n")


def exit_status(agent: int) -> int:
    """As a shell gives it, 128 + n for signal n."""
    code = os.waitstatus_to_exitcode(os.waitpid(agent, 0)[1])
    return code if code >= 0 else 128 - code


def memory_kills() -> int:
    """How often the kernel killed one of the container's processes for want of memory."""
    try:
        with open(_MEMORY_EVENTS) as events:
            return sum(int(line.split()[1]) for line in events if line.startswith("oom_kill "))
    except OSError:
        return 0


def kill_all(agent: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        # Of the container's processes this one alone stays; outside of one, as in tests, the rest
        # of the machine is none of its business.
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(agent, signal.SIGKILL)


def reap(agent: int | None) -> None:
    """Takes what was left to the first process; not the agent, whose status is wanted."""
    with contextlib.suppress(ChildProcessError):
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid in (0, agent):
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


if __name__ == "__main__":
    main()
