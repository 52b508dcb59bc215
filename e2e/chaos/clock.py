"""Clocks that jump.

libfaketime makes them too, but takes so long over each look at a clock that a JVM under it did not
start within three minutes.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """The wall clock of whatever is started with its environment, on Linux; needs a C compiler.

    What counts time that has passed, and does not name it, sees nothing of its jumps.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        library = folder / "clock.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, _SOURCE],
            check=True,
        )
        self.environment = {"LD_PRELOAD": str(library), "ARENA_CHAOS_CLOCK": str(self._file)}

    def set_ahead(self, seconds: int) -> None:
        """Of the true time; negative sets it back."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))


def can_jump() -> bool:
    return shutil.which("cc") is not None
