"""Plays a game in real sandboxes at start, and finds out what holds them."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Collection
from pathlib import Path

from arena import seccomp
from arena.agent_python import SandboxUnavailable
from arena.cgroups import CgroupTree
from arena.launch import Launcher
from arena.match import Rules
from arena.playing import Code, MatchFolder, Player, RunnerFailed
from arena.replay import Participant

# An agent that looks for ways out while it is loaded, and then plays.
_log = logging.getLogger(__name__)
_PROBE = """
import ctypes, json, os, socket

IO_URING_SETUP, NEW_USER, EPERM = 425, 0x10000000, 1

def refused(action):
    try:
        action()
        return False
    except OSError:
        return True

def connect():
    with socket.create_connection(("192.0.2.1", 9), timeout=1):
        pass

def lines(path):
    with open(path) as file:
        return [line.strip() for line in file if line.strip()]

def new_namespace():
    # In a child: the filter kills whoever asks.
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(NEW_USER) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0

def filtered():
    refused = libc.syscall(IO_URING_SETUP, 0, None) == -1 and ctypes.get_errno() == EPERM
    return status["Seccomp"].strip() == "2" and refused

status = dict(line.split(":", 1) for line in lines("/proc/self/status") if ":" in line)
libc = ctypes.CDLL(None, use_errno=True)
print(json.dumps({
    "pid-namespace": sum(name.isdigit() for name in os.listdir("/proc")) <= 3,
    "network-namespace": refused(connect) and len(lines("/proc/net/dev")) == 3,
    "user-namespace": os.getuid() == 65534 and lines("/proc/self/uid_map")[0].split()[2] == "1",
    "no-capabilities": int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0,
    "no-new-privileges": status["NoNewPrivs"].strip() == "1",
    "no-new-namespaces": not new_namespace(),
    "seccomp-filter": filtered(),
    "read-only-root": refused(lambda: open("/probe", "w")) and refused(lambda: open("probe", "w")),
    "clean-environment": not any(key.startswith("ARENA") for key in os.environ),
}))

def act(observation):
    return next(i for i, free in enumerate(observation["action_mask"]) if free)
"""

_REMEDIES = {
    "no-new-namespaces": "install bubblewrap 0.8.0 or newer, or libseccomp",
    "cgroup-memory": "run as root or with a delegated control group with the memory controller",
    "cgroup-pids": "run as root or with a delegated control group with the pids controller",
    "cgroup-cpu": "run as root or with a delegated control group with the cpu controller",
    "own-uid": "run the executor as root, or as a user that runs nothing else",
}
#: Every layer that is reported; what ARENA_EXECUTOR_SANDBOX_REQUIRE may list.
LAYERS = (
    *("pid-namespace", "network-namespace", "user-namespace", "no-capabilities"),
    *("no-new-privileges", "no-new-namespaces", "seccomp-filter", "read-only-root"),
    *("clean-environment", "rlimits", "own-uid", "cgroup-memory", "cgroup-pids", "cgroup-cpu"),
)
# Without one of these an agent is not contained: the executor does not start.
_REQUIRED = (
    *("pid-namespace", "network-namespace", "user-namespace", "no-capabilities"),
    *("no-new-privileges", "read-only-root", "clean-environment"),
)


def check(
    player: Player, launcher: Launcher, cgroups: CgroupTree, required: Collection[str] = ()
) -> dict[str, str]:
    """The layers in force, name to "on" or "off: <remedy>". SandboxUnavailable if no agent can be
    played, or a layer that must hold or is required by the settings does not."""
    found = _probe(player, launcher.work_dir)
    for controller in ("memory", "pids", "cpu"):
        found[f"cgroup-{controller}"] = controller in cgroups.available
    found["own-uid"] = launcher.uid is not None
    found["rlimits"] = True
    missing = [layer for layer in _REQUIRED if not found.get(layer)]
    if missing:
        raise SandboxUnavailable(
            f"Agents would not be contained: {', '.join(missing)} failed in the self-test. "
            "Is /usr/bin/bwrap the unmodified bubblewrap of your distribution?"
        )
    layers = {
        layer: "on" if on else f"off: {_remedy_of(layer)}" for layer, on in sorted(found.items())
    }
    wanting = [f"{name} is {layers[name]}" for name in sorted(required) if layers[name] != "on"]
    if wanting:
        raise SandboxUnavailable(
            f"ARENA_EXECUTOR_SANDBOX_REQUIRE asks for layers that do not hold: "
            f"{'; '.join(wanting)}."
        )
    return layers


def _remedy_of(layer: str) -> str:
    if layer == "seccomp-filter":
        try:
            seccomp.program()
        except seccomp.SeccompUnavailable as unavailable:
            return str(unavailable)
    return _REMEDIES.get(layer, "unknown")


def _probe(player: Player, work_dir: Path) -> dict[str, bool]:
    with MatchFolder(work_dir, f"selftest-{os.getpid()}") as folder:
        code = folder / "code"
        code.mkdir()
        (code / "agent.py").write_text(_PROBE)
        code.chmod(0o755)
        (code / "agent.py").chmod(0o644)
        staged = Code(str(code), ())
        try:
            played = player.play(
                folder,
                "selftest",
                "tic-tac-toe",
                1,
                [Participant("a", "a"), Participant("b", "b")],
                [staged, staged],
                Rules(match_seconds=60),
                False,
                threading.Event(),
            )
        except RunnerFailed as error:
            raise SandboxUnavailable(_remedy(str(error))) from None
    seat = played.result["seats"][0]
    try:
        found = {str(key): bool(value) for key, value in json.loads(seat["stdout"]).items()}
    except ValueError:
        report = seat["message"] + "\n" + seat["stderr"]
        raise SandboxUnavailable(_remedy(report.strip())) from None
    if seat["verdict"] != "none":
        raise SandboxUnavailable(_remedy(seat["message"]))
    return found


def _remedy(report: str) -> str:
    """What to do, from what bubblewrap or the kernel said."""
    advice = "The message above is bubblewrap's or the runner's."
    limit = Path("/proc/sys/user/max_user_namespaces")
    apparmor = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    clone = Path("/proc/sys/kernel/unprivileged_userns_clone")
    if limit.exists() and limit.read_text().strip() == "0":
        advice = "User namespaces are switched off: sysctl user.max_user_namespaces=15000"
    elif clone.exists() and clone.read_text().strip() == "0":
        advice = "User namespaces are reserved to root: sysctl kernel.unprivileged_userns_clone=1"
    elif apparmor.exists() and apparmor.read_text().strip() == "1":
        advice = (
            "AppArmor restricts user namespaces. Allow them to bubblewrap with a profile for "
            "/usr/bin/bwrap that has 'userns,' (apparmor.d/bwrap-userns-restrict), or: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    elif "Operation not permitted" in report or "mount proc" in report:
        advice = (
            "The kernel refused a namespace. In a container, run it with a seccomp profile that "
            "allows unshare, mount and pivot_root, and with systempaths=unconfined; "
            "--privileged is not needed."
        )
    return f"No agent can be played in a sandbox here. {report}\n{advice}"


def report(launcher: Launcher, layers: dict[str, str]) -> None:
    """Tells what is in force; loud about what is not."""
    _log.info("agents are started by the launcher %s", launcher.mode)
    if launcher.reason:
        _log.warning("agents start slowly. %s", launcher.reason)
    on = [name for name, state in layers.items() if state == "on"]
    _log.info("sandbox layers in force: %s", ", ".join(on))
    for name, state in layers.items():
        if state != "on":
            _log.warning("sandbox layer %s is %s", name, state)
