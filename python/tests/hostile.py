"""Agents that mean harm. The table of docs/security.md is made of these."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

ACT = "\ndef act(observation):\n    return 1\n"
IMPORTS = "import ctypes, os, signal, socket, sys, threading, time"
#: Printed by an agent that found no way; anything else it prints is a way it found.
CONTAINED = "contained"


@dataclass(frozen=True)
class Case:
    """One agent. verdicts: what it may be given; where the cause cannot be known without control
    groups there are two. An agent with the verdict none prints CONTAINED and plays on; it plays
    games matches in a row. table: whether only the referee is involved, whatever the sandbox."""

    group: str
    tries: str
    source: str
    verdicts: tuple[str, ...]
    rules: dict[str, Any] = field(default_factory=dict)
    games: int = 1

    @property
    def name(self) -> str:
        return f"{self.group}: {self.tries}"


def in_act(body: str) -> str:
    return f"{IMPORTS}\ndef act(observation):\n{_indented(body)}\n    return 1\n"


def at_import(body: str) -> str:
    return f"{IMPORTS}\n{body.strip()}\n{ACT}"


def _indented(body: str) -> str:
    return "\n".join("    " + line for line in body.strip().splitlines())


def loses(group: str, tries: str, source: str, *verdicts: str, **rules: Any) -> Case:
    """Time limits are short, so that waiting for them is; what fills something needs more."""
    move = 1.0 if group == "resources" else 0.5
    return Case(
        group, tries, source, verdicts, {"move_limit_seconds": move, "load_seconds": 4.0, **rules}
    )


def finds_nothing(group: str, tries: str, body: str, games: int = 1, **rules: Any) -> Case:
    """body runs at import and prints whatever it should not have been able to do."""
    source = f"{IMPORTS}\ndef look():\n{_indented(body)}\nlook()\nprint({CONTAINED!r})\n{ACT}"
    return Case(group, tries, source, ("none",), {"max_steps": 20, **rules}, games)


#: bpf, perf_event_open, userfaultfd and keyctl, which the C library does not offer.
BPF, PERF_EVENT_OPEN, USERFAULTFD, KEYCTL = {
    "x86_64": (321, 298, 323, 250),
    "aarch64": (280, 241, 282, 219),
}[os.uname().machine]
LIBC = "libc = ctypes.CDLL(None, use_errno=True)\n"


def raw_call(number: int) -> str:
    return in_act(LIBC + f"libc.syscall({number}, 0, 0, 0, 0, 0)")


EVERY_DESCRIPTOR = "for fd in range(3, 50):\n"

CASES = [
    # --- ends or hangs itself
    loses("process", "`os._exit(3)` in a move", in_act("os._exit(3)"), "crash"),
    loses("process", "`sys.exit(0)` in a move", in_act("sys.exit(0)"), "exception"),
    loses("process", "`os._exit(0)` at import", at_import("os._exit(0)"), "crash"),
    loses("process", "`sys.exit(0)` at import", at_import("sys.exit(0)"), "load_error"),
    loses("process", "raises an exception", in_act("raise KeyError('x')"), "exception"),
    loses("process", "a segmentation fault through ctypes", in_act("ctypes.string_at(0)"), "crash"),
    loses("process", "`SIGKILL` to itself", in_act("os.kill(os.getpid(), 9)"), "crash"),
    loses("process", "`SIGSTOP` to itself", in_act("os.kill(os.getpid(), 19)"), "move_timeout"),
    loses("process", "recursion without end", in_act("def f(): f()\nf()"), "exception"),
    loses(
        "process",
        "recursion without end and without Python's limit",
        in_act("sys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1) + 1\nf(0)"),
        *("crash", "memory", "exception", "move_timeout"),
    ),
    loses(
        "process",
        "ignores every signal it can and sleeps",
        in_act("""
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
time.sleep(100)"""),
        "move_timeout",
    ),
    finds_nothing(
        "process",
        "daemonises (fork, `setsid`, fork) and stays",
        """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        time.sleep(1000)
    os._exit(0)
os.wait()""",
    ),
    finds_nothing(
        "process",
        "leaves forty zombies",
        """
for _ in range(40):
    if os.fork() == 0: os._exit(0)""",
    ),
    # --- time
    loses("time", "an endless loop in a move", in_act("while True: pass"), "move_timeout"),
    loses("time", "sleeps in a move", in_act("time.sleep(1000)"), "move_timeout"),
    loses(
        "time",
        "an endless loop at import",
        at_import("while True: pass"),
        "init_timeout",
        load_seconds=1.5,
    ),
    loses(
        "time", "sleeps at import", at_import("time.sleep(1000)"), "init_timeout", load_seconds=1.5
    ),
    loses(
        "time",
        "0.3 s for every move",
        in_act("time.sleep(0.3)"),
        "bank_exhausted",
        move_seconds=0.1,
        bank_seconds=0.5,
    ),
    loses(
        "time",
        "turns the clocks of its own process back and takes its time",
        in_act("""
time.time = time.monotonic = time.perf_counter = lambda: 0.0
signal.setitimer(signal.ITIMER_REAL, 0)
begun = os.times().elapsed
while os.times().elapsed - begun < 100: pass"""),
        "move_timeout",
    ),
    loses(
        "time",
        "sets the system's clock",
        in_act(LIBC + "libc.clock_settime(0, ctypes.byref((ctypes.c_long * 2)(0, 0)))"),
        "security",
    ),
    loses(
        "time",
        "four children that burn the core the opponent needs",
        at_import("""
for _ in range(4):
    if os.fork() == 0:
        while True: pass"""),
        *("none", "move_timeout"),
        match_seconds=4.0,
    ),
    loses(
        "time",
        "a busy thread in the background",
        at_import("""
def burn():
    while True: pass
threading.Thread(target=burn, daemon=True).start()"""),
        *("none", "move_timeout"),
        max_steps=30,
    ),
    finds_nothing(
        "time",
        "moves to another core, or up in priority",
        """
for call in (lambda: os.sched_setaffinity(0, range(os.cpu_count())), lambda: os.nice(-5),
             lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))):
    try: call(); print('allowed', call)
    except OSError: pass
if len(os.sched_getaffinity(0)) != 1: print(os.sched_getaffinity(0))""",
    ),
    # --- memory, processes, disk, output
    loses(
        "resources",
        "a fork bomb",
        in_act("while True: os.fork()"),
        "process_limit",
    ),
    loses(
        "resources",
        "a fork bomb that goes on when refused",
        in_act("while True:\n    try: os.fork()\n    except OSError: pass"),
        *("process_limit", "move_timeout"),
    ),
    loses(
        "resources",
        "five hundred threads",
        in_act("for _ in range(500): threading.Thread(target=time.sleep, args=(100,)).start()"),
        "process_limit",
    ),
    loses(
        "resources",
        "memory piece by piece",
        in_act("hoard = [bytearray(10**7) for _ in range(200)]"),
        "memory",
        # Filling it takes a second of CPU time on a busy machine.
        move_limit_seconds=10.0,
        move_seconds=10.0,
    ),
    loses("resources", "memory at once", in_act("hoard = bytearray(10**11)"), "memory"),
    loses(
        "resources",
        "memory that its own processes share",
        in_act("""
import mmap
shared = mmap.mmap(-1, 1600 << 20)
for at in range(0, 1600 << 20, 4096): shared[at] = 1"""),
        *("memory", "exception", "disk_limit"),
        move_limit_seconds=10.0,
        move_seconds=10.0,
    ),
    loses(
        "resources",
        "fills `/tmp`",
        in_act("""
for n in range(100):
    with open(f'/tmp/{n}', 'wb') as file: file.write(bytes(10**7))"""),
        "disk_limit",
        move_limit_seconds=3.0,
    ),
    loses(
        "resources",
        "fills `/dev/shm`",
        in_act("""
for n in range(100):
    with open(f'/dev/shm/{n}', 'wb') as file: file.write(bytes(10**7))"""),
        "disk_limit",
        move_limit_seconds=3.0,
    ),
    loses(
        "resources",
        "one file of a terabyte",
        in_act("with open('/tmp/x', 'wb') as f:\n    f.truncate(10**12)"),
        "disk_limit",
    ),
    loses(
        "resources",
        "inodes: empty files without end",
        in_act("n = 0\nwhile True:\n    open(f'/tmp/{n}', 'w').close()\n    n += 1"),
        *("disk_limit", "move_timeout"),
    ),
    loses(
        "resources",
        "descriptors: opens files without end",
        in_act("kept = []\nwhile True: kept.append(open('/dev/null'))"),
        "exception",
    ),
    loses(
        "resources",
        "raises its own rlimits",
        in_act("""
import resource
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"""),
        "exception",
    ),
    finds_nothing(
        "resources",
        "dumps core, or finds a limit missing",
        """
import resource
if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): print('core dumps')
if resource.getrlimit(resource.RLIMIT_NPROC)[1] > 50: print('processes')
for name in ('RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_FSIZE', 'RLIMIT_NOFILE', 'RLIMIT_CPU'):
    if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY: print(name)""",
    ),
    loses("resources", "floods stdout", in_act("print('x' * 3_000_000)"), "output_limit"),
    loses("resources", "floods stderr", in_act("os.write(2, b'x' * 3_000_000)"), "output_limit"),
    loses(
        "resources",
        "floods stdout piece by piece, without a newline",
        in_act("while True: os.write(1, b'y' * 1000)"),
        "output_limit",
    ),
    finds_nothing(
        "resources",
        "closes stdin, stdout and stderr",
        "print('contained', flush=True)\nfor fd in (0, 1, 2): os.close(fd)\n"
        "sys.stdout = open('/dev/null', 'w')",
    ),
    # --- the runner and its protocol
    loses(
        "protocol",
        "garbage to every descriptor",
        in_act(
            EVERY_DESCRIPTOR + "    try: os.write(fd, b'\\x00\\x00\\x00\\x02hi' * 10)\n"
            "    except OSError: pass"
        ),
        "protocol",
    ),
    loses(
        "protocol",
        "announces a frame of 4 GiB",
        in_act(
            EVERY_DESCRIPTOR + "    try: os.write(fd, b'\\xff' * 4)\n    except OSError: pass\n"
            "time.sleep(100)"
        ),
        "protocol",
    ),
    loses(
        "protocol",
        "forges a move without the nonce",
        in_act(
            "import msgpack\nbody = msgpack.packb(['move', 1, 'int', 1])\n"
            + EVERY_DESCRIPTOR
            + "    try: os.write(fd, len(body).to_bytes(4, 'big') + body)\n"
            "    except OSError: pass\ntime.sleep(100)"
        ),
        "protocol",
    ),
    loses(
        "protocol",
        "answers twice with the right nonce and names its score",
        in_act("""
frame = sys._getframe()
while frame.f_code.co_name != 'serve': frame = frame.f_back
link, nonce = frame.f_locals['link'], frame.f_locals['nonce']
link.send(['move', nonce, 'int', 1])
link.send(['move', nonce, 'int', 1])
link.send(['score', nonce, 999999998])"""),
        "protocol",
    ),
    loses(
        "protocol",
        "one byte of a frame, and no more",
        in_act(
            EVERY_DESCRIPTOR + "    try: os.write(fd, b'\\x00'); time.sleep(100)\n"
            "    except OSError: pass"
        ),
        "move_timeout",
    ),
    loses(
        "protocol",
        "closes every descriptor",
        in_act("os.closerange(0, 256)\ntime.sleep(100)"),
        *("protocol", "crash"),
    ),
    loses(
        "protocol",
        "reads its observations itself and answers never",
        at_import(
            "threading.Thread(target=lambda: [os.read(3, 1 << 16) for _ in iter(int, 1)], "
            "daemon=True).start()\ntime.sleep(0.1)\ndef steal():\n    while True:\n"
            "        for fd in range(3, 20):\n            try: os.read(fd, 1 << 16)\n"
            "            except OSError: pass\nthreading.Thread(target=steal, daemon=True).start()"
        ),
        *("move_timeout", "crash", "protocol", "load_error"),
    ),
    loses(
        "protocol",
        "patches numpy and msgpack in its own process",
        in_act("""
import numpy, msgpack
def broken(*_, **__): raise RuntimeError('patched')
numpy.frombuffer = msgpack.unpackb = msgpack.packb = broken"""),
        *("crash", "exception"),
    ),
    finds_nothing(
        "protocol",
        "looks for the referee, its scores and the opponent in its own process",
        """
import gc
for module in ('arena', 'arena.match', 'rl_arena', 'pettingzoo'):
    if module in sys.modules: print(module)
for thing in gc.get_objects():
    if type(thing).__name__ in ('MatchResult', 'SeatResult', 'AgentGroup', 'Pong'): print(thing)""",
    ),
    # --- answers
    loses("answers", "returns nothing", "def act(o):\n    return None\n", "invalid_output"),
    loses("answers", "returns NaN", "def act(o):\n    return float('nan')\n", "invalid_output"),
    loses("answers", "returns infinity", "def act(o):\n    return 1e999\n", "invalid_output"),
    loses(
        "answers", "a string of 10 MB", "def act(o):\n    return 'x' * 10**7\n", "invalid_output"
    ),
    loses(
        "answers",
        "a list nested 100,000 deep",
        "def act(o):\n    x = []\n    for _ in range(10**5): x = [x]\n    return x\n",
        "invalid_output",
    ),
    loses(
        "answers",
        "an object that is unpickled with consequences",
        "import os\nclass Bomb:\n    def __reduce__(self): return os.system, ('id',)\n"
        "def act(o):\n    return Bomb()\n",
        "invalid_output",
    ),
    loses(
        "answers",
        "an integer that lies about its value",
        "class I(int):\n    def __int__(self): return 10**9\n"
        "    def __index__(self): raise SystemExit\ndef act(o):\n    return I(1)\n",
        "illegal_action",
    ),
    loses("answers", "a number out of range", "def act(o):\n    return 3\n", "illegal_action"),
    loses("answers", "2 to the power of 63", "def act(o):\n    return 2**63\n", "illegal_action"),
    # --- the network
    finds_nothing(
        "network",
        "TCP and UDP to loopback, the internet and cloud metadata; IPv4 and IPv6",
        """
for family, target in [(socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('1.1.1.1', 53)),
                       (socket.AF_INET, ('169.254.169.254', 80)), (socket.AF_INET6, ('::1', 22))]:
    # A datagram to the sandbox's own loopback reaches nobody but the sandbox.
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)[: 1 if target[1] == 22 else 2]:
        try:
            with socket.socket(family, kind) as s:
                s.settimeout(1); s.connect(target); s.send(b'x')
            print('reached', target)
        except OSError: pass""",
    ),
    finds_nothing(
        "network",
        "DNS",
        "try: print(socket.gethostbyname('example.com'))\nexcept OSError: pass",
    ),
    finds_nothing(
        "network",
        "unix sockets of the machine, abstract ones included",
        """
with open('/proc/net/unix') as file:
    if len(file.readlines()) > 1: print('unix sockets')
for name in ('/var/run/docker.sock', '/run/dbus/system_bus_socket', '\\0/tmp/.X11-unix/X0'):
    try:
        with socket.socket(socket.AF_UNIX) as s: s.connect(name); print('reached', name)
    except OSError: pass""",
    ),
    finds_nothing(
        "network",
        "raw, packet, netlink and crypto sockets",
        """
for family, kind in [(socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW),
                     (socket.AF_NETLINK, socket.SOCK_RAW), (38, socket.SOCK_SEQPACKET)]:
    try: socket.socket(family, kind); print('opened', family)
    except OSError: pass""",
    ),
    # --- files
    finds_nothing(
        "files",
        "the opponent's code, home folders, configuration, service account tokens",
        """
own = {sys.prefix, sys.base_prefix, *sys.path, os.path.dirname(os.path.dirname(sys.executable))}
own |= {os.path.realpath(path) for path in own}
def walk(path):
    if any(path == o or path.startswith(o + '/') for o in own): return
    if any(o.startswith(path + '/') for o in own):
        for name in os.listdir(path): walk(path + '/' + name)
    else: print(path)
for root in ('/root', '/home', '/work', '/srv', '/var', '/sys', '/run', '/boot', '/etc/passwd',
             '/etc/shadow', '/etc/hosts', '/usr/bin/sh', '/bin/sh', '/opt/executor', '/old',
             '/var/run/secrets/kubernetes.io', '/proc/kcore'):
    if os.path.exists(root) and not (root == '/proc/kcore' and not os.access(root, os.R_OK)):
        walk(root)
for folder in ('/tmp', '/dev/shm'):
    if os.listdir(folder): print(folder, os.listdir(folder))
if sorted(os.listdir('/agent')) != ['agent.py']: print(os.listdir('/agent'))""",
    ),
    finds_nothing(
        "files",
        "writes outside its own folders",
        """
for path in ('/x', '/agent/x', '/agent/agent.py', '/harness/harness.py', '/dev/x', '/etc/x',
             '/usr/x', '/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/opt/x',
             os.path.dirname(os.__file__) + '/x', os.__file__):
    try: open(path, 'a').write('x'); print('wrote', path)
    except OSError: pass""",
    ),
    finds_nothing(
        "files",
        "links, hard links, devices and pipes where others may follow them",
        """
os.symlink('/proc/1/root/etc/shadow', '/tmp/link'); os.mkfifo('/tmp/pipe')
for call in (lambda: os.symlink('/etc', '/agent/link'), lambda: os.link('/agent/agent.py', '/x'),
             lambda: os.link('/agent/agent.py', '/tmp/hard'), lambda: open('/tmp/link').read(),
             lambda: os.mknod('/tmp/disk', 0o060600, os.makedev(8, 0)),
             lambda: os.listdir('/proc/1/root/old'), lambda: os.listdir('/proc/1/cwd/../old')):
    try: call(); print('allowed', call)
    except OSError: pass""",
    ),
    finds_nothing(
        "files",
        "leaves files for its next match",
        """
for folder in ('/tmp', '/dev/shm'):
    if os.path.exists(folder + '/left'): print('found', folder)
    with open(folder + '/left', 'w') as file: file.write('x')""",
        games=2,
    ),
    finds_nothing(
        "files",
        "patches numpy for the agents that start after it",
        """
import numpy
if hasattr(numpy, 'evil'): print('found')
numpy.evil = True""",
        games=2,
    ),
    # --- other processes
    finds_nothing(
        "others",
        "sees or signals other processes",
        """
pids = [int(n) for n in os.listdir('/proc') if n.isdigit()]
if len(pids) > 2: print(pids)
for pid in range(2, 300):
    if pid != os.getpid():
        try: os.kill(pid, 0); print('can signal', pid)
        except OSError: pass""",
    ),
    finds_nothing(
        "others",
        "every signal to the sandbox's first process, and `SIGKILL` to all",
        """
for number in range(1, 65):
    try: os.kill(1, number)
    except OSError: pass
for number in (signal.SIGKILL, signal.SIGSTOP):
    try: os.kill(-1, number)
    except OSError: pass""",
    ),
    finds_nothing(
        "others",
        "memory, descriptors and environment of other processes through /proc",
        """
for pid in filter(str.isdigit, os.listdir('/proc')):
    if int(pid) == os.getpid(): continue
    # Bubblewrap's own first process may be looked at; it has nothing that the agent has not.
    for name in ('environ', 'root') if pid == '1' else ('mem', 'environ', 'maps', 'fd', 'root'):
        path = f'/proc/{pid}/{name}'
        try:
            found = os.listdir(path) if name in ('fd', 'root') else open(path, 'rb').read(4096)
            if found and found != os.listdir('/'): print(path)
        except OSError: pass""",
    ),
    finds_nothing(
        "others",
        "secrets in environment variables",
        """
for key in os.environ:
    if key not in ('PATH', 'HOME', 'TMPDIR', 'LANG', 'OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS',
                   'MKL_NUM_THREADS', 'PWD', 'LC_CTYPE'): print(key)
with open('/proc/self/environ') as file:
    if 'SECRET' in file.read(): print('secret')""",
    ),
    loses("others", "`ptrace`", in_act(LIBC + "libc.ptrace(16, os.getppid(), 0, 0)"), "security"),
    loses(
        "others",
        "`process_vm_readv`",
        in_act(LIBC + "libc.process_vm_readv(1, 0, 0, 0, 0, 0)"),
        "security",
    ),
    # --- the kernel
    loses("kernel", "`unshare`", in_act(LIBC + "libc.unshare(0x10000000)"), "security"),
    loses("kernel", "`setns`", in_act(LIBC + "libc.setns(0, 0)"), "security"),
    loses(
        "kernel",
        "`mount`",
        in_act(LIBC + "libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)"),
        "security",
    ),
    loses("kernel", "`chroot`", in_act(LIBC + "libc.chroot(b'/tmp')"), "security"),
    loses("kernel", "`bpf`", raw_call(BPF), "security"),
    loses(
        "kernel",
        "`perf_event_open`",
        raw_call(PERF_EVENT_OPEN),
        "security",
    ),
    loses("kernel", "`userfaultfd`", raw_call(USERFAULTFD), "security"),
    loses("kernel", "`keyctl`", raw_call(KEYCTL), "security"),
    finds_nothing(
        "kernel",
        "`io_uring`, `clone3`, `memfd_create` and shared memory",
        LIBC
        + """
for number, *arguments in ((425, 1, 0), (435, 0, 0)):
    if libc.syscall(number, *arguments) != -1 or ctypes.get_errno() not in (1, 38): print(number)
if libc.memfd_create(b'x', 0) != -1: print('memfd')
if libc.shmget(0, 4096, 0o1666) != -1: print('shmget')""",
    ),
    finds_nothing(
        "kernel",
        "capabilities, another uid, more privileges",
        """
if os.getuid() != 65534 or os.geteuid() != 65534: print('uid', os.getuid())
with open('/proc/self/status') as file: status = file.read()
for line in status.splitlines():
    if line.startswith('Cap') and int(line.split()[1], 16): print(line)
if 'NoNewPrivs:\\t1' not in status: print('may gain privileges')
if 'Seccomp:\\t2' not in status: print('no filter')
for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
    try: call(); print('allowed', call)
    except OSError: pass
with open('/proc/self/mounts') as file:
    for line in file:
        _, place, kind, options, *_ = line.split()
        if place not in ('/tmp', '/dev/shm') and kind != 'proc' and not place.startswith('/dev/'):
            if 'ro' not in options.split(','): print('writable', line)""",
    ),
]
