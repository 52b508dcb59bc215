"""Brings submitted code to where a sandbox can mount it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from arena.agent_python import AgentPython
from arena.playing import Code
from arena_executor.archive import ArchiveError, ArchiveLimits, unpack
from arena_executor.transfer import HostNotAllowed, Transfer, TransferError

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CACHE_BYTES = 4 << 30
_MANIFEST = "manifest.json"
_Writer = Callable[[BinaryIO], None]


class CodeRefused(Exception):
    """The reference cannot be used; the message is for the caller."""


@dataclass
class _Entry:
    """An unpacked object. users counts matches that have it mounted."""

    folder: Path
    users: int = 0
    used_at: int = 0
    bytes: int = 0
    ready: threading.Event = field(default_factory=threading.Event)


class CodeStore:
    """Fetches, checks and unpacks code; keeps what was unpacked, by digest. Thread-safe.

    local_roots are real paths: files are read only where their real path is below one of them.
    """

    def __init__(
        self,
        folder: Path,
        local_roots: tuple[Path, ...],
        transfer: Transfer,
        python: AgentPython,
        max_code_bytes: int,
        max_unpacked_bytes: int,
    ) -> None:
        self._folder = folder
        self._roots = local_roots
        self._transfer = transfer
        self._python = python
        self._max_code_bytes = max_code_bytes
        self._max_unpacked_bytes = max_unpacked_bytes
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._clock = 0
        folder.mkdir(mode=0o755)

    @contextmanager
    def stage(self, code_url: str, metadata: Mapping[str, str], scratch: Path) -> Iterator[Code]:
        """The code behind code_url while the context lasts. scratch is a new folder's path, used
        for what is not kept. CodeRefused as the contract says; TransferError for network faults."""
        digest = metadata.get("sha256", "")
        if digest and not _SHA256.fullmatch(digest):
            raise CodeRefused("metadata.sha256 is not a lower-case SHA-256 in hexadecimal.")
        if code_url.startswith(("http://", "https://")):
            if not digest:
                raise CodeRefused("A code_url that is a URL needs metadata.sha256.")
            try:
                self._transfer.check(code_url)
            except HostNotAllowed as error:
                raise CodeRefused(f"code_url: {error}") from None
            with self._kept(digest, "agent.py", lambda f: self._download(code_url, f)) as staged:
                yield staged
            return
        path = self._local(code_url)
        if path.is_dir():
            if digest:
                raise CodeRefused("metadata.sha256 cannot be given for a folder.")
            self._copy_folder(path, scratch)
            yield _find_parts(scratch, self._python)
            return
        # The author's own file name, for messages; anything else would be no module name.
        name = path.name if path.name.endswith(".py") else "agent.py"
        actual = self._digest(path)
        if digest and actual != digest:
            raise CodeRefused("metadata.sha256 does not match the file behind code_url.")
        with self._kept(actual, name, lambda f: self._copy_file(path, f)) as staged:
            yield staged

    @contextmanager
    def stage_bytes(self, content: bytes) -> Iterator[Code]:
        """The same for code that came in the message: a zip file or Python source."""

        def write(target: BinaryIO) -> None:
            target.write(content)

        with self._kept(hashlib.sha256(content).hexdigest(), "agent.py", write) as staged:
            yield staged

    def _local(self, code_url: str) -> Path:
        if "\0" in code_url or not code_url.startswith("/"):
            raise CodeRefused("code_url is neither an absolute path nor an http(s) URL.")
        real = Path(os.path.realpath(code_url))
        if not any(real == root or root in real.parents for root in self._roots):
            # Also for what does not exist: nobody may map the file system with this.
            raise CodeRefused("code_url is outside the folders this executor may read.")
        if not real.exists():
            raise CodeRefused("There is nothing behind code_url.")
        return real

    def _open(self, path: Path) -> BufferedReader:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise CodeRefused(f"code_url cannot be read: {error.strerror}.") from None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > self._max_code_bytes:
            os.close(descriptor)
            raise CodeRefused(
                f"code_url is not a regular file of at most {self._max_code_bytes >> 20} MiB."
            )
        return os.fdopen(descriptor, "rb")

    def _digest(self, path: Path) -> str:
        with self._open(path) as source:
            return hashlib.file_digest(source, "sha256").hexdigest()

    def _copy_file(self, path: Path, target: BinaryIO) -> None:
        with self._open(path) as source:
            shutil.copyfileobj(source, target, _CHUNK)

    def _download(self, url: str, target: BinaryIO) -> None:
        for chunk in self._transfer.fetch(url, self._max_code_bytes):
            target.write(chunk)

    @contextmanager
    def _kept(self, digest: str, name: str, write: _Writer) -> Iterator[Code]:
        """The unpacked object with this digest; written and checked by the first who asks."""
        key = f"{digest}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        with self._lock:
            entry = self._entries.get(key)
            mine = entry is None
            if entry is None:
                entry = self._entries[key] = _Entry(self._folder / key)
            entry.users += 1
            self._clock += 1
            entry.used_at = self._clock
        try:
            if mine:
                try:
                    self._fill(entry, digest, name, write)
                except BaseException:
                    with self._lock:
                        del self._entries[key]
                    shutil.rmtree(entry.folder, ignore_errors=True)
                    raise
                finally:
                    entry.ready.set()
            elif not entry.ready.wait(60) or not entry.folder.exists():
                raise TransferError("The code could not be prepared; ask again.")
            yield replace(_find_parts(entry.folder, self._python), sha256=digest)
        finally:
            with self._lock:
                entry.users -= 1
                self._evict()

    def _fill(self, entry: _Entry, digest: str, name: str, write: _Writer) -> None:
        entry.folder.mkdir(mode=0o755)
        raw = entry.folder / name
        with raw.open("xb+") as file:
            write(file)
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise CodeRefused("metadata.sha256 does not match what is behind code_url.")
            file.seek(0)
            is_zip = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
            if is_zip:
                raw.unlink()
                file.seek(0)
                try:
                    unpack(file, entry.folder, ArchiveLimits(self._max_unpacked_bytes))
                except ArchiveError as error:
                    raise CodeRefused(str(error)) from None
        entry.bytes = _make_readable(entry.folder)

    def _copy_folder(self, source: Path, target: Path) -> None:
        """Regular files only; a link is an error and not skipped."""
        left, entries = self._max_unpacked_bytes, 0
        for directory, folders, files in os.walk(source):
            here = target / Path(directory).relative_to(source)
            here.mkdir(parents=True)
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in (*folders, *files):
                entries += 1
                if entries > 20_000:
                    raise CodeRefused("The folder behind code_url has more than 20000 entries.")
                if Path(directory, name).is_symlink():
                    raise CodeRefused(f"The folder behind code_url holds a link: {name!a}")
            for name in files:
                with self._open(Path(directory, name)) as opened:
                    left -= os.fstat(opened.fileno()).st_size
                    if left < 0:
                        limit = self._max_unpacked_bytes >> 20
                        raise CodeRefused(f"The folder behind code_url has more than {limit} MiB.")
                    with (here / name).open("xb") as output:
                        shutil.copyfileobj(opened, output, _CHUNK)
        _make_readable(target)

    def _evict(self) -> None:
        """Drops what was used longest ago. Called with the lock held."""
        total = sum(entry.bytes for entry in self._entries.values())
        for key, entry in sorted(self._entries.items(), key=lambda item: item[1].used_at):
            if total <= _CACHE_BYTES:
                return
            if entry.users == 0:
                total -= entry.bytes
                del self._entries[key]
                shutil.rmtree(entry.folder, ignore_errors=True)


def _find_parts(folder: Path, python: AgentPython) -> Code:
    """Tells a bundle from plain code; unwraps a zip file whose only entry is a folder."""
    manifest = folder / _MANIFEST
    if manifest.is_file() and (folder / "code").is_dir():
        _check_manifest(manifest, python)
        packages = folder / "packages"
        return Code(str(folder / "code"), (str(packages),) if packages.is_dir() else ())
    children = [child for child in folder.iterdir() if child.name != "__MACOSX"]
    if len(children) == 1 and children[0].is_dir():
        return Code(str(children[0]), ())
    return Code(str(folder), ())


def _check_manifest(manifest: Path, python: AgentPython) -> None:
    try:
        content = json.loads(manifest.read_bytes())
        layout = int(content["format"])
        wanted, platform = str(content["pythonMinor"]), str(content["platform"])
    except (ValueError, KeyError, TypeError):
        raise CodeRefused(
            f"{_MANIFEST} of the bundle does not name format, pythonMinor and platform."
        ) from None
    # Written as wheel names write it: without hyphens and dots.
    here = python.platform.replace("-", "_").replace(".", "_")
    if layout != 1:
        raise CodeRefused(f"The bundle has format {layout}; this executor reads format 1.")
    if wanted != python.version:
        raise CodeRefused(
            f"The bundle was built for Python {wanted}; agents here run on {python.version}."
        )
    if platform not in ("any", here):
        raise CodeRefused(f"The bundle was built for {platform}; agents here run on {here}.")


def _make_readable(folder: Path) -> int:
    """Lets the sandbox's uid read everything; returns the bytes used."""
    total = 0
    folder.chmod(0o755)
    for directory, folders, files in os.walk(folder):
        for name in folders:
            Path(directory, name).chmod(0o755)
        for name in files:
            path = Path(directory, name)
            path.chmod(0o644)
            total += path.stat().st_size
    return total
