"""Archives that an upload must refuse."""

from __future__ import annotations

import io
import stat
import zipfile

AGENT = b"def act(observation):\n    return 0\n"


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A deflated zip with these entries in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def with_entry(name: str) -> bytes:
    """A sound agent beside one entry of a bad name."""
    return zip_of(("agent.py", AGENT), (name, b"x"))


def with_link() -> bytes:
    """A sound agent beside a symbolic link to a file of the machine."""
    link = zipfile.ZipInfo("passwd")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zip_of(("agent.py", AGENT), (link, b"/etc/passwd"))


def bomb() -> bytes:
    """A few hundred kilobytes that unpack to 300 MiB."""
    return zip_of(("agent.py", AGENT), ("zeros.bin", bytes(300 * 2**20)))
