"""The filter itself, tried in a process that is not otherwise held."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from arena import seccomp

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filtered(action: Callable[[], object]) -> int:
    """Exit status of a forked process that acts behind the filter; minus n for signal n."""
    compiled = seccomp.program()
    child = os.fork()
    if child == 0:
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        held = _Program(len(compiled) // 8, compiled)
        if libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(held), 0, 0):
            os._exit(99)
        try:
            os._exit(1 if action() == -1 else 0)
        except BaseException:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def call(name: str, *arguments: int) -> Callable[[], object]:
    return lambda: getattr(ctypes.CDLL(None), name)(*arguments)


def raw(number: int, *arguments: int) -> Callable[[], object]:
    return lambda: ctypes.CDLL(None).syscall(number, *arguments)


def thread() -> None:
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()


def child() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)


def write() -> None:
    with open("/dev/null", "w") as file:
        file.write("x")


@pytest.mark.parametrize("action", [thread, child, write, lambda: socket.socketpair(), os.getpid])
def test_what_programs_do_goes_on(action):
    assert filtered(action) == 0


# Numbers from 424 on are the same on every architecture.
@pytest.mark.parametrize(
    "action",
    [
        call("ptrace", 0, 0, 0, 0),
        call("process_vm_readv", 1, 0, 0, 0, 0, 0),
        call("unshare", 0x10000000),
        call("setns", 0, 0),
        call("mount", 0, 0, 0, 0, 0),
        call("umount2", 0, 0),
        call("chroot", 0),
        raw(428),  # open_tree
        raw(438),  # pidfd_getfd
        raw(442),  # mount_setattr
    ],
)
def test_ways_out_end_the_process(action):
    assert filtered(action) == -signal.SIGSYS


@pytest.mark.parametrize("flag", [17, 25, 26, 27, 28, 29, 30])
def test_a_clone_with_a_namespace_ends_the_process(flag):
    if os.uname().machine != "x86_64":
        pytest.skip("the number of clone(2) differs")
    assert filtered(raw(56, 1 << flag | signal.SIGCHLD, 0, 0, 0, 0)) == -signal.SIGSYS


@pytest.mark.parametrize(
    "action",
    [
        raw(425, 1, 0),  # io_uring_setup
        raw(435, 0, 0),  # clone3
        raw(600),  # none yet
        call("shmget", 0, 4096, 0o1666),
        call("setuid", 0),
        lambda: ctypes.CDLL(None).memfd_create(b"x", 0),
    ],
)
def test_other_calls_are_refused(action):
    assert filtered(action) == 1


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_RAW),
        (socket.AF_PACKET, socket.SOCK_RAW),
        (socket.AF_NETLINK, socket.SOCK_DGRAM),
        (38, socket.SOCK_SEQPACKET),  # AF_ALG
        (40, socket.SOCK_STREAM),  # AF_VSOCK
    ],
)
def test_sockets_of_other_kinds_are_refused(family, kind):
    assert filtered(call("socket", family, kind, 0)) == 1


def test_without_the_library_it_says_what_to_install(monkeypatch):
    seccomp.program.cache_clear()
    monkeypatch.setitem(sys.modules, "pyseccomp", None)

    with pytest.raises(seccomp.SeccompUnavailable, match="apt-get install libseccomp2"):
        seccomp.program()


def test_every_call_is_named_once():
    listed = [*seccomp._ALLOWED, *seccomp._DEADLY, *seccomp._REFUSED]

    assert len(listed) == len(set(listed))
    assert "clone3" not in listed
