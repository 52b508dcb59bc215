"""Agents that load, and agents that mean harm, in real sandboxes.

Each hostile agent plays against one that does nothing wrong. Proof of containment is always the
same: the offender loses for the stated reason, the other side wins with a clean verdict, and
nothing is left behind.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import GOOD, Outcome

ACT = "\ndef act(observation):\n    return 1\n"


def in_act(
    body: str, imports: str = "import os, sys, time, socket, signal, ctypes, threading"
) -> str:
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    return f"{imports}\ndef act(observation):\n{lines}\n    return 1\n"


def at_import(body: str) -> str:
    return f"import os, sys, time\n{body.strip()}\n{ACT}"


HOSTILE = {
    "exits": (in_act("os._exit(3)"), "crash"),
    "exits politely": (in_act("sys.exit(0)"), "exception"),
    "raises": (in_act("raise KeyError('x')"), "exception"),
    "segfaults": (in_act("ctypes.string_at(0)"), "crash"),
    "kills itself": (in_act("os.kill(os.getpid(), signal.SIGKILL)"), "crash"),
    "kills everything": (
        in_act("""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try: os.kill(1, signal.SIGKILL)
except OSError: pass
try: os.kill(-1, signal.SIGKILL)
except OSError: pass
time.sleep(100)"""),
        "move_timeout",
    ),
    "stops itself": (in_act("os.kill(os.getpid(), signal.SIGSTOP)"), "move_timeout"),
    "recurses": (in_act("def f(): f()\nf()"), "exception"),
    "spins": (in_act("while True: pass"), "move_timeout"),
    "sleeps": (in_act("time.sleep(100)"), "move_timeout"),
    "spins at import": (at_import("while True: pass"), "init_timeout"),
    "sleeps at import": (at_import("time.sleep(100)"), "init_timeout"),
    "exits at import": (at_import("os._exit(0)"), "crash"),
    "exits politely at import": (at_import("sys.exit(0)"), "load_error"),
    "takes memory": (in_act("hoard = [bytearray(10**7) for _ in range(200)]"), "memory"),
    "takes memory at once": (in_act("hoard = bytearray(10**11)"), "memory"),
    "forks": (in_act("while True: os.fork()"), "process_limit"),
    "starts threads": (
        in_act("for _ in range(500): threading.Thread(target=time.sleep, args=(100,)).start()"),
        "process_limit",
    ),
    "fills /tmp": (
        in_act("""
for n in range(100):
    with open(f'/tmp/{n}', 'wb') as file: file.write(bytes(10**7))"""),
        "disk_limit",
    ),
    "writes one huge file": (
        in_act("with open('/tmp/x', 'wb') as f:\n    f.truncate(10**12)"),
        "disk_limit",
    ),
    "floods stdout": (in_act("print('x' * 3_000_000)"), "output_limit"),
    "floods stderr": (in_act("os.write(2, b'x' * 3_000_000)"), "output_limit"),
    "floods without newline in pieces": (
        in_act("while True: os.write(1, b'y' * 1000)"),
        "output_limit",
    ),
    "writes garbage to every descriptor": (
        in_act("""
for fd in range(3, 50):
    try: os.write(fd, b'\\x00\\x00\\x00\\x02hi' * 10)
    except OSError: pass"""),
        "protocol",
    ),
    "announces a huge frame": (
        in_act("""
for fd in range(3, 50):
    try: os.write(fd, b'\\xff\\xff\\xff\\xff')
    except OSError: pass
time.sleep(100)"""),
        "protocol",
    ),
    "forges a move without the nonce": (
        in_act("""
import msgpack
body = msgpack.packb(['move', 1, 'int', 1])
for fd in range(3, 50):
    try: os.write(fd, len(body).to_bytes(4, 'big') + body)
    except OSError: pass
time.sleep(100)"""),
        "protocol",
    ),
    "answers twice with the right nonce": (
        in_act("""
import gc, __main__
frame = sys._getframe()
while frame.f_code.co_name != 'serve': frame = frame.f_back
link, nonce = frame.f_locals['link'], frame.f_locals['nonce']
link.send(['move', nonce, 'int', 1])
link.send(['move', nonce, 'int', 1])
link.send(['score', nonce, 999999998])"""),
        "protocol",
    ),
    "closes every descriptor": (in_act("os.closerange(0, 100)\ntime.sleep(100)"), "protocol"),
    "drips a frame byte by byte": (
        in_act("""
for fd in range(3, 50):
    try:
        os.write(fd, b'\\x00'); time.sleep(100)
    except OSError: pass"""),
        "move_timeout",
    ),
    "traces its parent": (in_act("ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)"), "security"),
    "asks for namespaces": (in_act("ctypes.CDLL(None).unshare(0x10000000)"), "security"),
    "mounts": (in_act("ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None)"), "security"),
    "runs out of its rlimits": (
        in_act("""
import resource
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"""),
        "exception",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_the_offender_loses_and_the_other_side_does_not_notice(arena, case):
    source, verdict = HOSTILE[case]

    outcome = arena.play(source, GOOD["pong"], move_limit_seconds=1.0, load_seconds=2.0)

    assert outcome.verdicts() == [verdict, "none"], summary(outcome)
    assert outcome.result["winner"] == 1
    assert [seat["rank"] for seat in outcome.seats] == [2, 1]
    assert outcome.seats[0]["message"]
    assert len(outcome.seats[0]["stdout"]) <= 64 * 1024
    assert processes_with("/harness/harness.py", arena.marker) == []


# Refused by the runner, whatever holds the sandbox.
ANSWERS = {
    "returns nothing": ("def act(o):\n    return None\n", "invalid_output"),
    "returns NaN": ("def act(o):\n    return float('nan')\n", "invalid_output"),
    "returns a huge string": ("def act(o):\n    return 'x' * 10**7\n", "invalid_output"),
    "returns a deep list": (
        "def act(o):\n    x = []\n    for _ in range(10**5): x = [x]\n    return x\n",
        "invalid_output",
    ),
    "returns an object that lies": (
        "class I(int):\n    def __int__(self): return 10**9\n"
        "    def __index__(self): raise SystemExit\ndef act(o):\n    return I(1)\n",
        "illegal_action",
    ),
    "returns a number out of range": ("def act(o):\n    return 3\n", "illegal_action"),
    "returns 2**63": ("def act(o):\n    return 2**63\n", "illegal_action"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_is_no_action_forfeits(home_arena, case):
    source, verdict = ANSWERS[case]

    outcome = home_arena.play(GOOD["pong"], source)

    assert outcome.verdicts() == ["none", verdict], summary(outcome)
    assert outcome.result["winner"] == 0


# What an agent tries from inside, and prints. It passes if it prints "contained" alone.
ESCAPES = {
    "network": """
for family, target in [(socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('1.1.1.1', 53)),
                       (socket.AF_INET, ('169.254.169.254', 80)), (socket.AF_INET6, ('::1', 22))]:
    # A datagram to the sandbox's own loopback reaches nobody but the sandbox.
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)[: 1 if target[1] == 22 else 2]:
        try:
            with socket.socket(family, kind) as s:
                s.settimeout(1); s.connect(target); s.send(b'x')
            print('reached', target)
        except OSError: pass
try: print(socket.gethostbyname('example.com'))
except OSError: pass
with open('/proc/net/unix') as file:
    if len(file.readlines()) > 1: print('unix sockets')""",
    "environment": """
for key in os.environ:
    if key not in ('PATH', 'HOME', 'TMPDIR', 'LANG', 'OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS',
                   'MKL_NUM_THREADS', 'PWD', 'LC_CTYPE'): print(key)
for pid in filter(str.isdigit, os.listdir('/proc')):
    try:
        with open(f'/proc/{pid}/environ') as f:
            if 'SECRET' in f.read(): print('secret of', pid)
    except OSError: pass""",
    "other processes": """
pids = [int(n) for n in os.listdir('/proc') if n.isdigit()]
if len(pids) > 2: print(pids)
for pid in range(2, 300):
    if pid != os.getpid():
        try: os.kill(pid, 0); print('can signal', pid)
        except OSError: pass""",
    "files of others": """
own = {sys.prefix, sys.base_prefix, *sys.path, os.path.dirname(os.path.dirname(sys.executable))}
own |= {os.path.realpath(path) for path in own}
def walk(path):
    if any(path == o or path.startswith(o + '/') for o in own): return
    if any(o.startswith(path + '/') for o in own):
        for name in os.listdir(path): walk(path + '/' + name)
    else: print(path)
for root in ('/root', '/home', '/work', '/srv', '/var', '/sys', '/run', '/boot', '/etc/passwd',
             '/etc/shadow', '/etc/hosts', '/usr/bin/sh', '/bin/sh', '/opt/executor'):
    if os.path.exists(root): walk(root)
for folder in ('/tmp', '/dev/shm'):
    if os.listdir(folder): print(folder, os.listdir(folder))
if sorted(os.listdir('/agent')) != ['agent.py']: print(os.listdir('/agent'))""",
    "writing": """
for path in ('/x', '/agent/x', '/agent/agent.py', '/harness/harness.py', '/dev/x', '/etc/x',
             '/usr/x', '/proc/sysrq-trigger', '/proc/self/oom_score_adj_', '/opt/x'):
    try: open(path, 'a').write('x'); print('wrote', path)
    except OSError: pass
try: os.symlink('/agent', '/agent/link'); print('linked')
except OSError: pass""",
    "privileges": """
if os.getuid() != 65534 or os.geteuid() != 65534: print('uid', os.getuid())
status = open('/proc/self/status').read()
for line in status.splitlines():
    if line.startswith('Cap') and int(line.split()[1], 16): print(line)
if 'NoNewPrivs:\\t1' not in status: print('may gain privileges')
if 'Seccomp:\t2' not in status: print('no filter')
for call in (lambda: os.setuid(0), lambda: os.setgroups([0]), lambda: os.nice(-5),
             lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
             lambda: os.mknod('/tmp/disk', 0o060600, os.makedev(8, 0))):
    try: call(); print('allowed', call)
    except OSError: pass""",
    "limits": """
import resource
if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): print('core dumps')
if resource.getrlimit(resource.RLIMIT_NPROC)[1] > 50: print('processes')
for name in ('RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_FSIZE', 'RLIMIT_NOFILE', 'RLIMIT_CPU'):
    if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY: print(name)""",
}


@pytest.mark.parametrize("attempt", ESCAPES)
def test_there_is_no_way_out(arena, attempt, monkeypatch):
    monkeypatch.setenv("ARENA_SECRET", "SECRET")
    lines = "\n".join("    " + line for line in ESCAPES[attempt].strip().splitlines())
    source = (
        "import ctypes, os, socket, sys\ndef look():\n"
        + lines
        + "\nlook()\nprint('contained')\n"
        + ACT
    )

    outcome = arena.play(source, GOOD["pong"])

    assert outcome.verdicts() == ["none", "none"], outcome.seats
    assert outcome.seats[0]["stdout"] == "contained\n"


def test_memory_that_rlimits_do_not_see_is_bounded_by_the_control_group(home_arena):
    if "memory" not in home_arena.cgroups.available:
        pytest.skip("no writable control group with the memory controller")
    source = in_act(
        """
import mmap
shared = mmap.mmap(-1, 900 << 20)
for at in range(0, 900 << 20, 4096): shared[at] = 1"""
    )

    outcome = home_arena.play(source, GOOD["pong"], move_limit_seconds=10.0)

    assert outcome.verdicts() == ["memory", "none"], summary(outcome)
    assert outcome.seats[0]["message"] == "It used more than 512 MiB of memory."


def test_what_an_agent_leaves_running_does_not_outlive_the_match(arena):
    marker = f"/tmp/left-{os.getpid()}"
    source = in_act(
        f"""
if not hasattr(act, 'done'):
    act.done = True
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sys.argv[0] = 'left'
            for fd in range(0, 50):
                try: os.close(fd)
                except OSError: pass
            open({marker!r}, 'w').close()
            time.sleep(1000)
        os._exit(0)"""
    )

    outcome = arena.play(source, GOOD["pong"])

    assert outcome.verdicts() == ["none", "none"], outcome.seats
    assert processes_with("/harness/harness.py", arena.marker) == []
    assert not Path(marker).exists()


def test_children_that_burn_time_cost_their_parent_and_not_the_opponent(arena):
    source = at_import(
        """
for _ in range(4):
    if os.fork() == 0:
        while True: pass"""
    )
    slow = "import time\ndef act(o):\n    t = time.process_time()\n" + (
        "    while time.process_time() - t < 0.002: pass\n    return 1\n"
    )

    outcome = arena.play(source, slow, match_seconds=5)

    assert outcome.verdicts()[1] == "none", outcome.seats
    assert outcome.result["steps"] > 0


def test_a_swallowed_fork_bomb_ends_in_time(arena):
    source = in_act("while True:\n    try: os.fork()\n    except OSError: pass")

    outcome = arena.play(source, GOOD["pong"], move_limit_seconds=1.0)

    # With control groups the cause is known; without, it looks like any other endless move.
    assert outcome.verdicts()[0] in ("process_limit", "move_timeout")
    assert outcome.verdicts()[1] == "none"
    assert outcome.result["seconds"] < 20


def test_both_failing_at_once_is_no_contest(arena):
    crash = in_act("os._exit(1)")

    outcome = arena.play(crash, crash)

    assert outcome.result["no_contest"]
    assert outcome.result["winner"] is None
    assert outcome.verdicts() == ["crash", "crash"]


def test_a_failing_agent_at_turn_in_a_board_game_loses(arena):
    outcome = arena.play(
        GOOD["tic-tac-toe"], "def act(o):\n    return 0\n", environment="tic-tac-toe"
    )

    assert outcome.verdicts() == ["none", "illegal_action"]
    assert outcome.result["winner"] == 0
    assert "square 0 is not free" in outcome.seats[1]["message"]


def test_sibling_modules_data_files_and_packages_are_found(home_arena):
    agent = {
        "agent.py": (
            "import json, os, rl_arena, gymnasium, numpy\n"
            "from helpers.choose import choose\n"
            "with open('weights.json') as file: WEIGHTS = json.load(file)\n"
            "with open(os.path.join(os.path.dirname(__file__), 'weights.json')) as f: f.read()\n"
            "class Agent(rl_arena.Agent):\n"
            "    def act(self, observation):\n"
            "        assert isinstance(observation, numpy.ndarray)\n"
            "        observation[0] = 7\n"
            "        return choose(WEIGHTS, self.player_id)\n"
        ),
        "helpers/__init__.py": "",
        "helpers/choose.py": "def choose(w, seat):\n    print(seat)\n    return w[seat]",
        "weights.json": "[1, 2]",
    }

    outcome = home_arena.play(agent, agent)

    assert outcome.verdicts() == ["none", "none"], outcome.seats
    assert outcome.seats[1]["stdout"].startswith("1\n1\n")


def test_shadowing_the_standard_library_only_hurts_the_author(home_arena):
    agent = {
        "agent.py": "import json\n" + ACT,
        "json.py": "raise RuntimeError('mine')",
        "msgpack.py": "raise RuntimeError('mine')",
        "numpy.py": "raise RuntimeError('mine')",
        "os.py": "raise RuntimeError('mine')",
        "sitecustomize.py": "raise RuntimeError('mine')",
        "evil.pth": "import os; os._exit(1)",
    }

    outcome = home_arena.play(agent, GOOD["pong"])

    assert outcome.verdicts() == ["none", "none"], outcome.seats


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ndef act(o)\n    return 1\n", "Syntax error in agent.py, line 2: expected ':'."),
        ("import torchvision\n", "Import error: there is no module named 'torchvision'."),
        ("from math import nothing\n", "Import error: cannot import name 'nothing'"),
        ("x = 1\n", "No agent was found"),
        ("class Agent:\n    pass\n", "none of the methods"),
        ("1 / 0\n", "ZeroDivisionError: division by zero (agent.py, line 1)"),
    ],
)
def test_load_errors_tell_what_to_mend(home_arena, source, message):
    outcome = home_arena.play(GOOD["pong"], source)

    assert outcome.verdicts() == ["none", "load_error"]
    assert message in outcome.seats[1]["message"]


def test_an_exception_is_told_with_its_place_and_traceback(home_arena):
    source = "def act(o):\n    return helper(o)\ndef helper(o):\n    raise ValueError('why')\n"

    outcome = home_arena.play(source, GOOD["pong"])

    assert outcome.seats[0]["message"] == "ValueError: why (agent.py, line 4)"
    assert 'File "agent.py", line 2, in act' in outcome.seats[0]["traceback"]
    assert "harness" not in outcome.seats[0]["traceback"]


def test_a_busy_machine_does_not_cost_a_move(home_arena):
    """Two agents that each compute for 0.3 s on one core, with 0.45 s allowed: each waits at least
    0.6 s by the clock on the wall. The first ends the match by itself in its third move."""
    busy = (
        "import time\nmoves = []\ndef act(o):\n    moves.append(1)\n    t = time.process_time()\n"
        "    while time.process_time() - t < 0.3: pass\n    return 1\n"
    )
    ending = busy.replace("    return 1", "    return 1 if len(moves) < 3 else None")

    outcome = home_arena.play(ending, busy, move_limit_seconds=0.45)

    assert outcome.verdicts() == ["invalid_output", "none"], summary(outcome)
    assert outcome.result["steps"] == 2
    assert all(seat["seconds"] >= 0.6 for seat in outcome.seats)


def summary(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(seat["verdict"], seat["message"], seat["stderr"][-300:]) for seat in outcome.seats]


def processes_with(*words: str) -> list[str]:
    """Command lines of living processes that hold all the words."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            if all(word in line for word in words):
                found.append(line)
    return found
