"""With or without sandboxes, as asked."""

from __future__ import annotations

import argparse

from arena.cli.local_player import LocalPlayer
from arena.cli.plain_player import PlainPlayer


def player_of(options: argparse.Namespace) -> LocalPlayer | PlainPlayer:
    if options.no_sandbox:
        return PlainPlayer(options.agent_python)
    return LocalPlayer(options.agent_python)
