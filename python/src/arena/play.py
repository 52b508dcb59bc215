"""One match on this machine: `python -m arena.play`, the same as `arena play`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from arena.cli import main as command


def main(arguments: Sequence[str] | None = None) -> int:
    return command(["play", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    sys.exit(main())
