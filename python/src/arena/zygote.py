"""Starts agents by forking: python -I -S -u zygote.py CHANNEL PARENT, settings as JSON on stdin.

A trusted process with one thread, no secrets, and numpy loaded. In namespaces of its own it builds
once the root that every agent gets, of just what Python needs, all of it read-only. It never reads
a request itself: each is taken by a fork, so no agent inherits anything about a match but its own.
Per agent there are two forks:

- the *keeper* is the first process of new namespaces. It moves to the control group and core given,
  adds to the root what is this agent's, gives up every capability, takes the seccomp filter, and
  then waits: for the agent, whose exit status it reports, or for the runner to hang up. When it
  ends, the kernel ends all inside;
- the *agent* sets its limits, reseeds what it inherited, and runs harness.py.

A request is one packet on the channel: {"groups": files to write one's pid to, "core": number or
null, "binds": [[outside, inside], ...], "tmp_bytes": n, "harness": the harness's configuration, or
null to try everything and end}, with five descriptors: the runner's control socket, and the agent's
request, reply, stdout and stderr. On the control socket come P and the keeper's pid with a pidfd, S
and the agent's exit status as a shell gives it, or E and what failed.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import gc
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import types
from typing import Any, NoReturn

# And of control groups, once it has moved to its own.
_NAMESPACES = ("NEWUSER", "NEWNS", "NEWPID", "NEWNET", "NEWIPC", "NEWUTS")
_NOBODY = 65534
_INODES = 8192
_REQUEST, _REPLY = 3, 4
_DEVICES = ("null", "zero", "full", "random", "urandom")
# Where a keeper mounts what is its agent's.
_WRITABLE = ("tmp", "dev/shm")
_PLACES = ("agent", *(f"packages/{n}" for n in range(4)), "proc", *_WRITABLE)
_WRITABLE_ROOTS = tuple(f"/{folder}/" for folder in _WRITABLE)


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    settings = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    here = os.path.dirname(os.path.abspath(__file__))
    standard = list(sys.path)
    sys.path[:0] = [here, *settings["site_packages"]]
    import harness
    import kernel
    import numpy.random
    import wire

    wire.decode(wire.encode([0, numpy.zeros(1)])[4:], arrays=True)
    sys.path[:] = [path for path in standard if path != here]
    if not kernel.die_with_parent(signal.SIGKILL, int(sys.argv[2])):
        return
    if len(os.listdir("/proc/self/task")) != 1:
        sys.exit("the zygote has more than one thread; its forks would not be sound")
    # Nobody waits for keepers: their runners have descriptors of them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    problem = None
    # Until a fork is mapped it has no id to ask for.
    user = (os.geteuid(), os.getegid())
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        _map_user(user, user)
        _build_root(kernel, settings)
        kernel.drop_capabilities()
    except OSError as error:
        problem = error
    gc.collect()
    gc.freeze()
    modules = types.SimpleNamespace(
        harness=harness,
        kernel=kernel,
        numpy=numpy,
        wire=wire,
        program=base64.b64decode(settings.pop("program")),
        covered=[
            path
            for path in settings["shown"]
            if path.startswith(_WRITABLE_ROOTS) and os.path.exists("/old" + path)
        ],
        user=user,
    )
    serve(channel, modules, problem)


def serve(channel: socket.socket, modules: Any, problem: OSError | None) -> None:
    """Forks a keeper for every request until whoever asks is gone; refuses all if there is a
    problem."""
    namespaces = 0
    for name in _NAMESPACES:
        namespaces |= getattr(modules.kernel, "CLONE_" + name)
    waiting = select.poll()
    waiting.register(channel, select.POLLIN)
    while True:
        events = waiting.poll()
        if not events[0][1] & select.POLLIN:
            return
        if problem is not None:
            _refuse(channel, problem)
            continue
        taken, taking = os.pipe()
        try:
            keeper = modules.kernel.fork_into(namespaces)
        except OSError as error:
            os.close(taking)
            os.close(taken)
            _refuse(channel, error)
            continue
        if keeper == 0:
            os.close(taken)
            _keep(channel, taking, modules)
        os.close(taking)
        # The next request is looked for when the keeper has taken this one.
        os.read(taken, 1)
        os.close(taken)


def _refuse(channel: socket.socket, error: OSError) -> None:
    """Takes a request that no keeper can be forked for, say because this user may not."""
    _, descriptors, _, _ = socket.recv_fds(channel, 1 << 18, 5)
    if descriptors:
        with socket.socket(fileno=descriptors[0]) as control:
            _report(control, error)
        for descriptor in descriptors[1:]:
            os.close(descriptor)


def _keep(channel: socket.socket, taking: int, modules: Any) -> NoReturn:
    """The first process of the namespaces."""
    kernel = modules.kernel
    control = None
    try:
        packet, descriptors, _, _ = socket.recv_fds(channel, 1 << 18, 5)
        channel.close()
        os.close(taking)
        if len(descriptors) != 5:
            os._exit(0)
        control = socket.socket(fileno=descriptors.pop(0))
        # /proc is still that of outside, where this process has another number.
        outside = int(os.readlink("/proc/self"))
        pidfd = os.pidfd_open(os.getpid())
        socket.send_fds(control, [b"P" + struct.pack("i", outside)], [pidfd])
        os.close(pidfd)
        request = json.loads(packet)
        _map_user((_NOBODY, _NOBODY), modules.user)
        _settle(kernel, request)
        _furnish_root(kernel, request, modules.covered)
        # Nothing inside may look into this process.
        kernel.set_dumpable(False)
        kernel.drop_capabilities()
        kernel.gain_no_privileges()
        kernel.filter_calls(modules.program)
        agent = os.fork()
        if agent == 0:
            _become_agent(control, descriptors, request, modules)
        for descriptor in descriptors:
            os.close(descriptor)
        _wait(control, agent)
    except BaseException as error:
        _report(control, error)
    os._exit(1)


def _settle(kernel: Any, request: dict[str, Any]) -> None:
    """Moves to where the agent is to be: its control group, its core, its user."""
    for group in request["groups"]:
        with open("/old" + group, "wb", buffering=0) as file:
            file.write(b"0")
    kernel.unshare(kernel.CLONE_NEWCGROUP)
    if request["core"] is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {request["core"]})
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    socket.sethostname("sandbox")


def _wait(control: socket.socket, agent: int) -> NoReturn:
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = select.poll()
    waiting.register(control, 0)
    waiting.register(woken, select.POLLIN)
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == agent:
            code = os.waitstatus_to_exitcode(status)
            control.send(b"S" + struct.pack("i", code if code >= 0 else 128 - code))
            os._exit(0)
        if pid == 0:
            for descriptor, _ in waiting.poll():
                if descriptor == control.fileno():
                    os._exit(0)
                os.read(woken, 4096)


def _build_root(kernel: Any, settings: dict[str, Any]) -> None:
    """Leaves this process at a root with three folders: old, all that was there before, new, the
    root that agents get but for their own places, and proc."""
    plain = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_SLAVE)
    # What is to be mounted may lie anywhere, this folder included.
    kernel.mount("step", "/tmp", "tmpfs", plain, "size=64k,mode=0755")  # noqa: S108
    for name in ("old", "new", "proc"):
        os.mkdir(f"/tmp/{name}")  # noqa: S108
    kernel.pivot("/tmp", "/tmp/old")  # noqa: S108
    kernel.mount("/old/proc", "/proc", "", kernel.MS_BIND | kernel.MS_REC)
    kernel.mount("root", "/new", "tmpfs", plain, f"size=1m,nr_inodes={_INODES},mode=0755")
    for target, link in settings["links"]:
        os.makedirs("/new" + os.path.dirname(link), exist_ok=True)
        os.symlink(target, "/new" + link)
    for path in settings["shown"]:
        _show(kernel, path)
    for path in settings["hidden"]:
        kernel.mount("hidden", "/new" + path, "tmpfs", plain, "size=4k,mode=0755")
    for folder in _PLACES:
        os.makedirs("/new/" + folder, exist_ok=True)
    for device in _DEVICES:
        with open(f"/new/dev/{device}", "w"):
            pass
    os.symlink("/proc/self/fd", "/new/dev/fd")
    kernel.seal("/new")
    for device in _DEVICES:
        kernel.mount(f"/old/dev/{device}", f"/new/dev/{device}", "", kernel.MS_BIND)


def _show(kernel: Any, path: str) -> None:
    source, target = "/old" + path, "/new" + path
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif os.path.exists(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w"):
            pass
    else:
        return
    kernel.mount(source, target, "", kernel.MS_BIND | kernel.MS_REC)


def _furnish_root(kernel: Any, request: dict[str, Any], covered: list[str]) -> None:
    """Adds to the root what is this agent's, two writable folders among it, and enters it.

    covered: what every agent sees and lies below a writable folder, an installation below /tmp say.
    """
    plain = kernel.MS_NOSUID | kernel.MS_NODEV
    # No user namespaces below this one, whatever the filter may let through.
    with contextlib.suppress(OSError), open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    # Once more over itself: what came from the namespace before is locked, and cannot be entered.
    kernel.mount("/new", "/new", "", kernel.MS_BIND | kernel.MS_REC)
    for outside, inside in request["binds"]:
        kernel.mount("/old" + outside, "/new" + inside, "", kernel.MS_BIND | kernel.MS_REC)
        kernel.seal("/new" + inside)
    flags = plain | kernel.MS_NOEXEC | kernel.MS_RDONLY
    kernel.mount("proc", "/new/proc", "proc", flags)
    sized = f"size={request['tmp_bytes']},nr_inodes={_INODES},mode=0755"
    for folder in _WRITABLE:
        kernel.mount("tmpfs", "/new/" + folder, "tmpfs", plain, sized)
    for path in covered:
        _show(kernel, path)
        kernel.seal("/new" + path)
    kernel.become_root_of("/new")


def _become_agent(
    control: socket.socket, descriptors: list[int], request: dict[str, Any], modules: Any
) -> NoReturn:
    kernel = modules.kernel
    try:
        control.close()
        kernel.set_dumpable(True)
        high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 64) for descriptor in descriptors]
        for target, descriptor in zip((_REQUEST, _REPLY, 1, 2), high, strict=True):
            os.dup2(descriptor, target)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.closerange(_REPLY + 1, 1 << 20)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Forks share the state of every generator until they are seeded anew.
        random.seed()
        modules.numpy.random.seed()
        os.chdir("/tmp")  # noqa: S108
        for name in ("harness", "kernel", "wire"):
            sys.modules.pop(name)
        sys.modules["__main__"] = types.ModuleType("__main__")
        if request["harness"] is not None:
            modules.harness.run(request["harness"], modules.wire)
        status = 0
    except BaseException as error:
        status = 1
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
    os._exit(status)


def _map_user(inside: tuple[int, int], outside: tuple[int, int]) -> None:
    """User and group, the only ones there are from now on."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside[0]} {outside[0]} 1"),
        ("gid_map", f"{inside[1]} {outside[1]} 1"),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def _report(control: socket.socket | None, error: BaseException) -> None:
    if control is not None:
        with contextlib.suppress(OSError):
            control.send(b"E" + f"{type(error).__name__}: {error}".encode()[:1000])


if __name__ == "__main__":
    main()
