"""Runs one agent inside its sandbox.

Started as python -I -S -u harness.py CONFIG_JSON, or by run() in a fork of the zygote.

Everything here shares a process with hostile code, so it decides nothing: it loads the agent, hands
it observations and passes on what it returns. What it needs is imported before the agent's folder
is on the path, so that a submission called json.py only hurts itself.

CONFIG_JSON: request_fd, reply_fd, here (folder of this file), code_dir, package_dirs (searched
after the code), own_packages (the platform's, searched last), player_id, limits (rlimit name to
value).
"""

from __future__ import annotations

import errno
import importlib.util
import inspect
import json
import os
import resource
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any

_TRACEBACK_CHARS = 8 * 1024
_READ_BYTES = 1 << 16
_METHODS = ("act", "get_action", "predict")


class LoadError(Exception):
    """The agent cannot be loaded; the message is for its author."""


def main() -> None:
    config = json.loads(sys.argv[1])
    sys.path[:0] = [config["here"], *config["own_packages"]]
    import wire

    del sys.path[: 1 + len(config["own_packages"])]
    sys.modules.pop("wire")
    run(config, wire)


def run(config: dict[str, Any], wire: Any) -> None:
    """All that follows once this file and wire.py are loaded, by main() or by the zygote."""
    # Set here and not before the launcher is done: counted inside the new user namespace, the
    # process limit is this agent's own, and a launcher needs room to map its mounts.
    for name, value in config["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    link = Link(config["request_fd"], config["reply_fd"], wire)
    nonce = link.receive()[0]
    # Whatever ends this process before here is not the agent's doing.
    link.send(["started", nonce])
    try:
        act = load_agent(config)
    except BaseException as error:
        link.send(["failed", nonce, *describe_failure(error, config["code_dir"])])
        return
    link.send(["ready", nonce])
    serve(link, act, config["code_dir"])


class Link:
    """Blocking frames over the two private pipes."""

    def __init__(self, request_fd: int, reply_fd: int, wire: Any) -> None:
        self._request_fd, self._reply_fd, self._wire = request_fd, reply_fd, wire
        for descriptor in (request_fd, reply_fd):
            os.set_inheritable(descriptor, False)
        self._pid = os.getpid()
        # Bound now: the agent may replace os.read, and would then only confuse itself later.
        self._read, self._write, self._getpid, self._exit = os.read, os.write, os.getpid, os._exit

    def receive(self) -> Any:
        # One read takes a whole frame, as a rule: the runner sends one at a time.
        data = self._read(self._request_fd, _READ_BYTES)
        while len(data) < 4:
            data += self._read_more(4 - len(data))
        end = 4 + struct.unpack_from(">I", data)[0]
        if len(data) < end:
            pieces, missing = [data], end - len(data)
            while missing:
                pieces.append(self._read_more(missing))
                missing -= len(pieces[-1])
            data = b"".join(pieces)
        return self._wire.decode(data[4:], arrays=True)

    def send(self, message: list[Any]) -> None:
        if self._getpid() != self._pid:
            # A child that the agent forked fell out of the agent's code.
            self._exit(0)
        view = memoryview(self._wire.encode(message))
        while view:
            view = view[self._write(self._reply_fd, view) :]

    def _read_more(self, count: int) -> bytes:
        data = self._read(self._request_fd, count)
        if not data:
            self._exit(0)
        return data


def serve(link: Link, act: Callable[[Any], Any], code_dir: str) -> None:
    """Answers observations until the runner closes the pipe or kills the sandbox."""
    while True:
        nonce, observation = link.receive()
        try:
            reply = ["move", nonce, *describe_action(act(observation))]
        except BaseException as error:  # SystemExit and KeyboardInterrupt are failures like others
            reply = ["failed", nonce, *describe_failure(error, code_dir)]
        link.send(reply)


def describe_action(value: Any) -> tuple[str, Any]:
    """("int", n) for what counts as an integer, else ("other", name of the type)."""
    if isinstance(value, bool):
        return "int", int(value)
    if isinstance(value, int):
        # Beyond 63 bits it cannot travel, and is out of every range alike.
        return "int", int(value) if abs(int(value)) < 1 << 62 else (1 << 62)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        scalar = isinstance(value, numpy.generic)
        if (scalar or (isinstance(value, numpy.ndarray) and value.shape == ())) and (
            value.dtype.kind in "iub"
        ):
            number = int(value)
            return "int", number if abs(number) < 1 << 62 else (1 << 62)
        if isinstance(value, numpy.ndarray):
            return "other", f"array of shape {value.shape} and type {value.dtype}"[:200]
    return "other", type(value).__name__[:200]


def load_agent(config: dict[str, Any]) -> Callable[[Any], Any]:
    """The agent's function from observation to action."""
    code_dir, player_id = config["code_dir"], config["player_id"]
    entry = find_entry(code_dir)
    sys.path.extend([*config["package_dirs"], *config["own_packages"]])
    import numpy  # noqa: F401  (observations are arrays; imported on the start-up budget)

    sys.path.insert(0, code_dir)
    os.chdir(code_dir)
    sys.argv[:] = [entry]
    # Named after the file, so that sibling modules may import it back.
    name = os.path.splitext(os.path.basename(entry))[0]
    if not name.isidentifier() or name in sys.modules:
        name = "submitted_agent"
    spec = importlib.util.spec_from_file_location(name, entry)
    if spec is None or spec.loader is None:
        raise LoadError(f"{os.path.basename(entry)} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return bind(module, player_id)


def find_entry(code_dir: str) -> str:
    """agent.py, else main.py, else the only .py file."""
    for name in ("agent.py", "main.py"):
        path = os.path.join(code_dir, name)
        if os.path.isfile(path):
            return path
    candidates = sorted(name for name in os.listdir(code_dir) if name.endswith(".py"))
    if len(candidates) == 1:
        return os.path.join(code_dir, candidates[0])
    if not candidates:
        raise LoadError("There is no Python file: submit agent.py or main.py.")
    raise LoadError(
        f"There are {len(candidates)} Python files and none is called agent.py or main.py: "
        "rename the one that starts your agent."
    )


def bind(module: Any, player_id: int) -> Callable[[Any], Any]:
    """Finds the agent in a loaded module.

    In this order: create_agent with or without player_id; class Agent; the class whose name ends
    in Agent; a function act, get_action or predict of the module itself; the only other class with
    one of these methods.
    """
    factory = getattr(module, "create_agent", None)
    if callable(factory):
        return method_of(construct(factory, player_id))
    classes = agent_classes(module)
    named = [c for c in classes if c is vars(module).get("Agent")]
    chosen = named or most_derived([c for c in classes if c.__name__.endswith("Agent")])
    if not chosen:
        for name in _METHODS:
            function = getattr(module, name, None)
            if inspect.isroutine(function):
                return function
        chosen = most_derived(classes)
    if len(chosen) == 1:
        return method_of(construct(chosen[0], player_id))
    if chosen:
        names = ", ".join(c.__name__ for c in chosen)
        raise LoadError(f"Several classes could be the agent ({names}): call one of them Agent.")
    raise LoadError(
        "No agent was found: define a class Agent with a method act(observation), or a function "
        "create_agent()."
    )


def agent_classes(module: Any) -> list[type]:
    """The classes that could be the agent; an imported abstract base called Agent is none."""
    found = []
    for name, value in vars(module).items():
        if not inspect.isclass(value) or inspect.isabstract(value):
            continue
        if name == "Agent" or (
            value.__module__ == module.__name__
            and any(callable(getattr(value, method, None)) for method in _METHODS)
        ):
            found.append(value)
    return found


def most_derived(classes: list[type]) -> list[type]:
    """Without those that another one refines."""
    return [c for c in classes if not any(c in other.__mro__[1:] for other in classes)]


def construct(factory: Callable[..., Any], player_id: int) -> Any:
    """Calls factory(player_id=...) if it takes that, else factory()."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):
        return factory(player_id=player_id)
    for arguments, keywords in (((), {"player_id": player_id}), ((), {}), ((player_id,), {})):
        try:
            signature.bind(*arguments, **keywords)
        except TypeError:
            continue
        return factory(*arguments, **keywords)
    raise LoadError(
        f"{factory.__name__} needs arguments that nobody gives: it may take player_id or nothing."
    )


def method_of(agent: Any) -> Callable[[Any], Any]:
    for name in _METHODS:
        method = getattr(agent, name, None)
        if callable(method):
            return method  # type: ignore[no-any-return]
    raise LoadError(f"{type(agent).__name__} has none of the methods act, get_action and predict.")


def describe_failure(error: BaseException, code_dir: str) -> tuple[str, str, str]:
    """Kind, sentence for the author, and the tail of the traceback.

    Kinds: load, memory, process_limit, disk_limit, exception. The runner checks them.
    """
    try:
        text = _sentence(error, code_dir)
        trace = "" if isinstance(error, LoadError) else _traceback(error, code_dir)
    except BaseException:  # str() of a hostile exception
        text, trace = f"{type(error).__name__} was raised.", ""
    kind = "load" if isinstance(error, LoadError) else "exception"
    if isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, BlockingIOError) or "can't start new thread" in text:
        kind = "process_limit"
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        kind = "disk_limit"
    return kind, _printable(text[:1000]), _printable(trace)


def _sentence(error: BaseException, code_dir: str) -> str:
    if isinstance(error, LoadError):
        return str(error)
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{_relative(error.filename, code_dir)}, line {error.lineno}"
        return f"Syntax error in {place}: {error.msg}."
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (
            f"Import error: there is no module named {error.name!r}. Add it to requirements.txt or "
            "put it beside your agent."
        )
    if isinstance(error, ImportError):
        return f"Import error: {error}."
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(code_dir)]
    place = f" ({_relative(own[-1].filename, code_dir)}, line {own[-1].lineno})" if own else ""
    message = str(error)
    return f"{type(error).__name__}{': ' + message if message else ''}{place}"


def _traceback(error: BaseException, code_dir: str) -> str:
    tb = error.__traceback__
    # Frames of this file tell the author nothing.
    while tb is not None and not tb.tb_frame.f_code.co_filename.startswith(code_dir):
        tb = tb.tb_next
    lines = traceback.format_exception(type(error), error, tb, limit=-20)
    return "".join(lines)[-_TRACEBACK_CHARS:].replace(code_dir + "/", "")


def _relative(path: str, code_dir: str) -> str:
    return path[len(code_dir) + 1 :] if path.startswith(code_dir + "/") else path


def _printable(text: str) -> str:
    """Without lone surrogates, which no encoder accepts."""
    return text.encode("utf-8", "replace").decode("utf-8")


if __name__ == "__main__":
    main()
