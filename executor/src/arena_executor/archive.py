"""Unpacks zip files that strangers made."""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_CHUNK = 1 << 20


class ArchiveError(Exception):
    """The archive is refused; the message says why, for its author."""


@dataclass(frozen=True)
class ArchiveLimits:
    """Caps on what unpacking may produce. depth counts folders."""

    unpacked_bytes: int
    entries: int = 20_000
    depth: int = 32
    name_bytes: int = 1024


def unpack(archive: BinaryIO, target: Path, limits: ArchiveLimits) -> None:
    """Unpacks regular files and folders into target, which must exist and be empty.

    Names are checked before anything is written. Sizes are counted while they are written, since
    the ones an archive declares may lie. Links and devices are refused, permissions ignored.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_checked(opened, limits))
            _write(opened, entries, target, limits.unpacked_bytes)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise ArchiveError(f"The zip file is damaged: {error}") from None
    except (UnicodeError, ValueError, OverflowError) as error:
        raise ArchiveError(f"The zip file is malformed: {error}") from None


def _checked(
    opened: zipfile.ZipFile, limits: ArchiveLimits
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    infos = opened.infolist()
    if len(infos) > limits.entries:
        raise ArchiveError(f"The zip file has more than {limits.entries} entries.")
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise _too_large(limits.unpacked_bytes)
    seen: set[str] = set()
    for info in infos:
        path = _safe_path(info.filename, limits)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(f"The zip file holds a link or device: {_shown(info.filename)}")
        if info.flag_bits & 0x1:
            raise ArchiveError(f"The zip file is encrypted: {_shown(info.filename)}")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError("The zip file uses a compression other than deflate.")
        if not path.parts:
            continue
        # Two spellings of one name would overwrite each other on some file systems.
        key = unicodedata.normalize("NFC", str(path))
        if key in seen and not info.is_dir():
            raise ArchiveError(f"The zip file holds a name twice: {_shown(info.filename)}")
        seen.add(key)
        yield info, path


def _safe_path(name: str, limits: ArchiveLimits) -> PurePosixPath:
    path = PurePosixPath(name)
    if (
        not name
        or "\0" in name
        or "\\" in name
        or name.startswith("/")
        or ".." in path.parts
        or (len(name) > 1 and name[1] == ":")
    ):
        raise ArchiveError(f"The zip file holds a name that leaves its folder: {_shown(name)}")
    encoded = name.encode("utf-8", "surrogatepass")
    if len(encoded) > limits.name_bytes or any(len(part) > 200 for part in path.parts):
        raise ArchiveError("The zip file holds a name that is too long.")
    if len(path.parts) > limits.depth:
        raise ArchiveError(f"The zip file has folders nested more than {limits.depth} deep.")
    return path


def _write(
    opened: zipfile.ZipFile,
    entries: list[tuple[zipfile.ZipInfo, PurePosixPath]],
    target: Path,
    allowed: int,
) -> None:
    left = allowed
    for info, path in entries:
        place = target / path
        try:
            if info.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            # Exclusive and never through a link, whatever was written before.
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        except (FileExistsError, NotADirectoryError):
            raise ArchiveError(
                f"The zip file uses a name as file and folder: {_shown(info.filename)}"
            ) from None
        with os.fdopen(descriptor, "wb") as output, opened.open(info) as source:
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(allowed)
                output.write(chunk)


def _too_large(limit: int) -> ArchiveError:
    return ArchiveError(f"The zip file unpacks to more than {limit >> 20} MiB.")


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:100]
