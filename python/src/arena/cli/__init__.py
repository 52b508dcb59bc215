"""The command `arena`: plays matches on this machine and speaks with a running arena."""

from arena.cli.main import main

__all__ = ["main"]
