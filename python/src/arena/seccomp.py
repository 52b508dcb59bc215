"""The system calls an agent may make, as a seccomp filter that libseccomp compiles.

An allow-list: what is not named here does not exist inside (ENOSYS), which programs written for
older kernels expect and cope with. Calls that no honest agent makes end the process instead, so
that its author is told so. The filter is the same for every launcher.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
from typing import Any


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Files, memory, processes, threads, signals, clocks, pipes, polling, and sockets that lead
#: nowhere. Names that the installed libseccomp does not know are left out, and so refused.
_ALLOWED = _names("""
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile splice tee
open openat openat2 creat close close_range dup dup2 dup3 fcntl flock ioctl fsync fdatasync
sync_file_range sync syncfs readahead fadvise64 fallocate ftruncate truncate copy_file_range
stat fstat lstat newfstatat statx access faccessat faccessat2 statfs fstatfs readlink readlinkat
getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir rename renameat renameat2 link linkat
symlink symlinkat unlink unlinkat mknod mknodat chmod fchmod fchmodat fchmodat2 chown fchown lchown
fchownat utime utimes utimensat futimesat umask getxattr lgetxattr fgetxattr listxattr llistxattr
flistxattr inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
brk mmap munmap mremap mprotect msync mincore madvise mlock mlock2 munlock membarrier
pkey_alloc pkey_free pkey_mprotect get_mempolicy
execve execveat fork vfork exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp
getsid setsid setpgid getuid geteuid getgid getegid getresuid getresgid getgroups capget
set_tid_address set_robust_list get_robust_list rseq arch_prctl prctl futex futex_waitv
get_thread_area set_thread_area restart_syscall getcpu sched_yield sched_getaffinity
sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
sched_rr_get_interval sched_getattr getpriority getrlimit setrlimit prlimit64 getrusage times uname
sysinfo getrandom pidfd_open pidfd_send_signal
kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend
rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack pause alarm getitimer setitimer
signalfd signalfd4 timer_create timer_settime timer_gettime timer_getoverrun timer_delete
timerfd_create timerfd_settime timerfd_gettime clock_gettime clock_getres clock_nanosleep nanosleep
gettimeofday time
pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
epoll_pwait2 eventfd eventfd2
socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt
sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown
""")

#: Ways out, or into another process. Whoever calls one of these has something in mind.
_DEADLY = _names("""
ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
mount umount umount2 pivot_root chroot open_tree move_mount mount_setattr fsopen fsconfig fsmount
fspick open_by_handle_at name_to_handle_at fanotify_init fanotify_mark quotactl quotactl_fd
unshare setns bpf perf_event_open userfaultfd keyctl add_key request_key
init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct
syslog iopl ioperm settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
vhangup lookup_dcookie
""")

#: Refused with EPERM: libraries may try these, and go on without.
_REFUSED = _names("""
io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret personality
setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset
sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority ioprio_set
mbind set_mempolicy migrate_pages move_pages mlockall munlockall
shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
""")

_NEW_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_NEW_MOUNTS = 0x00020000
_UNIX, _INET, _INET6 = 1, 2, 10
_STREAM, _DATAGRAM = 1, 2
_SOCKET_KIND = 0xF
_EPERM, _ENOSYS = 1, 38
_OPTIMISE, _BINARY_TREE = 8, 2


class SeccompUnavailable(Exception):
    """No filter can be made on this machine; the message says what to do about it."""


@functools.cache
def program() -> bytes:
    """The filter as the kernel takes it: an array of struct sock_filter.

    SeccompUnavailable without libseccomp or without support in the kernel.
    """
    if not os.path.exists("/proc/sys/kernel/seccomp/actions_avail"):
        raise SeccompUnavailable("use a kernel with CONFIG_SECCOMP_FILTER")
    try:
        library: Any = importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError, OSError):
        raise SeccompUnavailable(
            "install libseccomp (apt-get install libseccomp2) and the package pyseccomp"
        ) from None
    try:
        return _compile(library)
    except OSError as error:
        raise SeccompUnavailable(f"libseccomp refused the filter: {error}") from None


def _compile(library: Any) -> bytes:
    chosen = library.SyscallFilter(library.ERRNO(_ENOSYS))
    with contextlib.suppress(OSError, ValueError):
        # A search tree instead of one comparison per name; libseccomp 2.5 and newer.
        chosen.set_attr(_OPTIMISE, _BINARY_TREE)
    for action, names in (
        (library.ALLOW, _ALLOWED),
        (library.ERRNO(_EPERM), _REFUSED),
        (library.KILL_PROCESS, _DEADLY),
    ):
        for name in names:
            _add(library, chosen, action, name)
    masked, equal = library.MASKED_EQ, library.EQ
    # A process or thread, but none with namespaces of its own. clone3 hides its flags in memory
    # where no filter sees them: it does not exist, and the C library falls back to clone.
    spaces = _NEW_NAMESPACES | _NEW_MOUNTS
    _add(library, chosen, library.ALLOW, "clone", library.Arg(0, masked, spaces, 0))
    for bit in (1 << n for n in range(32) if spaces >> n & 1):
        _add(library, chosen, library.KILL_PROCESS, "clone", library.Arg(0, masked, bit, bit))
    _add(library, chosen, library.ALLOW, "socket", library.Arg(0, equal, _UNIX))
    for family in (_INET, _INET6):
        for kind in (_STREAM, _DATAGRAM):
            _add(
                library,
                chosen,
                library.ALLOW,
                "socket",
                library.Arg(0, equal, family),
                library.Arg(1, masked, _SOCKET_KIND, kind),
            )
    return _exported(chosen)


def _add(library: Any, chosen: Any, action: int, name: str, *conditions: Any) -> None:
    try:
        chosen.add_rule(action, name, *conditions)
    except (OSError, ValueError):
        # A name that this libseccomp or this architecture does not have. The deny-by-default holds.
        if action == library.ALLOW and name in ("read", "write", "clone", "socket"):
            raise


def _exported(chosen: Any) -> bytes:
    descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
    with open(descriptor, "w+b") as file:
        chosen.export_bpf(file)
        file.seek(0)
        return file.read()
