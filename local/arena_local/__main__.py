"""The command line of ``./arena``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import NoReturn

from . import checks, commands, compose_test, demo, engines, executor_alone, images
from .build import BuildFailed, build_all, build_python, generate_stubs
from .layout import EXECUTOR_PORT, PART_NAMES, ROOT, Layout, venv_python
from .prerequisites import Missing

BENCHES = (
    "demo_runs",
    "executor",
    "gateway_http",
    "gateway_live",
    "memory",
    "outbox",
    "submit_to_active",
)
SCRIPTS = {
    "asyncapi": "contracts/pages.py",
    "audit": "e2e/checker.py",
    "chaos": "e2e/chaos/command.py",
    "dlq": "ops/dead_letters.py",
    "previous": "e2e/previous.py",
    "trace": "ops/trace.py",
    "rebuild": "ops/rebuild.py",
    "schemas": "contracts/registry.py",
}
HELP = """\
RL-Arena on this machine.

  ./arena demo [--exit]     start everything, let sample agents play, show the leaderboards;
                            runs on until Ctrl-C unless --exit
  ./arena up [--detach]     start the suite: here until Ctrl-C, or in the background
  ./arena down              stop it and whatever a killed suite left behind
  ./arena status            a line per part: port, health, memory, restarts
  ./arena logs PART [-f]    the log of one part; -f follows it
  ./arena build             build what is not built, start nothing
  ./arena test [-m MODULE]  everything that CI runs, or one module of it
                            (-m may be repeated; ./arena test --list names them)
  ./arena images [--stand-ins]
                            the images of docker-compose.yml, by the Docker engine that answers;
                            --stand-ins makes the base images too, where no registry answers
  ./arena images --jib REGISTRY/PATH [--base IMAGE] [--tag TAG] [--insecure]
                            the images of services alone, pushed to a registry without any engine;
                            docs/operations.md says what they stand on
  ./arena compose-test      the suite in containers: images, the demo, containers killed, down
                            and up; skipped where no Docker engine answers or can be started
  ./arena audit             whether the books of a running suite agree: databases and topics
  ./arena chaos [--trials N] [--seed S] [--fault NAME]
                            faults in a suite of its own that is at work; audits it after each
  ./arena dlq list|show|replay|drop
                            what readers could not handle; ./arena dlq --help
  ./arena rebuild [SERVICE PROJECTION ...]
                            fills damaged projections anew from the topics they are made of
  ./arena asyncapi [--check]
                            writes the page about the topics, contracts/asyncapi.html
  ./arena schemas publish --registry URL
                            puts the schemas of all events into an Apicurio Registry
  ./arena trace SUBMISSION  its way through a running suite, with times: upload to ratings
  ./arena previous [--revision REV] [--service NAME]
                            an upgrade of a suite of before with its data, then each service
                            of before among today's others, in a suite of its own
  ./arena executor [--local-root DIR] [--port N]
                            only the executor, on loopback and without a bearer, for any gRPC
                            client: code_url may name what lies below DIR (may be repeated;
                            default python/samples), or with --allowed-host HOST[:PORT] a URL
  ./arena bench NAME [...]  a measurement: {benches}
  ./arena help              this text

Options of demo, up, down, status and logs:
  --state DIR        where data, logs and secrets are kept (default .arena; ARENA_STATE)
  --port-offset N    added to every port (default 0; ARENA_PORT_OFFSET)
""".replace("{benches}", ", ".join(BENCHES))


def main(arguments: list[str]) -> int:
    """Runs one command. 0: done, 1: it failed, 2: it was not understood."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    try:
        if arguments[0] in (*SCRIPTS, "bench"):
            return _run_script(arguments)
        return _run(_parser().parse_args(arguments))
    except (
        *(Missing, BuildFailed, commands.CommandFailed),
        *(engines.NoEngine, engines.EngineFailed),
    ) as failure:
        print(f"arena: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (./arena logs x | head): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(options: argparse.Namespace) -> int:
    if options.command == "build":
        build_all()
        return 0
    if options.command == "images":
        if options.jib:
            images.push(options.jib, options.base, options.tag, options.insecure)
        else:
            images.run(options.stand_ins)
        return 0
    if options.command == "compose-test":
        return compose_test.run()
    if options.command == "test":
        return checks.run(options.module, options.list)
    layout = Layout.of(options.state, options.port_offset)
    match options.command:
        case "executor":
            port = layout.port(EXECUTOR_PORT) if options.port is None else options.port
            executor_alone.run(options.local_root, options.allowed_host, port)
        case "up":
            commands.up(layout, options.detach)
        case "supervise":
            commands.supervise(layout)
        case "down":
            commands.down(layout)
        case "status":
            return 0 if commands.status(layout) else 1
        case "logs":
            commands.logs(layout, options.part, options.follow)
        case "demo":
            return demo.run(layout, options.exit)
    return 0


def _run_script(arguments: list[str]) -> int:
    """Scripts with options of their own, and third-party packages."""
    if arguments[0] in SCRIPTS:
        script, rest = SCRIPTS[arguments[0]], arguments[1:]
    elif len(arguments) > 1 and arguments[1] in BENCHES:
        script, rest = f"bench/{arguments[1]}.py", arguments[2:]
    else:
        _parser().error(f"bench wants one of {', '.join(BENCHES)}")
    build_python(("dev",))
    if arguments[0] == "bench":
        build_python(("executor",))
        generate_stubs()
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("local", "e2e", "bench", "ops"))
    command = [str(venv_python("dev")), str(ROOT / script), *rest]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}).returncode


class _Parser(argparse.ArgumentParser):
    """Says what was not understood and points to the help."""

    def error(self, message: str) -> NoReturn:
        print(f"arena: {message}\n\n{HELP}", end="", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="./arena", add_help=False, usage=argparse.SUPPRESS)
    commands_ = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def command(name: str) -> argparse.ArgumentParser:
        added = commands_.add_parser(name, add_help=False)
        added.add_argument("--state")
        added.add_argument("--port-offset", type=int)
        return added

    command("demo").add_argument("--exit", action="store_true")
    command("up").add_argument("--detach", action="store_true")
    # Not in the help: what `up --detach` starts in the background.
    command("supervise")
    command("down")
    alone = command("executor")
    alone.add_argument("--local-root", action="append", default=[])
    alone.add_argument("--allowed-host", action="append", default=[])
    alone.add_argument("--port", type=int)
    command("status")
    logs = command("logs")
    logs.add_argument("part", choices=("supervisor", *PART_NAMES))
    logs.add_argument("-f", "--follow", action="store_true")
    commands_.add_parser("build", add_help=False)
    made = commands_.add_parser("images", add_help=False)
    made.add_argument("--stand-ins", action="store_true")
    made.add_argument("--jib", metavar="REGISTRY/PATH")
    made.add_argument("--base", metavar="IMAGE")
    made.add_argument("--tag", default="latest")
    made.add_argument("--insecure", action="store_true")
    commands_.add_parser("compose-test", add_help=False)
    test = commands_.add_parser("test", add_help=False)
    test.add_argument("-m", "--module", action="append", choices=checks.MODULES)
    test.add_argument("--list", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
