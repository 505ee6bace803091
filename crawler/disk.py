"""Writing so that a crash or a full disk leaves whole things behind."""

from __future__ import annotations

import os
from pathlib import Path


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

    def discard(self) -> None:
        """Take the file away: for one that could not even be begun."""
        os.close(self._descriptor)
        self.path.unlink()

    def close(self, final: Path | None = None) -> None:
        """On disk, then under its final name; the folder's entry is made to survive a power cut too."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        if final is not None:
            self.path.rename(final)
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace_file(path: Path, text: str) -> None:
    """A file that is there whole or, where the disk is full, as it was before. UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
