"""The few calls into the kernel that Python's standard library lacks.

The zygote imports this file by itself, so it needs nothing of this package. Every function raises
OSError as those of the os module do.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 32, 4096, 16384, 1 << 19
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_SETATTR = 442
_CLONE = {"x86_64": 56, "aarch64": 220, "riscv64": 220}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 22, 36, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc_locked = ctypes.PyDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _check(result: int, what: str = "") -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({what})" if what else os.strerror(number))


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def fork_into(flags: int) -> int:
    """As os.fork(), the child being the first process of the new namespaces of flags.

    One fork less than unshare() and a fork. Nothing of what Python and the C library do after a
    fork is done in the child, so: from a single thread only, and the child does no more than set
    itself up and fork properly.
    """
    number = _CLONE.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"no number for clone on {os.uname().machine}")
    # Called with the interpreter lock held: the child could not be sure to get it back.
    pid: int = _libc_locked.syscall(number, ctypes.c_ulong(flags | signal.SIGCHLD), 0, 0, 0, 0)
    _check(pid, "clone")
    return pid


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _check(
        _libc.mount(
            os.fsencode(source), os.fsencode(target), kind.encode(), flags, options.encode()
        ),
        f"mount {target}",
    )


def seal(tree: str) -> None:
    """Makes all mounts at and below tree read-only, without devices and set-uid programs.

    Linux 5.12 and newer; mounts made below it later keep their own flags.
    """
    attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
    request = struct.pack("QQQQ", attributes, 0, 0, 0)
    path = os.fsencode(tree)
    _check(
        _libc.syscall(
            _MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, request, ctypes.c_size_t(len(request))
        ),
        "mount_setattr",
    )


def become_root_of(tree: str) -> None:
    """Makes tree, a mount point, the root, and detaches all that was mounted before."""
    os.chdir(tree)
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def pivot(tree: str, old: str) -> None:
    """Makes tree, a mount point, the root; what was the root appears at old, below tree."""
    _check(_libc.pivot_root(os.fsencode(tree), os.fsencode(old)), "pivot_root")
    os.chdir("/")


def drop_capabilities() -> None:
    """All of them, from every set, for good."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        last = int(file.read())
    for capability in range(last + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            _check(-1, "prctl PR_CAPBSET_DROP")
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0)), "capset")


def gain_no_privileges() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def filter_calls(program: bytes) -> None:
    """Holds this process and all it starts to a seccomp filter of struct sock_filter."""
    held = _Filter(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(held))


def set_dumpable(on: bool) -> None:
    """Whether processes of the same uid may look into this one through /proc."""
    _prctl(_PR_SET_DUMPABLE, int(on))


def die_with_parent(number: int, parent: int) -> bool:
    """Has the kernel send a signal when the parent thread ends. False if it has already."""
    _prctl(_PR_SET_PDEATHSIG, number)
    return parent == os.getppid()


def adopt_orphans() -> None:
    """Descendants whose parent ends become this process's children."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, *arguments: Any) -> None:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    _check(_libc.prctl(option, *padded), f"prctl {option}")
