"""Writing so that a crash or a full disk leaves whole things behind."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class AppendFile:
    """A new file that grows by whole pieces. A piece that does not fit is cut off again, and OSError raised.

    The name must not exist: nothing is ever appended to an old file, where readers could miss all that
    stands behind a torn end.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.size = 0
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # goes with the process, however that ends

    def append(self, data: bytes) -> int:
        """Write all of ``data`` with one call (more only where the disk is nearly full); its offset."""
        offset, view = self.size, memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            os.ftruncate(self._descriptor, offset)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            raise
        self.size += len(data)
        return offset

    def sync(self) -> None:
        """What was appended so far outlives a power cut."""
        os.fdatasync(self._descriptor)

    def discard(self) -> None:
        """Take the file away: for one that could not even be begun."""
        os.close(self._descriptor)
        self.path.unlink()

    def close(self, final: Path | None = None) -> None:
        """On disk, then under its final name; the folder's entry is made to survive a power cut too."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        replace_name(self.path, final or self.path)


def replace_name(path: Path, final: Path) -> Path:
    """Give a file its final name, so that it survives a power cut. ValueError: that name is taken."""
    if final != path:
        if final.exists():
            raise ValueError(f"{final} exists: {path} keeps its name")
        path.rename(final)
    _sync_folder(final.parent)
    return final


def _sync_folder(folder: Path) -> None:
    """POSIX: a name is the folder's, not the file's."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_use(path: Path) -> bool:
    """True while the process that writes an AppendFile lives."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or, whatever happens in between, as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
        _sync_folder(path.parent)
    finally:
        new.unlink(missing_ok=True)


def replace_file(path: Path, text: str) -> None:
    """The same for a text at hand. UTF-8."""
    with replaced(path) as stream:
        stream.write(text.encode())


def give_to_owner(path: Path) -> None:
    """A file that root made in a folder of another user's is that user's: whoever looks after a server types
    as root now and then."""
    owner, made = path.parent.stat(), path.stat()
    if made.st_uid == os.geteuid() == 0 != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)


class Held(Exception):  # named for what happened
    """Another process holds it; the message says who."""


def hold(path: Path, who: str) -> int:
    """Take a lock for as long as this process lives, and say in the file who has it. Raises Held.

    The descriptor must be kept; the file stays, empty of meaning once nobody holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Held(path.read_text(encoding="utf-8").strip()) from None
    give_to_owner(path)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, who.encode() + b"\n")
    return descriptor


def holder(path: Path) -> str | None:
    """Who holds a lock, in that process's own words; None where nobody does."""
    return path.read_text(encoding="utf-8").strip() if path.exists() and in_use(path) else None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time, as long as it lives; the others wait."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """Room that is left where ``path`` lies or will lie."""
    return shutil.disk_usage(nearest_folder(path)).free


def nearest_folder(path: Path) -> Path:
    """The deepest part of a path that exists: where it will be made."""
    while not path.exists():
        path = path.parent
    return path
