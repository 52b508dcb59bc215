"""A file system of its own for the object store, so that it can be full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena_local.layout import Layout

#: What hours of replays take.
MEGABYTES = 8192


class Disk:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def full(self) -> Iterator[None]:
        """No room for a byte more for as long as the block lasts."""
        self._shrink()
        try:
            yield
        finally:
            _resize(self._folder, f"{MEGABYTES}m")

    def _shrink(self) -> None:
        for _ in range(100):
            if _resize(self._folder, str(shutil.disk_usage(self._folder).used)):
                return
            # Something was stored since it was asked what there is.
        raise OSError(f"{self._folder} cannot be made smaller")


@contextmanager
def disk(layout: Layout) -> Iterator[Disk | None]:
    """Mounted inside the block; None where that takes rights that this process has not."""
    folder = layout.objects
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform != "linux" or os.geteuid() != 0 or not _mount(folder):
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _resize(folder: Path, size: str) -> bool:
    command = ["mount", "-o", f"remount,size={size}", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


def _mount(folder: Path) -> bool:
    options = f"size={MEGABYTES}m,mode=755"
    command = ["mount", "-t", "tmpfs", "-o", options, "arena-chaos", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0
