"""Zip files that mean harm."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from arena_executor.archive import ArchiveError, ArchiveLimits, unpack
from conftest import zipped

LIMITS = ArchiveLimits(unpacked_bytes=1 << 20, entries=50, depth=5)


def attempt(content: bytes, target) -> None:
    unpack(io.BytesIO(content), target, LIMITS)


def with_mode(name: str, mode: int, content: str = "/etc/passwd") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return buffer.getvalue()


def lying_about_its_size() -> bytes:
    """Two megabytes that claim to be ten bytes."""
    content = bytearray(zipped({"a": b"\0" * (2 << 20)}))
    true = struct.pack("<I", 2 << 20)
    return bytes(content.replace(true, struct.pack("<I", 10)))


def encrypted() -> bytes:
    content = bytearray(zipped({"a.py": "x"}))
    central = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[central + 8] |= 1
    return bytes(content)


def twice(first: str, second: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns() if first == second else _calm():
        archive.writestr(first, "1")
        archive.writestr(second, "2")
    return buffer.getvalue()


class _calm:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (zipped({"../a": "x"}), "leaves its folder"),
        (zipped({"a/../../b": "x"}), "leaves its folder"),
        (zipped({"/etc/x": "x"}), "leaves its folder"),
        (zipped({"a\\b": "x"}), "leaves its folder"),
        (zipped({"C:x": "x"}), "leaves its folder"),
        (zipped({"a" * 300: "x"}), "too long"),
        (zipped({"/".join("abcdefgh"): "x"}), "nested"),
        (zipped({"x/" * 600 + "y": "x"}), "too long"),
        (zipped({str(n): "x" for n in range(60)}), "more than 50 entries"),
        (zipped({"bomb": b"\0" * (2 << 20)}), "more than 1 MiB"),
        (zipped({str(n): b"\0" * (1 << 16) for n in range(20)}), "more than 1 MiB"),
        (lying_about_its_size(), "damaged"),
        (with_mode("link", stat.S_IFLNK | 0o777), "link or device"),
        (with_mode("device", stat.S_IFCHR | 0o666), "link or device"),
        (with_mode("fifo", stat.S_IFIFO | 0o666), "link or device"),
        (encrypted(), "encrypted"),
        (twice("a", "a"), "twice"),
        (twice("é", "e\u0301"), "twice"),
        (twice("a", "a/b"), "as file and folder"),
        (twice("a/b", "a"), "as file and folder"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (zipped({"a": "x"})[:-10], "damaged"),
        (b"", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_harmful_archives_are_refused(tmp_path, content, text):
    target = tmp_path / "in" / "target"
    target.mkdir(parents=True)

    with pytest.raises(ArchiveError, match=text):
        attempt(content, target)

    assert [path.name for path in (tmp_path / "in").iterdir()] == ["target"]
    written = [path for path in target.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in written) <= 1 << 20
    assert not any(path.is_symlink() for path in target.rglob("*"))


def test_a_good_archive_is_unpacked(tmp_path):
    attempt(zipped({"agent.py": "x", "models/a/b.bin": b"\0\1", "empty/": ""}), tmp_path)

    assert (tmp_path / "agent.py").read_text() == "x"
    assert (tmp_path / "models/a/b.bin").read_bytes() == b"\0\1"
    assert (tmp_path / "empty").is_dir()


def test_permissions_in_the_archive_are_ignored(tmp_path):
    attempt(with_mode("tool", stat.S_IFREG | stat.S_ISUID | 0o777), tmp_path)

    assert stat.S_IMODE((tmp_path / "tool").stat().st_mode) & 0o7111 == 0
