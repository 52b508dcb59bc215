"""The command line: what can be asked for, and how failures are told."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from arena import __version__, environments
from arena.cli.failure import CliError
from arena.client import DEFAULT_URL, ApiError, Unreachable
from arena.match import Rules

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_EPILOG = """\
exit status: 0 done, 1 a negative answer (invalid agent, failed build, replay that differs),
2 it could not be done, 130 interrupted.

environment variables: ARENA_URL, ARENA_TOKEN, ARENA_AGENT_PYTHON, ARENA_PASSWORD.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except (CliError, Unreachable) as error:
        print(f"arena: {error}", file=sys.stderr)
    except ApiError as error:
        refused = error.status == 401 and error.code != "invalid_credentials"
        text = "You are not logged in, or not any more: arena login" if refused else error
        print(f"arena: {text}", file=sys.stderr)
    except BrokenPipeError:
        # The reader of a pipe has gone. Nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arena",
        description="Plays matches on this machine and speaks with a running arena.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"arena {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _local_commands(commands)
    _remote_commands(commands)
    return parser


def _local_commands(commands: _Commands) -> None:
    # Imported here, like those below: `arena --help` needs neither games nor sandboxes.
    def init(options: argparse.Namespace) -> int:
        from arena.cli import init

        return init.run(options)

    def play(options: argparse.Namespace) -> int:
        from arena.cli import play

        return play.run(options)

    def validate(options: argparse.Namespace) -> int:
        from arena.cli import validate

        return validate.run(options)

    def verify(options: argparse.Namespace) -> int:
        from arena.cli import verify

        return verify.run(options)

    known = environments.ids()
    command = commands.add_parser("init", help="a folder with an agent that plays at once")
    command.add_argument("environment", choices=known)
    command.add_argument("folder", type=Path)
    command.set_defaults(run=init)

    command = commands.add_parser("play", help="play matches between agents on this machine")
    command.add_argument(
        "agents", nargs="+", help="a .py file, folder or .zip per seat; or: random, quickstart"
    )
    command.add_argument("-e", "--environment", choices=known, default="pong")
    command.add_argument("-n", "--matches", type=_positive, default=1, metavar="N")
    command.add_argument(
        "--seed", type=int, default=0, help="of the first match, then one more each; 0 draws one"
    )
    command.add_argument("-j", "--jobs", type=_positive, help="matches at once; default: all cores")
    command.add_argument(
        "--html",
        type=Path,
        nargs="?",
        const=Path("replay.html"),
        metavar="FILE",
        help="write the replay page, numbered if there are several matches",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="folder for replay.json and .html")
    command.add_argument("--json", action="store_true", help="print results as JSON")
    command.add_argument("--logs", action="store_true", help="show what the agents printed")
    _rules(command)
    command.set_defaults(run=play)

    command = commands.add_parser("validate", help="check that an agent loads and plays")
    command.add_argument("agent", metavar="FILE", help="a .py file, folder or .zip")
    command.add_argument("-e", "--environment", choices=known, default="pong")
    _rules(command)
    command.set_defaults(run=validate)

    command = commands.add_parser("verify", help="play a finished match again and compare")
    command.add_argument("match", metavar="MATCH", help="id of a match, or a replay's JSON file")
    command.add_argument(
        "--agents",
        nargs="+",
        metavar="FILE",
        help="the agents in seat order: lets them play instead of repeating their actions",
    )
    _rules(command)
    _server(command)
    command.set_defaults(run=verify)


def _remote_commands(commands: _Commands) -> None:
    def remote(name: str) -> object:
        def run(options: argparse.Namespace) -> int:
            from arena.cli import remote

            status: int = getattr(remote, name)(options)
            return status

        return run

    command = commands.add_parser("login", help="log in and keep the token")
    command.add_argument("--email", help="e-mail address or username; asked for if left out")
    command.add_argument("--register", metavar="USERNAME", help="open an account first")
    _server(command)
    command.set_defaults(run=remote("login"))

    command = commands.add_parser("logout", help="end the token and forget it")
    _server(command)
    command.set_defaults(run=remote("logout"))

    command = commands.add_parser("submit", help="upload a version of an agent")
    command.add_argument("file", type=Path, help="a .py file, a .zip or a folder")
    command.add_argument("-e", "--environment", help="of an agent to create, default pong")
    command.add_argument("-a", "--agent", help="name or id; default: the name of the file")
    command.add_argument("-w", "--watch", action="store_true", help="follow the build to its end")
    _server(command)
    command.set_defaults(run=remote("submit"))

    command = commands.add_parser("matches", help="matches of your agents")
    command.add_argument("-a", "--agent", help="name or id; default: all of yours")
    command.add_argument("-e", "--environment")
    command.add_argument("-l", "--limit", type=_positive, default=20)
    _server(command)
    command.set_defaults(run=remote("matches"))

    command = commands.add_parser("replay", help="fetch a replay")
    command.add_argument("match", metavar="MATCH_ID")
    command.add_argument("-o", "--output", type=Path, help="default: MATCH_ID.html or .json")
    command.add_argument("--json", action="store_true", help="the JSON document, not the page")
    command.add_argument("--open", action="store_true", help="show it in the browser")
    _server(command)
    command.set_defaults(run=remote("replay"))

    command = commands.add_parser("logs", help="what your agents printed in a match")
    command.add_argument("match", metavar="MATCH_ID")
    _server(command)
    command.set_defaults(run=remote("logs"))

    command = commands.add_parser("leaderboard", help="agents by rating")
    command.add_argument("environment", nargs="?")
    command.add_argument("-l", "--limit", type=_positive, default=20)
    _server(command)
    command.set_defaults(run=remote("leaderboard"))


def _rules(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--timeout", type=float, default=Rules.match_seconds, help="seconds for a match"
    )
    command.add_argument("--move-limit", type=float, default=Rules.move_limit_seconds)
    command.add_argument("--load-limit", type=float, default=Rules.load_seconds)
    command.add_argument(
        "--agent-python",
        default=os.environ.get("ARENA_AGENT_PYTHON") or sys.executable,
        metavar="PYTHON",
        help="the interpreter that agents run on",
    )
    command.add_argument(
        "--no-sandbox", action="store_true", help="for agents that you trust; needs no bubblewrap"
    )


def _server(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--url",
        default=os.environ.get("ARENA_URL") or DEFAULT_URL,
        help=f"of the gateway, default ARENA_URL or {DEFAULT_URL}",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return value
