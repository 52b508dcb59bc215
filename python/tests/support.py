"""What several tests need of the machine."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def agent_python() -> str:
    """The interpreter that agents run on in tests."""
    return os.environ.get("ARENA_EXECUTOR_AGENT_PYTHON", sys.executable)


def open_folder() -> Path:
    """A folder that a sandbox of another uid can read; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="arena-test-"))
    folder.chmod(0o755)
    return folder
